/** The packages for Windows, as `deno task build` makes them. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { basename, fromFileUrl, join } from "@std/path";
import project from "../../../deno.json" with { type: "json" };
import { WORKERS } from "../../../.build/bundle.ts";
import { readPeImage } from "../../../src/windows/pe.ts";
import { PINNED_RELEASES, wintunGeneration } from "../../../src/wintun/releases.ts";
import { readZipFile } from "../../../vendor/archive.ts";
import { sha256Hex } from "../../../vendor/fetch.ts";
import { COMPILING_DENO_VERSION } from "../../deno_versions.ts";
import { run } from "../../e2e/network_namespace.ts";
import { dependentLoadFlags, importsOf, resourcesOf } from "../image.ts";
import { windowsBaseBinary } from "./base_binaries.ts";
import { faultsOfBill } from "./bill_schema.ts";
import { compilingDeno } from "./compiling_deno.ts";

const PROJECT = fromFileUrl(new URL("../../../", import.meta.url));
const BUILD = ".build/main.ts";
/** What a build reads of the project. */
const SOURCES = ["src", "vendor", ".build", "deno.json", "deno.lock", "LICENSE"];
const PACKAGE = `wintun-${project.version}-windows-x64`;
/** DLLs that Windows always takes from its own folder: the registry's KnownDLLs of Windows 10, and ntdll.dll. */
const KNOWN_DLL =
  /^(advapi32|combase|gdi32|kernel32|ntdll|ole32|oleaut32|psapi|setupapi|shell32|user32|ws2_32)\.dll$/;
const MAX_BYTES = 512 * 1024 * 1024;
const canBuild = Deno.build.os !== "windows";

function build(
  args: string[],
  base: string,
  { project = PROJECT, env = {} }: { project?: string; env?: Record<string, string> } = {},
): Promise<{ code: number; output: string }> {
  return compilingDeno(["run", "-A", join(project, BUILD), ...args], base, env);
}

/** Builds by the Deno that runs this. */
async function buildHere(
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(PROJECT, BUILD), ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
}

function lines(sums: string): string[][] {
  return sums.trim().split("\n").map((line) => line.split("  "));
}

Deno.test({ name: `deno task build (Deno ${COMPILING_DENO_VERSION})`, ignore: !canBuild }, async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "wintun-test-" });
  const first = join(folder, "first");
  const base = await windowsBaseBinary();
  const read = (name: string): Promise<Uint8Array<ArrayBuffer>> => Deno.readFile(join(first, name));
  const readText = (name: string): Promise<string> => Deno.readTextFile(join(first, name));
  try {
    await test.step("builds what the base binary is for", async () => {
      const { code, output } = await build(["--output", first], base);
      assertEquals(code, 0, output);
      // deno-lint-ignore no-console -- the report of the tests has the sizes and hashes of what they built
      console.log(`base binary: SHA-256 ${await sha256Hex(await Deno.readFile(base))}\n${output}`);
      assertEquals(namesIn(first), [
        "SHA256SUMS",
        "winget",
        `${PACKAGE}.cdx.json`,
        `${PACKAGE}.zip`,
        "wintun.json",
      ]);
    });

    const clone = join(folder, "clone");
    await Deno.mkdir(clone);
    await run("cp", ["-r", ...SOURCES.map((path) => join(PROJECT, path)), clone]);

    await test.step("leaves the folder of the files as it was when it fails", async () => {
      await Deno.mkdir(join(clone, "dist"));
      await Deno.writeTextFile(join(clone, "dist", "old"), "");
      const { code, output } = await build(["--sign", "/bin/false"], base, { project: clone });
      assertEquals(code, 1, output);
      assertMatch(output, /Cannot sign wintun\.exe: \/bin\/false ended with code 1\.\n$/);
      assertEquals(namesIn(clone), [...SOURCES, "dist"].sort());
      assertEquals(namesIn(join(clone, "dist")), ["old"]);
    });

    await test.step("gives the same bytes from another clone, in the place of what was there", async () => {
      const { code, output } = await build(["--arch", "x64"], base, { project: clone });
      assertEquals(code, 0, output);
      for (const name of namesIn(first).filter((name) => name !== "winget")) {
        assertEquals(await Deno.readFile(join(clone, "dist", name)), await read(name), name);
      }
      assertEquals(namesIn(join(clone, "dist")), namesIn(first));
      assertEquals(namesIn(clone), [...SOURCES, "dist"].sort());
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

    await test.step("packs the executable, the signed DLL, the licences and the manifest for DSC, each with its hash", async () => {
      const archive = await read(`${PACKAGE}.zip`);
      const sums = lines(new TextDecoder().decode(await readZipFile(archive, "SHA256SUMS", MAX_BYTES)));
      assertEquals(sums.map(([, name]) => name), [
        "wintun.exe",
        "wintun.dll",
        "LICENSE.txt",
        "LICENSE-wintun.txt",
        "LICENSE-deno.txt",
        "LICENSE-v8.txt",
        "wintun.dsc.resource.json",
      ]);
      for (const [sum, name] of sums) {
        assertEquals(await sha256Hex(await readZipFile(archive, name, MAX_BYTES)), sum, name);
      }
      const bill = JSON.parse(await readText(`${PACKAGE}.cdx.json`));
      assertEquals(bill.metadata.component.hashes[0].content, sums[0][0]);
      assertEquals(bill.components[0].hashes[0].content, sums[1][0]);
      const names = bill.components.map(({ name }: { name: string }) => name);
      assertEquals(names, ["wintun.dll", "deno-std", "deno", "v8"], "no package of the build");
      assertEquals(bill.components[2].version, COMPILING_DENO_VERSION);
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
      const list = new TextDecoder("latin1").decode(embedded);
      // Deno's list of the embedded files, folders first.
      const names = Array.from(list.matchAll(/"n":"([^"]+)"/g), ([, name]) => name);
      const parts = ["main", "on_demand", "chunk"];
      const scripts = [...WORKERS.map((path) => basename(path, ".ts")), ...parts].sort();
      const schemas = Array.from(Deno.readDirSync(join(PROJECT, "src", "schemas")), ({ name }) => name)
        .sort();
      assertEquals(names, [
        ...["src", "bundle", ...scripts.flatMap((name) => [`${name}.js`, `${name}.js.map`])],
        ...["schemas", ...schemas],
        ...["vendor", "wintun", "wintun-amd64.dll"],
      ]);
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

    await test.step("imports known DLLs of Windows, and those that SECURITY.md names", async () => {
      const executable = await readZipFile(await read(`${PACKAGE}.zip`), "wintun.exe", MAX_BYTES);
      const security = await Deno.readTextFile(join(PROJECT, ".github", "SECURITY.md"));
      const others = importsOf(executable).filter((name) =>
        !KNOWN_DLL.test(name) && !name.startsWith("api-ms-")
      );
      assert(others.length > 0);
      assertEquals(others.filter((name) => !security.includes(name)), []);
    });

    await test.step("signs the executable before it is packed and hashed", async () => {
      const { password, certificate, root } = await makeCertificate(folder);
      const env = { SIGNING_CERTIFICATE: certificate, SIGNING_PASSWORD: password };
      const signed = join(folder, "signed");
      const { code, output } = await build(["--output", signed, "--sign", ".ci/sign"], base, { env });
      assertEquals(code, 0, output);
      const archive = await Deno.readFile(join(signed, `${PACKAGE}.zip`));
      const executable = await readZipFile(archive, "wintun.exe", MAX_BYTES);
      const bill = JSON.parse(await Deno.readTextFile(join(signed, `${PACKAGE}.cdx.json`)));
      assertEquals(bill.metadata.component.hashes[0].content, await sha256Hex(executable));
      const path = join(folder, "signed.exe");
      await Deno.writeFile(path, executable);
      await run("osslsigncode", ["verify", "-CAfile", root, "-in", path]);
      // Whoever compares it with a build of their own takes the signature off.
      const bare = join(folder, "bare.exe");
      await run("osslsigncode", ["remove-signature", "-in", path, "-out", bare]);
      const unsigned = await readZipFile(await read(`${PACKAGE}.zip`), "wintun.exe", MAX_BYTES);
      assertEquals(await sha256Hex(await Deno.readFile(bare)), await sha256Hex(unsigned));
    });

    await test.step("refuses a base binary for another architecture or of another Deno, and a file that is none", async () => {
      const refusals: [{ code: number; output: string }, string][] = [
        [
          await build(["--output", join(folder, "none"), "--arch", "arm64"], base),
          `Cannot use DENORT_BIN=${base}: it is for amd64, wanted is arm64`,
        ],
        [
          await buildHere(["--output", join(folder, "none")], { DENORT_BIN: base }),
          `Cannot use DENORT_BIN=${base}: it is of Deno ${COMPILING_DENO_VERSION}, and this is Deno ${Deno.version.deno}`,
        ],
        [
          await build(["--output", join(folder, "none")], join(PROJECT, BUILD)),
          `Cannot use DENORT_BIN=${join(PROJECT, BUILD)}: the file is not a Windows executable`,
        ],
      ];
      for (const [{ code, output }, message] of refusals) {
        assertEquals(code, 1);
        assertStringIncludes(output, message);
      }
      assertEquals(namesIn(folder).includes("none"), false);
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

/** Makes a certificate for signing code that certifies itself. */
async function makeCertificate(
  folder: string,
): Promise<{ certificate: string; password: string; root: string }> {
  const [key, root, bundle] = ["key.pem", "certificate.pem", "certificate.p12"].map((name) =>
    join(folder, name)
  );
  const password = "a password";
  await run("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "2", "-subj", "/CN=A test"],
    ...["-addext", "extendedKeyUsage=codeSigning", "-addext", "keyUsage=digitalSignature"],
    ...["-keyout", key, "-out", root],
  ]);
  await run("openssl", [
    ...["pkcs12", "-export", "-inkey", key, "-in", root, "-out", bundle, "-passout", `pass:${password}`],
  ]);
  return { certificate: (await Deno.readFile(bundle)).toBase64(), password, root };
}

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
