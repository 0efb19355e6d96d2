import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { describeTrust, trustDll } from "../../../src/wintun/trust.ts";
import { emulatorPath, isWindowsWorld, signedPath } from "../libraries.ts";
import {
  assertRefused,
  folderTest,
  libraries,
  otherChecksum,
  otherPath,
  plant,
  signedBytes,
  tampered,
} from "./attacks.ts";

folderTest("the signed wintun.dll is trusted by its bytes, wherever it is", async (folder) => {
  const path = plant(folder, signedBytes());
  using dll = await trustDll(libraries, path);
  assertEquals([dll.path, dll.trust], [path, { kind: "pinned", version: "0.14.1" }]);
});

folderTest(
  "a wintun.dll of other bytes is trusted by the valid signature of WireGuard LLC",
  async (folder) => {
    using dll = await trustDll(libraries, plant(folder, otherChecksum()));
    assertEquals(dll.trust, { kind: "signed", signer: "WireGuard LLC" });
    assertEquals(describeTrust(dll.trust), "it is signed by WireGuard LLC");
  },
);

folderTest("a signed wintun.dll with one bit changed is refused as changed", async (folder) => {
  const { hint } = await assertRefused(plant(folder, tampered()), "the file was changed after it was signed");
  assertStringIncludes(hint, "wintun.net");
  assertStringIncludes(hint, "--trust-dll");
});

folderTest(
  "a wintun.dll with the bytes of its signature removed is refused as not signed",
  async (folder) => {
    const bytes = signedBytes();
    const view = new DataView(bytes.buffer);
    // The fifth entry of the data directories says where the certificates are.
    const entry = view.getUint32(0x3c, true) + 24 + 112 + 4 * 8;
    view.setBigUint64(entry, 0n, true);
    await assertRefused(plant(folder, bytes), "it is not signed");
  },
);

folderTest("a wintun.dll that is cut off is refused", async (folder) => {
  await assertRefused(plant(folder, signedBytes().subarray(0, 1000)), "the file is truncated");
  await assertRefused(plant(folder, signedBytes().subarray(0, 300_000)), "is refused");
  await assertRefused(plant(folder, new Uint8Array(0)), "it is not a DLL");
});

folderTest(
  "a wintun.dll for another processor is refused, and the right folder of the archive named",
  async (folder) => {
    const { hint } = await assertRefused(
      plant(folder, Deno.readFileSync(otherPath)),
      "and this program is for",
    );
    assertStringIncludes(hint, "bin/");
  },
);

folderTest("text and other programs are refused as no wintun.dll", async (folder) => {
  await assertRefused(plant(folder, new TextEncoder().encode("not a program\n")), "it is not a DLL");
  const windows = libraries.folder;
  await assertRefused(
    plant(folder, Deno.readFileSync(join(windows, "ping.exe"))),
    "it is a program, not a DLL",
  );
  await assertRefused(
    plant(folder, Deno.readFileSync(libraries.path("advapi32"))),
    "these functions are missing: WintunCreateAdapter",
  );
  await assertRefused(plant(folder, new Uint8Array(20_000_000)), "it has 20000000 bytes");
});

folderTest("a wintun.dll from before 0.14 is refused by that name", async (folder) => {
  const path = plant(folder, Deno.readFileSync("Z:\\world\\old_wintun.dll"));
  await assertRefused(path, "it is Wintun 0.9 to 0.13");
}, { ignore: !isWindowsWorld }); // built with mingw-w64

folderTest("a wintun.dll that nobody signed is refused, and trusted only when asked for", async (folder) => {
  const path = plant(folder, Deno.readFileSync(emulatorPath));
  await assertRefused(path, "it is not signed");
  using dll = await trustDll(libraries, path, { isAskedFor: true });
  assertEquals(dll.trust, { kind: "asked" });
}, { ignore: !isWindowsWorld }); // built with mingw-w64

folderTest(
  "what is not a file on a drive of this machine is refused without being opened",
  async (folder) => {
    plant(folder, signedBytes());
    const paths = [
      "\\\\server\\share\\wintun.dll",
      "//server/share/wintun.dll",
      "\\\\.\\pipe\\wintun.dll",
      "\\\\.\\NUL",
      `\\\\?\\${folder}\\wintun.dll`,
      "\\\\?\\GLOBALROOT\\Device\\Null",
    ];
    for (const path of paths) await assertRefused(path, "it is not on a drive of this machine");
  },
);

folderTest("a folder, a device and nothing at all are refused", async (folder) => {
  await assertRefused(folder, "it is a folder, not a file");
  await assertRefused(`${folder}\\missing.dll`, "there is no such file");
  await assertRefused(`${folder}\\missing\\wintun.dll`, "there is no such file");
  await assertRefused(`${folder}\\NUL`, "is refused");
});

folderTest("only on Windows: a stream within a file is refused", async (folder) => {
  const path = `${plant(folder, signedBytes())}:wintun.dll`;
  Deno.writeFileSync(path, signedBytes());
  await assertRefused(path, "it is not on a drive of this machine");
}, { ignore: isWindowsWorld }); // Wine's file systems have no streams

folderTest(
  "only on Windows: through a link, the file that was checked is the one that is named",
  async (folder) => {
    const path = join(folder, "link.dll");
    Deno.symlinkSync(signedPath, path, { type: "file" });
    using dll = await trustDll(libraries, path);
    assertEquals(dll.path.toLowerCase(), signedPath.toLowerCase());
  },
  { ignore: isWindowsWorld },
); // Wine makes no symbolic links

folderTest(
  "a trusted wintun.dll cannot be written, replaced, renamed or deleted until it is let go",
  async (folder) => {
    const path = plant(folder, signedBytes());
    const planted = join(folder, "planted.dll");
    Deno.writeFileSync(planted, tampered());
    const attacks: Record<string, () => void> = {
      write: () => Deno.openSync(path, { write: true }).close(),
      truncate: () => Deno.truncateSync(path, 100),
      overwrite: () => Deno.copyFileSync(planted, path),
      replace: () => Deno.renameSync(planted, path),
      rename: () => Deno.renameSync(path, join(folder, "away.dll")),
      delete: () => Deno.removeSync(path),
    };
    {
      using _dll = await trustDll(libraries, path);
      for (const [name, attack] of Object.entries(attacks)) {
        const error = assertThrows(attack, Error, undefined, name);
        // 5 and 32: denied, or in use.
        assert(/os error (5|32)\b/.test(error.message), `${name}: ${error.message}`);
      }
      assertEquals(Deno.readFileSync(path), signedBytes());
    }
    attacks.replace();
    await assertRefused(path, "the file was changed after it was signed");
  },
);

folderTest("a refused wintun.dll is let go at once", async (folder) => {
  const path = plant(folder, tampered());
  await assertRefused(path, "the file was changed");
  Deno.removeSync(path);
});

folderTest("a wintun.dll that a program has open for writing is refused", async (folder) => {
  const path = plant(folder, signedBytes());
  using _file = Deno.openSync(path, { write: true });
  await assertRefused(path, "another program has it open and could change it");
});
