/** The packages for Windows, as `deno task build` makes them. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import project from "../../../deno.json" with { type: "json" };
import { readPeImage } from "../../../src/windows/pe.ts";
import { PINNED_RELEASES, wintunGeneration } from "../../../src/wintun/releases.ts";
import { readZipFile } from "../../../vendor/archive.ts";
import { sha256Hex } from "../../../vendor/fetch.ts";
import { COMPILING_DENO_VERSION } from "../../deno_versions.ts";
import { dependentLoadFlags, resourcesOf } from "../image.ts";
import { windowsBaseBinary } from "./base_binaries.ts";
import { faultsOfBill } from "./bill_schema.ts";
import { compilingDeno } from "./compiling_deno.ts";

const BUILD = fromFileUrl(new URL("../../../.build/main.ts", import.meta.url));
const PACKAGE = `wintun-${project.version}-windows-x64`;
const MAX_BYTES = 512 * 1024 * 1024;
const canBuild = Deno.build.os !== "windows";

async function build(args: string[], base: string): Promise<{ code: number; output: string }> {
  return await compilingDeno(["run", "-A", BUILD, ...args], base);
}

/** Builds by the Deno that runs this. */
async function buildHere(
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", BUILD, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

function lines(sums: string): string[][] {
  return sums.trim().split("\n").map((line) => line.split("  "));
}

Deno.test({ name: `deno task build (Deno ${COMPILING_DENO_VERSION})`, ignore: !canBuild }, async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "wintun-test-" });
  const first = join(folder, "first");
  const second = join(folder, "second");
  const base = await windowsBaseBinary();
  const read = (name: string): Promise<Uint8Array<ArrayBuffer>> => Deno.readFile(join(first, name));
  const readText = (name: string): Promise<string> => Deno.readTextFile(join(first, name));
  try {
    await test.step("builds what the base binary is for", async () => {
      const { code, output } = await build(["--output", first], base);
      assertEquals(code, 0, output);
      assertEquals(Array.from(Deno.readDirSync(first), ({ name }) => name).sort(), [
        "SHA256SUMS",
        "winget",
        `${PACKAGE}.cdx.json`,
        `${PACKAGE}.zip`,
        "wintun.json",
      ]);
    });

    await test.step("gives the same bytes again", async () => {
      const { code, output } = await build(["--output", second, "--arch", "x64"], base);
      assertEquals(code, 0, output);
      assertEquals(await Deno.readTextFile(join(second, "SHA256SUMS")), await readText("SHA256SUMS"));
    });

    await test.step("tells the true hashes everywhere", async () => {
      const sums = lines(await readText("SHA256SUMS"));
      assertEquals(sums.map(([, name]) => name), [`${PACKAGE}.cdx.json`, `${PACKAGE}.zip`]);
      for (const [sum, name] of sums) assertEquals(await sha256Hex(await read(name)), sum, name);
      const archiveSum = sums[1][0];
      assertEquals(JSON.parse(await readText("wintun.json")).architecture["64bit"].hash, archiveSum);
      const installer = await readText("winget/WintunCommandLine.Wintun.installer.yaml");
      assertStringIncludes(installer, `InstallerSha256: ${archiveSum.toUpperCase()}`);
    });

    await test.step("packs the executable, the signed DLL and the licences, each with its hash", async () => {
      const archive = await read(`${PACKAGE}.zip`);
      const sums = lines(new TextDecoder().decode(await readZipFile(archive, "SHA256SUMS", MAX_BYTES)));
      assertEquals(sums.map(([, name]) => name), [
        "wintun.exe",
        "wintun.dll",
        "LICENSE.txt",
        "LICENSE-wintun.txt",
        "LICENSE-deno.txt",
        "LICENSE-v8.txt",
      ]);
      for (const [sum, name] of sums) {
        assertEquals(await sha256Hex(await readZipFile(archive, name, MAX_BYTES)), sum, name);
      }
      const bill = JSON.parse(await readText(`${PACKAGE}.cdx.json`));
      assertEquals(bill.metadata.component.hashes[0].content, sums[0][0]);
      assertEquals(bill.components[0].hashes[0].content, sums[1][0]);
      const names = bill.components.map(({ name }: { name: string }) => name);
      assertEquals(names, ["wintun.dll", "deno-std", "deno", "v8"], "no package of the build");
    });

    await test.step("writes a bill of materials by the schema of CycloneDX, which would refuse another licence", async () => {
      const bill = JSON.parse(await readText(`${PACKAGE}.cdx.json`));
      assertEquals(await faultsOfBill(bill), []);
      bill.metadata.component.licenses[0].license.id = "NONE-OF-SPDX";
      assert((await faultsOfBill(bill)).length > 0);
    });

    await test.step("ships the pinned DLL with the exports of Wintun 0.14", async () => {
      const dll = await readZipFile(await read(`${PACKAGE}.zip`), "wintun.dll", MAX_BYTES);
      assertEquals(await sha256Hex(dll), PINNED_RELEASES[0].sha256);
      const { architecture, isDll, exportNames } = readPeImage(dll);
      assertEquals([architecture, isDll, exportNames.length], ["amd64", true, 14]);
      assertEquals(wintunGeneration(exportNames), "0.14");
    });

    await test.step("makes an unsigned executable with icon, version, program and DLL inside", async () => {
      const archive = await read(`${PACKAGE}.zip`);
      const executable = await readZipFile(archive, "wintun.exe", MAX_BYTES);
      const dll = await readZipFile(archive, "wintun.dll", MAX_BYTES);
      assertEquals(readPeImage(executable).architecture, "amd64");
      const optionalHeader = new DataView(executable.buffer).getUint32(0x3c, true) + 24;
      const security = new DataView(executable.buffer).getBigUint64(optionalHeader + 144, true);
      assertEquals(security, 0n, "no signature of the base binary");

      const resources = resourcesOf(executable);
      const ofType = (type: number): Uint8Array[] =>
        resources.filter(([[id]]) => id === type).map(([, bytes]) => bytes);
      assert(ofType(3).length > 1, "pictures of several sizes");
      assertEquals(ofType(14).length, 1, "an icon");
      const [version] = ofType(16);
      const text = new TextDecoder("utf-16le").decode(version);
      assertMatch(text, /FileDescription\0+Make, serve and remove Wintun network adapters/);
      assertMatch(text, new RegExp(`ProductVersion\0+${RegExp.escape(project.version)}\0`));
      const [embedded] = ofType(10);
      assert(contains(embedded, dll), "the DLL, whole");
      assert(contains(embedded, new TextEncoder().encode('"n":"logger_worker.js"')), "the workers");
      assert(contains(embedded, new TextEncoder().encode('"prompt":false')), "the permissions");
    });

    await test.step("makes an executable that Windows protects before its first statement", async () => {
      const executable = await readZipFile(await read(`${PACKAGE}.zip`), "wintun.exe", MAX_BYTES);
      assertEquals(dependentLoadFlags(executable), 0x800, "imports come from System32 only");
      const [manifest, ...others] = resourcesOf(executable).filter(([[type]]) => type === 24);
      assertEquals([manifest[0], others], [[24, 1, 0x409], []]);
      assertStringIncludes(
        new TextDecoder().decode(manifest[1]),
        '<requestedExecutionLevel level="asInvoker" uiAccess="false"/>',
      );
    });

    await test.step("refuses a base binary for another architecture, and a file that is none", async () => {
      // Deno 2.6 cannot compile for arm64.
      const other = await buildHere(["--output", join(folder, "other"), "--arch", "arm64"], {
        DENORT_BIN: base,
      });
      assertEquals(other.code, 1);
      assertStringIncludes(other.output, "the base binary is for amd64, wanted is arm64");
      const none = await build(["--output", join(folder, "none")], BUILD);
      assertEquals(none.code, 1);
      assertStringIncludes(
        none.output,
        `Cannot use DENORT_BIN=${BUILD}: the file is not a Windows executable`,
      );
    });

    await test.step("says which base binary is missing where it cannot be downloaded, and names DENORT_BIN", async () => {
      const { code, output } = await buildHere(
        ["--output", join(folder, "offline")],
        await unreachableServer(folder),
      );
      assertEquals(code, 1, output);
      assertMatch(
        output,
        /Cannot compile for x86_64-pc-windows-msvc: the base binary of Deno .* could not be downloaded/,
      );
      assertMatch(output, /set DENORT_BIN to the path of that binary\.\n$/);
    });

    await test.step("refuses to build into a folder that has something in it", async () => {
      const { code, output } = await build(["--output", first], base);
      assertEquals(code, 2);
      assertStringIncludes(output, `${first} is not empty`);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** An environment in which npm packages can be had, but nothing of Deno's server, from cache or network. */
async function unreachableServer(folder: string): Promise<Record<string, string>> {
  const npm = await new Deno.Command("npm", { args: ["config", "get", "registry"], stdin: "null" }).output();
  const registry = new URL(new TextDecoder().decode(npm.stdout).trim());
  return {
    DENO_DIR: join(folder, "deno"),
    DENORT_BIN: "",
    HTTPS_PROXY: "http://127.0.0.1:9",
    NO_PROXY: registry.hostname,
  };
}

function contains(whole: Uint8Array, part: Uint8Array): boolean {
  for (let at = whole.indexOf(part[0]); at >= 0; at = whole.indexOf(part[0], at + 1)) {
    let length = 1;
    while (length < part.length && whole[at + length] === part[length]) length++;
    if (length === part.length) return true;
  }
  return false;
}
