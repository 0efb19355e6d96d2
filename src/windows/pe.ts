/**
 * Reads the facts of a PE image that decide whether a file can be loaded: its processor, whether it is a DLL, and the
 * names that it exports. Reads the headers and the export table, as every loader does, and never reads code.
 *
 * Offsets are those of "PE Format" (Microsoft documentation). All fields are little-endian.
 */

/** A processor, named as in Wintun's archive. */
export type PeArchitecture = "amd64" | "arm64" | "x86" | "arm";

/** The facts that `readPeImage` reads from a PE image. */
export interface PeImage {
  /** The IMAGE_FILE_MACHINE_* value from the file. */
  readonly machine: number;
  /** `undefined` for a machine other than these four, which are the ones that Windows runs on. */
  readonly architecture: PeArchitecture | undefined;
  readonly isDll: boolean;
  /** In the order of the file. Linkers write the names in alphabetical order. */
  readonly exportNames: readonly string[];
}

/** Reports that a file is not a complete PE image. The message is a reason, worded for the user. */
export class PeFormatError extends Error {
  override name = "PeFormatError";
}

const ARCHITECTURES: ReadonlyMap<number, PeArchitecture> = new Map([
  [0x8664, "amd64"],
  [0xaa64, "arm64"],
  [0x014c, "x86"],
  [0x01c4, "arm"],
]);

const DOS_MAGIC = 0x5a4d; // "MZ"
const DOS_NEW_HEADER_OFFSET = 0x3c;
const PE_SIGNATURE = 0x00004550; // "PE\0\0"
/** Offsets from the PE signature, which precedes the COFF file header. */
const COFF = { machine: 4, sectionCount: 6, optionalHeaderSize: 20, characteristics: 22, size: 24 };
const IMAGE_FILE_DLL = 0x2000;
/**
 * Offsets from the optional header, by its magic number: PE32 and PE32+. The image base of PE32+ has 8 bytes, so the
 * two layouts differ.
 */
const DIRECTORY_COUNT_OFFSET: ReadonlyMap<number, number> = new Map([[0x10b, 92], [0x20b, 108]]);
const SECTION = { virtualAddress: 12, rawSize: 16, rawOffset: 20, size: 40 };
const EXPORT_DIRECTORY = { nameCount: 24, namePointers: 32 };
// These limits bound the work on a malicious file; no linker exceeds them. Ordinals are 16 bits wide.
const MAX_NAMES = 0x10000;
const MAX_NAME_BYTES = 4096;

/**
 * Reads the headers and the export names of a PE image. `bytes` are the contents of a file, not of a loaded module.
 *
 * @throws {PeFormatError} if the file is not a PE image, or is shorter than its headers require.
 */
export function readPeImage(bytes: Uint8Array): PeImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return readHeaders(view);
  } catch (error) {
    // DataView throws RangeError for every read past the end.
    if (error instanceof RangeError) throw new PeFormatError("the file is truncated");
    throw error;
  }
}

function readHeaders(view: DataView): PeImage {
  if (view.byteLength < 2 || view.getUint16(0, true) !== DOS_MAGIC) {
    throw new PeFormatError("the file is not a Windows executable");
  }
  const pe = view.getUint32(DOS_NEW_HEADER_OFFSET, true);
  if (view.getUint32(pe, true) !== PE_SIGNATURE) throw new PeFormatError("the file has no PE header");
  const machine = view.getUint16(pe + COFF.machine, true);
  return {
    machine,
    architecture: ARCHITECTURES.get(machine),
    isDll: (view.getUint16(pe + COFF.characteristics, true) & IMAGE_FILE_DLL) !== 0,
    exportNames: readExportNames(view, pe),
  };
}

function readExportNames(view: DataView, pe: number): string[] {
  const optionalHeader = pe + COFF.size;
  const optionalHeaderSize = view.getUint16(pe + COFF.optionalHeaderSize, true);
  const sections = optionalHeader + optionalHeaderSize;
  const sectionCount = view.getUint16(pe + COFF.sectionCount, true);
  const directoryCountOffset = DIRECTORY_COUNT_OFFSET.get(view.getUint16(optionalHeader, true));
  if (directoryCountOffset === undefined) throw new PeFormatError("the PE header is of an unknown kind");
  // The export table is the first directory. Each directory is an address (RVA) and a size.
  if (view.getUint32(optionalHeader + directoryCountOffset, true) === 0) return [];
  const exportsAddress = view.getUint32(optionalHeader + directoryCountOffset + 4, true);
  if (exportsAddress === 0) return [];

  const inFile = (address: number): number => fileOffset(view, sections, sectionCount, address);
  const directory = inFile(exportsAddress);
  const count = view.getUint32(directory + EXPORT_DIRECTORY.nameCount, true);
  if (count === 0) return [];
  if (count > MAX_NAMES) throw new PeFormatError(`the export table claims ${count} names`);
  const pointers = inFile(view.getUint32(directory + EXPORT_DIRECTORY.namePointers, true));
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    names.push(readName(view, inFile(view.getUint32(pointers + index * 4, true))));
  }
  return names;
}

/**
 * Converts an address (RVA) to a file offset. An RVA counts from the load address of the image; the section that
 * contains it gives the offset in the file.
 */
function fileOffset(view: DataView, sections: number, sectionCount: number, address: number): number {
  for (let index = 0; index < sectionCount; index++) {
    const section = sections + index * SECTION.size;
    const within = address - view.getUint32(section + SECTION.virtualAddress, true);
    if (within >= 0 && within < view.getUint32(section + SECTION.rawSize, true)) {
      return view.getUint32(section + SECTION.rawOffset, true) + within;
    }
  }
  throw new PeFormatError("the export table lies outside of every section");
}

function readName(view: DataView, offset: number): string {
  let name = "";
  for (let at = offset; at < offset + MAX_NAME_BYTES; at++) {
    const byte = view.getUint8(at);
    if (byte === 0) return name;
    name += String.fromCharCode(byte);
  }
  throw new PeFormatError("an export name has no end");
}
