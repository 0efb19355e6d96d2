/** A resource of an executable: its type, name and language, and its bytes. */
export type Resource = [path: (number | string)[], bytes: Uint8Array];

/** A 64-bit image as Windows reads it: every address through the section that covers it ("PE Format", Microsoft documentation). */
class Image {
  readonly view: DataView;
  readonly #bytes: Uint8Array;
  readonly #optional: number;
  readonly #sections: number;
  readonly #sectionCount: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const pe = this.view.getUint32(0x3c, true);
    this.#optional = pe + 24;
    this.#sections = this.#optional + this.view.getUint16(pe + 20, true);
    this.#sectionCount = this.view.getUint16(pe + 6, true);
  }

  /** Returns the file offset of the data of an entry of the data directory. */
  directory(index: number): number {
    return this.fileOffset(this.view.getUint32(this.#optional + 112 + index * 8, true));
  }

  fileOffset(address: number): number {
    for (let index = 0; index < this.#sectionCount; index++) {
      const section = this.#sections + index * 40;
      const within = address - this.view.getUint32(section + 12, true);
      if (within >= 0 && within < this.view.getUint32(section + 16, true)) {
        return this.view.getUint32(section + 20, true) + within;
      }
    }
    throw new Error(`no section covers ${address}`);
  }

  /** Returns the text at an address, up to its NUL. */
  text(address: number): string {
    const start = this.fileOffset(address);
    return new TextDecoder().decode(this.#bytes.subarray(start, this.#bytes.indexOf(0, start)));
  }

  /** Returns a name of a resource: its length, then UTF-16. */
  name(at: number): string {
    const units = this.view.getUint16(at, true);
    return new TextDecoder("utf-16le").decode(this.#bytes.subarray(at + 2, at + 2 + units * 2));
  }
}

/** Returns the resources of a 64-bit image, in its order. */
export function resourcesOf(bytes: Uint8Array<ArrayBuffer>): Resource[] {
  const image = new Image(bytes);
  const { view } = image;
  const root = image.directory(2);
  const found: Resource[] = [];
  const walk = (directory: number, path: (number | string)[]): void => {
    const count = view.getUint16(directory + 12, true) + view.getUint16(directory + 14, true);
    for (let entry = directory + 16; entry < directory + 16 + count * 8; entry += 8) {
      const id = view.getUint32(entry, true);
      const target = view.getUint32(entry + 4, true);
      const here = [...path, id >>> 31 ? image.name(root + (id & 0x7fffffff)) : id];
      if (target >>> 31) {
        walk(root + (target & 0x7fffffff), here);
      } else {
        const start = image.fileOffset(view.getUint32(root + target, true));
        found.push([here, bytes.slice(start, start + view.getUint32(root + target + 4, true))]);
      }
    }
  };
  walk(root, []);
  return found;
}

/** Returns DependentLoadFlags of the load configuration of a 64-bit image (IMAGE_LOAD_CONFIG_DIRECTORY64, winnt.h). */
export function dependentLoadFlags(bytes: Uint8Array): number {
  const image = new Image(bytes);
  return image.view.getUint16(image.directory(10) + 78, true);
}

/** Returns the names of the DLLs that Windows loads when a 64-bit image starts (IMAGE_IMPORT_DESCRIPTOR, winnt.h), in lower case. */
export function importsOf(bytes: Uint8Array): string[] {
  const image = new Image(bytes);
  const names: string[] = [];
  for (let at = image.directory(1);; at += 20) {
    const address = image.view.getUint32(at + 12, true);
    if (address === 0) return names;
    names.push(image.text(address).toLowerCase());
  }
}
