/**
 * Finishes the executable from `deno compile`. Removes the signature of the base binary, which is no longer valid:
 * Windows would report the file as tampered with. Adds what `deno compile` has no option for: the version, the manifest,
 * the restriction of the search for imported DLLs, and sections that begin on pages of the file.
 */
// @ts-types="./resedit.d.ts"
import { NtExecutable, NtExecutableResource, Resource, type ResourceEntry } from "resedit";
import { ExecutableError } from "./executable_error.ts";
import { loadImportsFromSystem32 } from "./load_config.ts";
import { MANIFEST } from "./manifest.ts";
import { alignToPages } from "./page_alignment.ts";

/** The version information of an executable, which Explorer, Task Manager and the UAC prompt show. */
export interface VersionInfo {
  /** `major.minor.patch`, each below 65536. */
  readonly version: string;
  /** The visible strings, by their Windows names ("VERSIONINFO resource", Windows documentation). */
  readonly strings: Readonly<Record<string, string>>;
}

const RT_VERSION = 16;
const RT_MANIFEST = 24;
/** The id of the manifest that Windows reads when it starts an executable (winuser.h). */
const CREATEPROCESS_MANIFEST_RESOURCE_ID = 1;
const CODE_PAGE_UNSPECIFIED = 0;
const LANGUAGE_ENGLISH_US = 0x0409;
const CODE_PAGE_UNICODE = 0x04b0;
/** The mask of VS_FIXEDFILEINFO that makes all flags valid. No flag is set. */
const ALL_FLAGS = 0x3f;

/**
 * Returns `executable` without its signature, with `info` as its version resource in US English, with `MANIFEST`, with
 * imports that come from the System32 folder only, with sections on pages of the file, and with the right checksum.
 *
 * @throws {ExecutableError} if it is not a Windows executable for 64 bits, has data after its last section, or has no
 * field for that restriction
 * @throws {RangeError} if `info.version` does not have the form of `VersionInfo.version`
 */
export function finishExecutable(
  executable: Uint8Array<ArrayBuffer>,
  info: VersionInfo,
): Uint8Array<ArrayBuffer> {
  const image = readImage(executable);
  const resources = NtExecutableResource.from(image);
  resources.entries = [
    ...resources.entries.filter(({ type }) => type !== RT_VERSION && type !== RT_MANIFEST),
    versionResource(info).generateResource(),
    manifestResource(),
  ];
  resources.outputResource(image, false, true);
  loadImportsFromSystem32(image);
  alignToPages(image);
  // If there is one, the library computes it anew. Programs that sign set it, too: without its signature, a signed
  // executable has the bytes of this one.
  image.newHeader.optionalHeader.checkSum = 1;
  return new Uint8Array(image.generate());
}

/** Reads the executable. The library drops its signature, which cannot stay valid. */
function readImage(executable: Uint8Array<ArrayBuffer>): NtExecutable {
  let image: NtExecutable;
  try {
    image = NtExecutable.from(executable, { ignoreCert: true });
  } catch (error) {
    throw new ExecutableError(`it is no Windows executable: ${(error as Error).message}`);
  }
  if (image.getExtraData() !== null) throw new ExecutableError("something follows its last section");
  return image;
}

function manifestResource(): ResourceEntry {
  return {
    type: RT_MANIFEST,
    id: CREATEPROCESS_MANIFEST_RESOURCE_ID,
    lang: LANGUAGE_ENGLISH_US,
    codepage: CODE_PAGE_UNSPECIFIED,
    bin: new TextEncoder().encode(MANIFEST).buffer,
  };
}

function versionResource({ version, strings }: VersionInfo): Resource.VersionInfo {
  const parts = version.split(".").map(Number);
  if (parts.length !== 3 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 0xffff)) {
    throw new RangeError(`the version ${version} is not of the form major.minor.patch`);
  }
  const [major, minor, patch] = parts;
  const high = major * 0x10000 + minor;
  const low = patch * 0x10000;
  return Resource.VersionInfo.create(LANGUAGE_ENGLISH_US, {
    fileVersionMS: high,
    fileVersionLS: low,
    productVersionMS: high,
    productVersionLS: low,
    fileFlagsMask: ALL_FLAGS,
    fileOS: Resource.VersionFileOS.NT_Windows32,
    fileType: Resource.VersionFileType.App,
  }, [{ lang: LANGUAGE_ENGLISH_US, codepage: CODE_PAGE_UNICODE, values: strings }]);
}
