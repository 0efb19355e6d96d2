/** A resource of an executable: its type, name and language, and its bytes. */
export type Resource = [path: (number | string)[], bytes: Uint8Array];

/**
 * Finds the resources of a 64-bit image as Windows does: from the directory's address down, every address through the
 * section that covers it ("PE Format", Microsoft documentation).
 */
export function resourcesOf(image: Uint8Array<ArrayBuffer>): Resource[] {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const pe = view.getUint32(0x3c, true);
  const optional = pe + 24;
  const sections = optional + view.getUint16(pe + 20, true);
  const sectionCount = view.getUint16(pe + 6, true);
  const fileOffset = (address: number): number => {
    for (let section = sections; section < sections + sectionCount * 40; section += 40) {
      const within = address - view.getUint32(section + 12, true);
      if (within >= 0 && within < view.getUint32(section + 16, true)) {
        return view.getUint32(section + 20, true) + within;
      }
    }
    throw new Error(`no section covers ${address}`);
  };
  const root = fileOffset(view.getUint32(optional + 112 + 2 * 8, true));
  const name = (at: number): string =>
    new TextDecoder("utf-16le").decode(image.subarray(at + 2, at + 2 + view.getUint16(at, true) * 2));
  const found: Resource[] = [];
  const walk = (directory: number, path: (number | string)[]): void => {
    const count = view.getUint16(directory + 12, true) + view.getUint16(directory + 14, true);
    for (let entry = directory + 16; entry < directory + 16 + count * 8; entry += 8) {
      const id = view.getUint32(entry, true);
      const target = view.getUint32(entry + 4, true);
      const here = [...path, id >>> 31 ? name(root + (id & 0x7fffffff)) : id];
      if (target >>> 31) {
        walk(root + (target & 0x7fffffff), here);
      } else {
        const start = fileOffset(view.getUint32(root + target, true));
        found.push([here, image.slice(start, start + view.getUint32(root + target + 4, true))]);
      }
    }
  };
  walk(root, []);
  return found;
}
