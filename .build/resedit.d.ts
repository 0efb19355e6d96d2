/**
 * The declarations of resedit 3 that the build uses. The library's declarations would add those of a browser to every
 * module of the project.
 */

/** One resource of an executable. */
export interface ResourceEntry {
  /** An RT_… constant of the Windows headers, or a name. */
  readonly type: number | string;
}

export declare class NtExecutable {
  /** @throws {Error} if `bytes` are not a Windows executable */
  static from(bytes: Uint8Array, options: { ignoreCert: boolean }): NtExecutable;
  /** Returns the data after the last section, except the signature. */
  getExtraData(): ArrayBuffer | null;
  generate(): ArrayBuffer;
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
