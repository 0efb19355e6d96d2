import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { FileHandle } from "../../../src/windows/file.ts";
import { ADMINISTRATORS_FILE, parseSddl } from "../../../src/windows/sddl.ts";
import { fileSecurity } from "../../../src/windows/security.ts";
import { type EmbeddedDll, extractDll } from "../../../src/wintun/extract.ts";
import { locateWintun } from "../../../src/wintun/locate.ts";
import { LibraryRefusedError } from "../../../src/wintun/trust.ts";
import { isWindowsWorld } from "../libraries.ts";
import { folderTest, libraries, makeFile, makeFolder, signedBytes, tampered } from "./attacks.ts";

/** Everybody may do everything. */
const OPEN_TO_ALL = "D:P(A;OICI;FA;;;WD)(A;OICI;FA;;;BA)";

function embeddedIn(parent: string): EmbeddedDll & { readonly path: string } {
  const folder = join(parent, "wintun");
  const name = "wintun-0.14.1.dll";
  return { name, folder, path: join(folder, name), read: signedBytes };
}

/** Makes sure that extracting is refused, with that in the message, and that the way out is told. */
function assertRefused(embedded: EmbeddedDll & { readonly path: string }, reason: string): void {
  const error = assertThrows(() => extractDll(libraries, embedded), LibraryRefusedError, reason);
  assert(error.message.startsWith(`${embedded.path} is refused: `), error.message);
  assertStringIncludes(error.hint, "beside this program");
}

folderTest(
  "the embedded wintun.dll is written whole, to a folder and a file for administrators only",
  async (parent) => {
    const embedded = embeddedIn(parent);
    {
      using dll = await locateWintun(libraries, { beside: [], embedded });
      assertEquals([dll.path, dll.trust], [embedded.path, { kind: "pinned", version: "0.14.1" }]);
    }
    assertEquals(Array.from(Deno.readDirSync(embedded.folder), ({ name }) => name), [embedded.name]);
    for (const path of [embedded.folder, embedded.path]) {
      using file = FileHandle.look(libraries, path);
      const { owner, grants } = parseSddl(fileSecurity(libraries, file));
      if (!isWindowsWorld) assertEquals(owner, "BA"); // Wine knows one user, who is the owner of all
      for (const { trustee } of grants!) assert(["SY", "BA", owner].includes(trustee), `${path}: ${trustee}`);
    }
  },
);

folderTest("the embedded wintun.dll that was written before is used again", (parent) => {
  const embedded = embeddedIn(parent);
  const path = extractDll(libraries, embedded);
  const { mtime } = Deno.statSync(path);
  using _loaded = Deno.openSync(path, { read: true });
  assertEquals(extractDll(libraries, embedded), path);
  assertEquals(Deno.statSync(path).mtime, mtime);
});

folderTest(
  "the embedded wintun.dll is waited for while another process puts it in its place",
  async (parent) => {
    const embedded = embeddedIn(parent);
    const other = FileHandle.share(libraries, extractDll(libraries, embedded));
    const located = locateWintun(libraries, { beside: [], embedded });
    setTimeout(() => other.close(), 200);
    using dll = await located;
    assertEquals(dll.path, embedded.path);
  },
);

for (
  const [what, bytes] of Object.entries({
    "of other bytes": tampered,
    "cut off": () => signedBytes().slice(0, 1000),
  })
) {
  folderTest(`an embedded wintun.dll that is there ${what} is replaced`, (parent) => {
    const embedded = embeddedIn(parent);
    extractDll(libraries, embedded);
    Deno.removeSync(embedded.path);
    makeFile(embedded.path, ADMINISTRATORS_FILE, bytes());
    assertEquals(Deno.readFileSync(extractDll(libraries, embedded)), signedBytes());
  });
}

folderTest("no wintun.dll is written to a folder that was there and is open to others", (parent) => {
  const embedded = embeddedIn(parent);
  makeFolder(embedded.folder, OPEN_TO_ALL);
  assertRefused(embedded, "is open to everybody, not to administrators only");
  assertEquals([...Deno.readDirSync(embedded.folder)], []);
});

folderTest("no wintun.dll is written to a folder that anybody made as folders are made", (parent) => {
  const embedded = embeddedIn(parent);
  Deno.mkdirSync(embedded.folder);
  assertRefused(embedded, "cannot be written there");
});

folderTest("a wintun.dll in the protected folder that others can write is refused", (parent) => {
  const embedded = embeddedIn(parent);
  makeFolder(embedded.folder, ADMINISTRATORS_FILE);
  makeFile(embedded.path, OPEN_TO_ALL, signedBytes());
  assertRefused(embedded, "is open to everybody, not to administrators only");
});

folderTest("a file where the folder, and a folder where the file should be are refused", (parent) => {
  const embedded = embeddedIn(parent);
  Deno.writeTextFileSync(embedded.folder, "");
  assertRefused(embedded, "is a file, not a folder");
  Deno.removeSync(embedded.folder);
  makeFolder(embedded.folder, ADMINISTRATORS_FILE);
  makeFolder(embedded.path, ADMINISTRATORS_FILE);
  assertRefused(embedded, "is a folder, not a file");
});

for (const type of ["junction", "dir"] as const) {
  folderTest(
    `only on Windows: a ${type} link as the folder is refused, and nothing is written behind it`,
    (parent) => {
      const embedded = embeddedIn(parent);
      const target = join(parent, "target");
      makeFolder(target, ADMINISTRATORS_FILE);
      Deno.symlinkSync(target, embedded.folder, { type });
      assertRefused(embedded, "is a link, not a folder");
      assertEquals([...Deno.readDirSync(target)], []);
    },
    { ignore: isWindowsWorld },
  ); // Wine makes no links
}

folderTest("only on Windows: a link as the file is refused", (parent) => {
  const embedded = embeddedIn(parent);
  makeFolder(embedded.folder, ADMINISTRATORS_FILE);
  const target = join(parent, "target.dll");
  Deno.writeFileSync(target, signedBytes());
  Deno.symlinkSync(target, embedded.path, { type: "file" });
  assertRefused(embedded, "is a link, not a file");
}, { ignore: isWindowsWorld }); // Wine makes no links

folderTest(
  "only on Windows: a folder that this user owns, and not the administrators, is refused",
  async (parent) => {
    const embedded = embeddedIn(parent);
    const { stdout } = await new Deno.Command("whoami", { args: ["/user", "/fo", "csv", "/nh"] }).output();
    const sid = /S-1-[\d-]+/.exec(new TextDecoder().decode(stdout))![0];
    makeFolder(embedded.folder, `O:${sid}G:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)`);
    const error = await assertRejects(
      () => locateWintun(libraries, { beside: [], embedded }),
      LibraryRefusedError,
      "not to the administrators",
    );
    assertStringIncludes(error.message, "belongs to");
  },
  { ignore: isWindowsWorld },
); // Wine has one owner; tests/on_windows/from_linux has another
