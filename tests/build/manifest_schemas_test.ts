/**
 * The package manifests by the official schemas. No package registry has these schemas, so only the workflows run these
 * tests: there GitHub is in reach.
 */
import { type Schema, type SchemaDraft, Validator } from "@cfworker/json-schema";
import { assertEquals } from "@std/assert";
import { parse } from "yaml";
import { dscManifest } from "../../.build/dsc_manifest.ts";
import { scoopManifest, wingetManifests } from "../../.build/manifests.ts";
import type { Architecture } from "../../.build/product.ts";

const GITHUB = "https://raw.githubusercontent.com";
const SCOOP = `${GITHUB}/ScoopInstaller/Scoop/b588a06e41d920d2123ec70aee682bae14935939/schema.json`;
const DSC =
  `${GITHUB}/PowerShell/DSC/861df432f224d606ba30f4a39f49e40c3ef2b8a2/schemas/v3.1/bundled/resource/manifest.json`;
const WINGET =
  `${GITHUB}/microsoft/winget-cli/fa3d9e511d1bd9bed2f1b72e9f0fa25323e7f3eb/schemas/JSON/manifests/v1.10.0`;

const RELEASE = {
  url: "https://example.org/v1",
  homepage: "https://example.org",
  archives: new Map<Architecture, string>([["x64", "a".repeat(64)], ["arm64", "b".repeat(64)]]),
};

type Manifest = Record<string, unknown>;

/** Returns the complaints of the schema at `url` about a manifest. */
async function complaints(url: string, manifest: Manifest, draft: SchemaDraft): Promise<string[]> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const schema: Schema = await response.json();
  return new Validator(schema, draft, false).validate(manifest).errors.map(({ error }) => error);
}

function schemaTest(name: string, url: string, manifest: Manifest, draft: SchemaDraft = "7"): void {
  Deno.test({
    name,
    ignore: Deno.env.get("GITHUB_ACTIONS") !== "true",
    fn: async () => {
      assertEquals(await complaints(url, manifest, draft), []);
      const [required] = Object.keys(manifest).filter((key) => /^(PackageIdentifier|version)$/.test(key));
      const { [required]: _, ...incomplete } = manifest;
      assertEquals((await complaints(url, incomplete, draft)).length > 0, true, `${required} is required`);
    },
  });
}

schemaTest("dscManifest() follows the schema of Microsoft DSC", DSC, JSON.parse(dscManifest()), "2020-12");
schemaTest("scoopManifest() follows the schema of scoop", SCOOP, JSON.parse(scoopManifest(RELEASE)));

for (const text of wingetManifests(RELEASE).values()) {
  const manifest: Manifest = parse(text);
  const type = `${manifest.ManifestType}`;
  schemaTest(
    `wingetManifests() follows the schema of winget for ${type}`,
    `${WINGET}/manifest.${type}.1.10.0.json`,
    manifest,
  );
}
