/** The software bill of materials of one executable, in CycloneDX 1.6. */
import release from "../vendor/wintun/release.json" with { type: "json" };
import { NPM_FOLDER } from "./bundle.ts";
import type { Architecture } from "./product.ts";
import { ARCHITECTURES, AUTHORS, DESCRIPTION, LICENSE, NAME, VERSION } from "./product.ts";

interface Component {
  type: "application" | "library" | "platform";
  "bom-ref": string;
  name: string;
  version: string;
  purl?: string;
  supplier?: { name: string };
  description?: string;
  hashes?: { alg: "SHA-256" | "SHA-512"; content: string }[];
  licenses: ({ license: { id: string } } | { license: { name: string; url: string } })[];
  externalReferences?: { type: "distribution" | "website"; url: string }[];
}

/** npm packages pinned in `deno.lock`, by name and version. */
export type LockedPackages = Readonly<Record<string, { readonly integrity: string }>>;

/** The versions of what the base binary contains. */
export interface Runtime {
  readonly deno: string;
  readonly v8: string;
}

/** Returns the packages out of `packages` that contain at least one of the files `sources` (`Bundle.sources`). */
export function packagesAmong(packages: LockedPackages, sources: readonly string[]): LockedPackages {
  const isAmong = ([specifier]: [string, unknown]): boolean => {
    const at = specifier.lastIndexOf("@");
    const folder = `${NPM_FOLDER}${specifier.slice(0, at)}/${specifier.slice(at + 1)}/`;
    return sources.some((source) => source.startsWith(folder));
  };
  return Object.fromEntries(Object.entries(packages).filter(isAmong));
}

/**
 * Returns the bill of materials for the executable of `architecture` with the given SHA-256. It
 * contains no date and no serial number, so the same input gives the same bytes.
 */
export function billOfMaterials(
  architecture: Architecture,
  executableSha256: string,
  runtime: Runtime,
  packages: LockedPackages,
): string {
  const program: Component = {
    type: "application",
    "bom-ref": NAME,
    name: NAME,
    version: VERSION,
    supplier: { name: AUTHORS },
    description: DESCRIPTION,
    hashes: [{ alg: "SHA-256", content: executableSha256 }],
    licenses: [{ license: { id: LICENSE } }],
  };
  const components = [wintunDll(architecture), ...npmPackages(packages), ...runtimeComponents(runtime)];
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: program },
    components,
    dependencies: [{
      ref: program["bom-ref"],
      dependsOn: components.map((component) => component["bom-ref"]),
    }],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function wintunDll(architecture: Architecture): Component {
  const { wintun } = ARCHITECTURES[architecture];
  return {
    type: "library",
    "bom-ref": `wintun.dll@${release.version}`,
    name: "wintun.dll",
    version: release.version,
    supplier: { name: release.signer },
    description: `Wintun for ${wintun}, unmodified and signed`,
    hashes: [{ alg: "SHA-256", content: release.files[wintun].sha256 }],
    licenses: [{ license: { name: "Prebuilt Binaries License", url: "LICENSE-wintun.txt" } }],
    externalReferences: [{ type: "distribution", url: release.sources.official.url }],
  };
}

/** Converts the packages to components. The integrity is the hash of the package's archive: SHA-512 in Base64. */
function npmPackages(packages: LockedPackages): Component[] {
  return Object.entries(packages).map(([specifier, { integrity }]) => {
    const at = specifier.lastIndexOf("@");
    const digest = Uint8Array.from(atob(integrity.replace(/^sha512-/, "")), (char) => char.charCodeAt(0));
    return {
      type: "library",
      "bom-ref": `npm:${specifier}`,
      name: specifier.slice(0, at),
      version: specifier.slice(at + 1),
      // The @ of a scope is escaped; the @ before the version is not.
      purl: `pkg:npm/${specifier.replace(/^@/, "%40")}`,
      description: "The standard library of Deno (@std)",
      hashes: [{
        alg: "SHA-512",
        content: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
      }],
      licenses: [{ license: { id: "MIT" } }],
    };
  });
}

/** Returns the components of the base binary: Deno's runtime and its JavaScript engine. */
function runtimeComponents({ deno, v8 }: Runtime): Component[] {
  return [
    {
      type: "platform",
      "bom-ref": `deno@${deno}`,
      name: "deno",
      version: deno,
      purl: `pkg:github/denoland/deno@v${deno}`,
      supplier: { name: "the Deno authors" },
      description: "JavaScript runtime (denort)",
      licenses: [{ license: { id: "MIT" } }],
    },
    {
      type: "library",
      "bom-ref": `v8@${v8}`,
      name: "v8",
      version: v8,
      supplier: { name: "the V8 project authors" },
      description: "JavaScript engine",
      licenses: [{ license: { id: "BSD-3-Clause" } }],
    },
  ];
}
