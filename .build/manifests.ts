/** Manifests for winget (schema 1.10.0) and scoop, the package managers that install such tools on Windows. */
import type { Architecture } from "./product.ts";
import { ARCHITECTURES, AUTHORS, DESCRIPTION, LICENSE, NAME, packageName, VERSION } from "./product.ts";

const WINGET_IDENTIFIER = "WintunCommandLine.Wintun";
const WINGET_SCHEMA = "1.10.0";

/** The facts about a release that its manifests contain. */
export interface Release {
  /** Address of the download folder of the archives, without a slash at the end. */
  readonly url: string;
  /** Address of the project's home page. */
  readonly homepage: string;
  /** SHA-256 of each archive, as hexadecimal digits. */
  readonly archives: ReadonlyMap<Architecture, string>;
}

/** Returns scoop's manifest. */
export function scoopManifest({ url, homepage, archives }: Release): string {
  const architecture = Object.fromEntries(
    Array.from(archives, ([one, hash]) => [ARCHITECTURES[one].scoop, { url: archiveUrl(url, one), hash }]),
  );
  const manifest = {
    version: VERSION,
    description: `${DESCRIPTION}.`,
    homepage,
    license: LICENSE,
    notes: "Creating and serving adapters needs an elevated prompt.",
    architecture,
    bin: `${NAME}.exe`,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Returns the three files of a winget manifest, by name. */
export function wingetManifests({ url, homepage, archives }: Release): Map<string, string> {
  const identity = [`PackageIdentifier: ${WINGET_IDENTIFIER}`, `PackageVersion: ${VERSION}`];
  const version = manifest("version", [...identity, "DefaultLocale: en-US"]);
  const installer = manifest("installer", [
    ...identity,
    "Platform:",
    "- Windows.Desktop",
    // The oldest version of Windows on which Deno runs.
    "MinimumOSVersion: 10.0.17763.0",
    "InstallerType: zip",
    "NestedInstallerType: portable",
    "NestedInstallerFiles:",
    `- RelativeFilePath: ${NAME}.exe`,
    `  PortableCommandAlias: ${NAME}`,
    // winget must not link to the executable from another folder, because wintun.dll is beside it.
    "ArchiveBinariesDependOnPath: true",
    "Commands:",
    `- ${NAME}`,
    "Installers:",
    ...Array.from(archives, ([architecture, hash]) => [
      `- Architecture: ${architecture}`,
      `  InstallerUrl: ${archiveUrl(url, architecture)}`,
      `  InstallerSha256: ${hash.toUpperCase()}`,
    ]).flat(),
  ]);
  const locale = manifest("defaultLocale", [
    ...identity,
    "PackageLocale: en-US",
    `Publisher: ${AUTHORS}`,
    `PackageName: ${NAME}`,
    `PackageUrl: ${homepage}`,
    `License: ${LICENSE}`,
    `ShortDescription: ${DESCRIPTION}`,
    `Moniker: ${NAME}`,
    "Tags:",
    ...["adapter", "network", "tun", "wintun"].map((tag) => `- ${tag}`),
  ]);
  return new Map([
    [`${WINGET_IDENTIFIER}.yaml`, version],
    [`${WINGET_IDENTIFIER}.installer.yaml`, installer],
    [`${WINGET_IDENTIFIER}.locale.en-US.yaml`, locale],
  ]);
}

function manifest(type: string, lines: readonly string[]): string {
  const schema = `https://aka.ms/winget-manifest.${type}.${WINGET_SCHEMA}.schema.json`;
  return [
    `# yaml-language-server: $schema=${schema}`,
    ...lines,
    `ManifestType: ${type}`,
    `ManifestVersion: ${WINGET_SCHEMA}`,
    "",
  ].join("\n");
}

function archiveUrl(url: string, architecture: Architecture): string {
  return `${url}/${packageName(architecture)}.zip`;
}
