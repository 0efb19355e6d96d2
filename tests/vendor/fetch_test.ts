import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import release from "../../vendor/wintun/release.json" with { type: "json" };
import {
  type Architecture,
  npmSource,
  type PinnedFiles,
  sha256Hex,
  type Source,
  SourceError,
  vendor,
  zipSource,
} from "../../vendor/fetch.ts";
import { zip } from "./archives.ts";

const AMD64 = new TextEncoder().encode("stands in for the amd64 DLL");
const ARM64 = new TextEncoder().encode("stands in for the arm64 DLL");
const PATHS = { amd64: "wintun/bin/amd64/wintun.dll", arm64: "wintun/bin/arm64/wintun.dll" };
const FILES: PinnedFiles = {
  amd64: { sha256: await sha256Hex(AMD64) },
  arm64: { sha256: await sha256Hex(ARM64) },
};

/** Runs `body` on an empty folder, and gives it a log to look at. */
async function inFolder(body: (folder: string, lines: string[]) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "wintun-test-" });
  try {
    await body(folder, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Serves `respond` on loopback while `body` runs. */
async function serving(
  respond: () => Response | Promise<Response>,
  body: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, respond);
  try {
    await body(`http://127.0.0.1:${server.addr.port}/builds/wintun.zip`);
  } finally {
    await server.shutdown();
  }
}

function officialZip(
  amd64: Uint8Array<ArrayBuffer>,
  arm64: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return zip([
    { path: "wintun/README.md", bytes: AMD64, deflate: true },
    { path: PATHS.amd64, bytes: amd64, deflate: true },
    { path: PATHS.arm64, bytes: arm64, deflate: false },
  ]);
}

function tampered(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  copy[copy.length - 1] ^= 1;
  return copy;
}

function sourceOf(bytes: Record<Architecture, Uint8Array<ArrayBuffer>>): Source & { reads: number } {
  return {
    description: "a source in memory",
    reads: 0,
    read(wanted): Promise<Map<Architecture, Uint8Array<ArrayBuffer>>> {
      this.reads++;
      return Promise.resolve(new Map(wanted.map((architecture) => [architecture, bytes[architecture]])));
    },
  };
}

function names(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), (entry) => entry.name).sort();
}

Deno.test("vendor() puts both DLLs in place from the official archive", async () => {
  const archive = await officialZip(AMD64, ARM64);
  await serving(() => new Response(archive), (url) =>
    inFolder(async (folder, lines) => {
      assert(
        await vendor(FILES, folder, [zipSource(url, PATHS)], (line) => lines.push(line)),
        lines.join("\n"),
      );
      assertEquals(names(folder), ["wintun-amd64.dll", "wintun-arm64.dll"]);
      assertEquals(await Deno.readFile(join(folder, "wintun-amd64.dll")), AMD64);
      assertEquals(await Deno.readFile(join(folder, "wintun-arm64.dll")), ARM64);
    }));
});

Deno.test("vendor() asks no source when both DLLs are there and right", async () => {
  await inFolder(async (folder, lines) => {
    const source = sourceOf({ amd64: AMD64, arm64: ARM64 });
    assert(await vendor(FILES, folder, [source], () => {}));
    const before = Deno.statSync(join(folder, "wintun-amd64.dll"));
    assert(await vendor(FILES, folder, [source], (line) => lines.push(line)));
    assertEquals(source.reads, 1);
    assertEquals(Deno.statSync(join(folder, "wintun-amd64.dll")).mtime, before.mtime);
    assertEquals(lines.filter((line) => line.includes("present, SHA-256 verified")).length, 2);
  });
});

Deno.test("vendor() refuses a DLL with one wrong byte and leaves nothing of it behind", async () => {
  const archive = await officialZip(tampered(AMD64), ARM64);
  await serving(() => new Response(archive), (url) =>
    inFolder(async (folder, lines) => {
      assertEquals(await vendor(FILES, folder, [zipSource(url, PATHS)], (line) => lines.push(line)), false);
      assertEquals(names(folder), ["wintun-arm64.dll"]);
      assertStringIncludes(lines.join("\n"), `wintun-amd64.dll: refused from ${url}`);
    }));
});

Deno.test("vendor() takes from the next source what the first has wrong", async () => {
  await inFolder(async (folder) => {
    const wrong = sourceOf({ amd64: tampered(AMD64), arm64: ARM64 });
    const right = sourceOf({ amd64: AMD64, arm64: tampered(ARM64) });
    assert(await vendor(FILES, folder, [wrong, right], () => {}));
    assertEquals(await Deno.readFile(join(folder, "wintun-amd64.dll")), AMD64);
    assertEquals(await Deno.readFile(join(folder, "wintun-arm64.dll")), ARM64);
  });
});

Deno.test("vendor() removes a wrong DLL that is there, even when no source can replace it", async () => {
  await inFolder(async (folder, lines) => {
    await Deno.writeFile(join(folder, "wintun-amd64.dll"), tampered(AMD64));
    await Deno.writeFile(join(folder, "wintun-arm64.dll"), ARM64);
    assertEquals(await vendor(FILES, folder, [], (line) => lines.push(line)), false);
    assertEquals(names(folder), ["wintun-arm64.dll"]);
    assertMatch(
      lines.join("\n"),
      /wintun-amd64\.dll: removed, its SHA-256 is [0-9a-f]{64}, pinned is [0-9a-f]{64}/,
    );
  });
});

Deno.test("vendor() passes over a server that answers an error, no archive, or an archive without the DLLs", async () => {
  const without = await zip([{ path: "wintun/README.md", bytes: AMD64, deflate: true }]);
  const answers: [() => Response, string][] = [
    [
      () => new Response("gone", { status: 404, statusText: "Not Found" }),
      "the server answers 404 Not Found",
    ],
    [() => new Response("<html>a login page</html>"), "the archive is damaged"],
    [() => new Response(without), "has no file wintun/bin/amd64/wintun.dll"],
  ];
  for (const [answer, reason] of answers) {
    await serving(answer, (url) =>
      inFolder(async (folder, lines) => {
        const sources = [zipSource(url, PATHS), sourceOf({ amd64: AMD64, arm64: ARM64 })];
        assert(await vendor(FILES, folder, sources, (line) => lines.push(line)));
        assertStringIncludes(lines.join("\n"), reason);
        assertEquals(names(folder).length, 2);
      }));
  }
});

Deno.test("zipSource() gives up on a server that does not answer in time", async () => {
  const { promise: never, resolve: answer } = Promise.withResolvers<Response>();
  await serving(() => never, async (url) => {
    const error = await zipSource(url, PATHS, 50).read(["amd64"]).then(() => undefined, (error) => error);
    answer(new Response());
    assert(error instanceof SourceError, `${error}`);
    assertEquals(error.message, "no answer in 0.05 s");
  });
});

Deno.test("zipSource() says why a server cannot be reached", async () => {
  // A port that was free a moment ago refuses connections.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/`;
  listener.close();
  const error = await zipSource(url, PATHS).read(["amd64"]).then(() => undefined, (error) => error);
  assert(error instanceof SourceError, `${error}`);
  assertMatch(error.message, /refused|connect/i);
});

Deno.test("npmSource() reads the DLLs out of a package and removes what npm wrote", async () => {
  await inFolder(async (folder) => {
    const package_ = join(folder, "copy");
    await Deno.mkdir(join(package_, "dll"), { recursive: true });
    await Deno.writeTextFile(
      join(package_, "package.json"),
      JSON.stringify({ name: "copy", version: "1.0.0" }),
    );
    await Deno.writeFile(join(package_, "dll", "amd64.dll"), AMD64);
    await Deno.writeFile(join(package_, "dll", "arm64.dll"), ARM64);
    const source = npmSource(package_, { amd64: "package/dll/amd64.dll", arm64: "package/dll/arm64.dll" });
    assertEquals(await source.read(["arm64"]), new Map([["arm64", ARM64]]));
    assertEquals(names(folder), ["copy"]);
  });
});

Deno.test("npmSource() reports a package that npm does not find", async () => {
  const source = npmSource(join(fromFileUrl(import.meta.url), "missing"), PATHS);
  const error = await source.read(["amd64"]).then(() => undefined, (error) => error);
  assert(error instanceof SourceError, `${error}`);
  assertMatch(error.message, /^npm pack ended with \d+/);
});

Deno.test("release.json pins a SHA-256 and a path in every source for each architecture", () => {
  for (const architecture of ["amd64", "arm64"] as const) {
    assertMatch(release.files[architecture].sha256, /^[0-9a-f]{64}$/);
    assertMatch(release.sources.official.paths[architecture], new RegExp(`${architecture}.*\\.dll$`));
    assertMatch(release.sources.npm.paths[architecture], new RegExp(`${architecture}.*\\.dll$`));
  }
  assertStringIncludes(release.sources.official.url, release.version);
});
