import { Validator } from "@cfworker/json-schema";
import { assert, assertEquals, assertMatch } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { dscManifest } from "../../.build/dsc_manifest.ts";
import { scoopManifest, wingetManifests } from "../../.build/manifests.ts";
import type { Architecture } from "../../.build/product.ts";
import { billOfMaterials, packagesAmong } from "../../.build/sbom.ts";

const X64_HASH = "a".repeat(64);
const ARM64_HASH = "b".repeat(64);
const RUNTIME = { deno: "2.3.4", v8: "14.5" };
const RELEASE = {
  url: "https://example.org/v1",
  homepage: "https://example.org",
  archives: new Map<Architecture, string>([["x64", X64_HASH], ["arm64", ARM64_HASH]]),
};
const X64_URL = `https://example.org/v1/wintun-${project.version}-windows-x64.zip`;
const ARM64_URL = `https://example.org/v1/wintun-${project.version}-windows-arm64.zip`;

Deno.test("scoopManifest() gives address and hash of each architecture under scoop's names", () => {
  const manifest = JSON.parse(scoopManifest(RELEASE));
  assertEquals(manifest.version, project.version);
  assertEquals(manifest.bin, "wintun.exe");
  assertEquals(manifest.architecture, {
    "64bit": { url: X64_URL, hash: X64_HASH },
    arm64: { url: ARM64_URL, hash: ARM64_HASH },
  });
});

Deno.test("dscManifest() names every verb of the program, and a schema that needs no other file", () => {
  const { schema: { embedded }, set, whatIf, ...manifest } = JSON.parse(dscManifest());
  const verbs = [set, whatIf, manifest.get, manifest.test, manifest.delete, manifest.export];
  assertEquals(verbs.map(({ executable, args: [dsc, verb] }) => `${executable} ${dsc} ${verb}`), [
    "wintun dsc set",
    "wintun dsc what-if",
    "wintun dsc get",
    "wintun dsc test",
    "wintun dsc delete",
    "wintun dsc export",
  ]);
  const references = Array.from(JSON.stringify(embedded).matchAll(/"\$ref":"([^"]+)"/g), ([, name]) => name);
  assert(references.length > 0 && references.every((name) => name.startsWith("#/$defs/")), `${references}`);
  const validator = new Validator(embedded, "2020-12");
  assert(validator.validate({ name: "lab", _exist: true, _inDesiredState: false, mtu: 1400 }).valid);
  for (const wrong of [{ _exist: true }, { name: "lab", _exist: "yes" }, { name: "lab", address: [] }]) {
    assert(!validator.validate(wrong).valid, JSON.stringify(wrong));
  }
});

Deno.test("wingetManifests() gives three files that name the same package and version", () => {
  const files = wingetManifests(RELEASE);
  assertEquals([...files.keys()], [
    "WintunCommandLine.Wintun.yaml",
    "WintunCommandLine.Wintun.installer.yaml",
    "WintunCommandLine.Wintun.locale.en-US.yaml",
  ]);
  for (const [name, text] of files) {
    assertMatch(text, /^PackageIdentifier: WintunCommandLine\.Wintun$/m, name);
    assertMatch(text, new RegExp(`^PackageVersion: ${RegExp.escape(project.version)}$`, "m"), name);
  }
});

Deno.test("wingetManifests() gives address and hash of each architecture, and puts the folder on the path", () => {
  const installer = wingetManifests(RELEASE).get("WintunCommandLine.Wintun.installer.yaml")!;
  const lines = installer.split("\n");
  const x64 = lines.indexOf("- Architecture: x64");
  assertEquals(lines.slice(x64, x64 + 6), [
    "- Architecture: x64",
    `  InstallerUrl: ${X64_URL}`,
    `  InstallerSha256: ${X64_HASH.toUpperCase()}`,
    "- Architecture: arm64",
    `  InstallerUrl: ${ARM64_URL}`,
    `  InstallerSha256: ${ARM64_HASH.toUpperCase()}`,
  ]);
  assert(lines.includes("ArchiveBinariesDependOnPath: true"));
});

Deno.test("billOfMaterials() lists the DLL of the architecture, every locked package and the runtime, by hash or version", () => {
  const integrity = `sha512-${btoa("\x00\xff".repeat(32))}`;
  const bill = JSON.parse(
    billOfMaterials("arm64", X64_HASH, RUNTIME, { "@scope/name@1.2.3": { integrity } }),
  );
  assertEquals(bill.metadata.component.version, project.version);
  assertEquals(bill.metadata.component.hashes, [{ alg: "SHA-256", content: X64_HASH }]);
  const [dll, library, deno, v8] = bill.components;
  assertEquals(dll.hashes[0].content, "f7ba89005544be9d85231a9e0d5f23b2d15b3311667e2dad0debd344918a3f80");
  assertEquals([library.name, library.version, library.purl], [
    "@scope/name",
    "1.2.3",
    "pkg:npm/%40scope/name@1.2.3",
  ]);
  assertEquals(library.hashes, [{ alg: "SHA-512", content: "00ff".repeat(32) }]);
  assertEquals([deno.version, v8.version], ["2.3.4", "14.5"]);
  assertEquals(
    bill.dependencies[0].dependsOn,
    bill.components.map((one: { "bom-ref": string }) => one["bom-ref"]),
  );
});

Deno.test("packagesAmong() leaves out what no file of the program is from", () => {
  const integrity = "sha512-";
  const packages = {
    "@scope/name@1.2.3": { integrity },
    "name@1.2.3": { integrity },
    "tool@1.0.0": { integrity },
  };
  const sources = ["../main.ts", "npm/@scope/name/1.2.3/mod.js"];
  assertEquals(Object.keys(packagesAmong(packages, sources)), ["@scope/name@1.2.3"]);
  assertEquals(packagesAmong(packages, ["npm/name/1.2.4/mod.js", "../name/1.2.3/mod.js"]), {});
});

Deno.test("billOfMaterials() says nothing that changes from build to build", () => {
  const bill = JSON.parse(billOfMaterials("x64", X64_HASH, RUNTIME, {}));
  assertEquals([bill.serialNumber, bill.metadata.timestamp], [undefined, undefined]);
});
