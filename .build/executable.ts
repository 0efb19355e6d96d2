/**
 * Finishes the executable that `deno compile` writes: takes off the signature of the base binary, which no longer matches
 * and would make Windows call the file tampered with, and adds the version resource, for which Deno has no option.
 *
 * Offsets are those of "PE Format" (Microsoft documentation). All fields are little-endian.
 */

/** An executable that is not laid out as `deno compile` lays it out. */
export class ExecutableError extends Error {
  override name = "ExecutableError";
}

type Bytes = Uint8Array<ArrayBuffer>;
/** Resources are a tree of three levels: type, name, language. */
type ResourceDirectory = Map<ResourceKey, ResourceDirectory | Bytes>;
type ResourceKey = number | string;

interface Section {
  readonly header: number;
  readonly address: number;
  readonly rawSize: number;
  readonly rawOffset: number;
}

const PE_HEADER_POINTER = 0x3c;
/** From the PE signature. */
const COFF = { sectionCount: 6, optionalHeaderSize: 20, size: 24 };
/** From the optional header of a PE32+ image; directories are pairs of address and size. */
const OPTIONAL = { sectionAlignment: 32, fileAlignment: 36, sizeOfImage: 56, resources: 128, security: 144 };
const MAGIC_PE32_PLUS = 0x20b;
const SECTION = { virtualSize: 8, virtualAddress: 12, rawSize: 16, rawOffset: 20, size: 40 };

const RT_VERSION = 16;
const LANGUAGE_ENGLISH_US = 0x0409;
const HIGH_BIT = 0x80000000;
const DIRECTORY_HEADER_SIZE = 16;
const DIRECTORY_ENTRY_SIZE = 8;
const DATA_ENTRY_SIZE = 16;
const DATA_ALIGNMENT = 8;

/**
 * Returns `executable` without signature and with `versionInfo` as its version resource.
 *
 * @throws {ExecutableError} when the resources are not in the last section, alone, as `deno compile` puts them
 */
export function finishExecutable(executable: Bytes, versionInfo: Bytes): Bytes {
  return replaceVersion(withoutSignature(executable), versionInfo);
}

/** The signature is no section: the security directory tells its place in the file, and it comes last. */
function withoutSignature(executable: Bytes): Bytes {
  const view = viewOf(executable);
  const directory = optionalHeader(view) + OPTIONAL.security;
  const size = view.getUint32(directory + 4, true);
  if (size === 0) return executable;
  // `deno compile` moves the signature to the new end of the file and leaves the directory pointing to the old one.
  const isLast = view.getUint32(executable.length - size, true) === size;
  const stripped = executable.slice(0, isLast ? executable.length - size : undefined);
  stripped.fill(0, directory, directory + 8);
  return stripped;
}

function replaceVersion(executable: Bytes, versionInfo: Bytes): Bytes {
  const view = viewOf(executable);
  const header = optionalHeader(view);
  const section = resourceSection(view, header);
  const root = readDirectory(executable, section, 0);
  root.set(RT_VERSION, new Map([[1, new Map([[LANGUAGE_ENGLISH_US, versionInfo]])]]));
  const resources = writeResources(root, section.address);

  const rawSize = alignUp(resources.length, view.getUint32(header + OPTIONAL.fileAlignment, true));
  const finished = new Uint8Array(section.rawOffset + rawSize);
  finished.set(executable.subarray(0, section.rawOffset));
  finished.set(resources, section.rawOffset);
  const edit = viewOf(finished);
  edit.setUint32(section.header + SECTION.virtualSize, resources.length, true);
  edit.setUint32(section.header + SECTION.rawSize, rawSize, true);
  edit.setUint32(header + OPTIONAL.resources + 4, resources.length, true);
  const end = alignUp(
    section.address + resources.length,
    view.getUint32(header + OPTIONAL.sectionAlignment, true),
  );
  edit.setUint32(header + OPTIONAL.sizeOfImage, end, true);
  return finished;
}

function optionalHeader(view: DataView): number {
  const header = view.getUint32(PE_HEADER_POINTER, true) + COFF.size;
  if (view.getUint16(header, true) !== MAGIC_PE32_PLUS) {
    throw new ExecutableError("it is no 64-bit Windows executable");
  }
  return header;
}

/** Returns the section of the resources, after making sure that it can be written anew without moving anything else. */
function resourceSection(view: DataView, header: number): Section {
  const pe = header - COFF.size;
  const sections = header + view.getUint16(pe + COFF.optionalHeaderSize, true);
  const last = sections + (view.getUint16(pe + COFF.sectionCount, true) - 1) * SECTION.size;
  const section: Section = {
    header: last,
    address: view.getUint32(last + SECTION.virtualAddress, true),
    rawSize: view.getUint32(last + SECTION.rawSize, true),
    rawOffset: view.getUint32(last + SECTION.rawOffset, true),
  };
  if (section.address !== view.getUint32(header + OPTIONAL.resources, true)) {
    throw new ExecutableError("its last section is not that of the resources");
  }
  if (section.rawOffset + section.rawSize !== view.byteLength) {
    throw new ExecutableError("something follows its last section");
  }
  return section;
}

function readDirectory(executable: Bytes, section: Section, at: number): ResourceDirectory {
  const view = new DataView(executable.buffer, executable.byteOffset + section.rawOffset, section.rawSize);
  const directory: ResourceDirectory = new Map();
  const count = view.getUint16(at + 12, true) + view.getUint16(at + 14, true); // named, numbered
  for (let index = 0; index < count; index++) {
    const entry = at + DIRECTORY_HEADER_SIZE + index * DIRECTORY_ENTRY_SIZE;
    const name = view.getUint32(entry, true);
    const key = name >= HIGH_BIT ? readName(view, name - HIGH_BIT) : name;
    const target = view.getUint32(entry + 4, true);
    if (target >= HIGH_BIT) {
      directory.set(key, readDirectory(executable, section, target - HIGH_BIT));
    } else {
      const start = section.rawOffset + view.getUint32(target, true) - section.address;
      directory.set(key, executable.slice(start, start + view.getUint32(target + 4, true)));
    }
  }
  return directory;
}

function readName(view: DataView, at: number): string {
  const units = Array.from(
    { length: view.getUint16(at, true) },
    (_, index) => view.getUint16(at + 2 + index * 2, true),
  );
  return String.fromCharCode(...units);
}

/** Lays out the tree as linkers do: directories, then names, then data entries, then data. */
function writeResources(root: ResourceDirectory, sectionAddress: number): Bytes {
  const directories = withDescendants(root);
  const entries = directories.flatMap(sortedEntries);
  const names = [...new Set(entries.map(([key]) => key).filter((key) => typeof key === "string"))];
  const leaves = entries.map(([, child]) => child).filter((child) => child instanceof Uint8Array);

  let at = 0;
  const place = <T>(items: readonly T[], sizeOf: (item: T) => number, alignment: number): Map<T, number> => {
    at = alignUp(at, alignment);
    return new Map(items.map((item) => {
      const placed = at;
      at = alignUp(at + sizeOf(item), alignment);
      return [item, placed];
    }));
  };
  const directoryAt = place(directories, (one) => DIRECTORY_HEADER_SIZE + one.size * DIRECTORY_ENTRY_SIZE, 4);
  const nameAt = place(names, (name) => 2 + name.length * 2, 2);
  const entryAt = place(leaves, () => DATA_ENTRY_SIZE, 4);
  const dataAt = place(leaves, (leaf) => leaf.length, DATA_ALIGNMENT);

  const bytes = new Uint8Array(at);
  const view = viewOf(bytes);
  for (const directory of directories) {
    const start = directoryAt.get(directory)!;
    const sorted = sortedEntries(directory);
    const named = sorted.filter(([key]) => typeof key === "string").length;
    view.setUint16(start + 12, named, true);
    view.setUint16(start + 14, sorted.length - named, true);
    sorted.forEach(([key, child], index) => {
      const entry = start + DIRECTORY_HEADER_SIZE + index * DIRECTORY_ENTRY_SIZE;
      view.setUint32(entry, typeof key === "string" ? HIGH_BIT + nameAt.get(key)! : key, true);
      const target = child instanceof Uint8Array ? entryAt.get(child)! : HIGH_BIT + directoryAt.get(child)!;
      view.setUint32(entry + 4, target, true);
    });
  }
  for (const [name, start] of nameAt) {
    view.setUint16(start, name.length, true);
    for (let index = 0; index < name.length; index++) {
      view.setUint16(start + 2 + index * 2, name.charCodeAt(index), true);
    }
  }
  for (const [leaf, start] of entryAt) {
    view.setUint32(start, sectionAddress + dataAt.get(leaf)!, true);
    view.setUint32(start + 4, leaf.length, true);
    bytes.set(leaf, dataAt.get(leaf)!);
  }
  return bytes;
}

function withDescendants(directory: ResourceDirectory): ResourceDirectory[] {
  const below = [...directory.values()].filter((child) => child instanceof Map);
  return [directory, ...below.flatMap(withDescendants)];
}

/** Windows searches by bisection: names come first, in order, then numbers, in order. */
function sortedEntries(directory: ResourceDirectory): [ResourceKey, ResourceDirectory | Bytes][] {
  return [...directory].sort(([left], [right]) => {
    if (typeof left === "number" && typeof right === "number") return left - right;
    if (typeof left === "string" && typeof right === "string") return left < right ? -1 : 1;
    return typeof left === "string" ? -1 : 1;
  });
}

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
