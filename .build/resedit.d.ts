/** What the build uses of resedit 3, whose own declarations would add those of a browser to every module of the project. */

export interface ResourceEntry {
  /** RT_… of the Windows headers, or a name. */
  readonly type: number | string;
}

export declare class NtExecutable {
  /** @throws {Error} when `bytes` are no Windows executable */
  static from(bytes: Uint8Array, options: { ignoreCert: boolean }): NtExecutable;
  /** What follows the last section, except for the signature. */
  getExtraData(): ArrayBuffer | null;
  generate(): ArrayBuffer;
}

export declare class NtExecutableResource {
  static from(executable: NtExecutable): NtExecutableResource;
  entries: ResourceEntry[];
  outputResource(executable: NtExecutable, noGrow: boolean, allowShrink: boolean): void;
}

/** VS_FIXEDFILEINFO; each version in two halves. What is left out is 0. */
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
