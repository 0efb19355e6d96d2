/**
 * The declarations of resedit 3 that the build uses. The library's declarations would add those of a browser to every
 * module of the project.
 */

/** One resource of an executable. */
export interface ResourceEntry {
  /** An RT_… constant of the Windows headers, or a name. */
  readonly type: number | string;
  readonly id: number | string;
  /** A language identifier (LANGID). */
  readonly lang: number;
  readonly codepage: number;
  readonly bin: ArrayBuffer;
}

/** A section of an executable. `data` is what the file has of it; writing to it changes what `generate` returns. */
export interface Section {
  readonly info: { readonly virtualAddress: number; pointerToRawData: number; sizeOfRawData: number };
  readonly data: ArrayBuffer | null;
}

/** One entry of the data directory. Both numbers are 0 if the executable has no such data. */
export interface DirectoryEntry {
  readonly virtualAddress: number;
  readonly size: number;
}

export declare class NtExecutable {
  /** @throws {Error} if `bytes` are not a Windows executable */
  static from(bytes: Uint8Array, options: { ignoreCert: boolean }): NtExecutable;
  /** Returns the data after the last section, except the signature. */
  getExtraData(): ArrayBuffer | null;
  generate(): ArrayBuffer;
  is32bit(): boolean;
  readonly newHeader: {
    readonly optionalHeader: {
      readonly sectionAlignment: number;
      fileAlignment: number;
      sizeOfHeaders: number;
      checkSum: number;
    };
    readonly optionalHeaderDataDirectory: { get(entry: number): DirectoryEntry };
  };
  /** Returns the sections in their order. */
  getAllSections(): readonly Section[];
  /** Returns the section that contains the data of a directory entry, or `null`. */
  getSectionByEntry(entry: number): Section | null;
}

export declare class NtExecutableResource {
  static from(executable: NtExecutable): NtExecutableResource;
  entries: ResourceEntry[];
  outputResource(executable: NtExecutable, noGrow: boolean, allowShrink: boolean): void;
}

/** VS_FIXEDFILEINFO. Each version has two halves. An absent field is 0. */
interface FixedInfo {
  readonly fileVersionMS: number;
  readonly fileVersionLS: number;
  readonly productVersionMS: number;
  readonly productVersionLS: number;
  readonly fileFlagsMask: number;
  readonly fileOS: number;
  readonly fileType: number;
}

interface StringTable {
  readonly lang: number;
  readonly codepage: number;
  readonly values: Readonly<Record<string, string>>;
}

export declare namespace Resource {
  const VersionFileOS: { readonly NT_Windows32: number };
  const VersionFileType: { readonly App: number };
  class VersionInfo {
    static create(lang: number, fixedInfo: FixedInfo, strings: readonly StringTable[]): VersionInfo;
    generateResource(): ResourceEntry;
  }
}
