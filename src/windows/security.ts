import type { FileHandle } from "./file.ts";
import { type Kernel32, lastError } from "./kernel32.ts";
import { readWideString, toWideString } from "./wide_string.ts";
import { Win32Error } from "./win32_error.ts";

/** The functions about security descriptors in advapi32.dll, and LocalFree. */
const SYMBOLS = {
  ConvertStringSecurityDescriptorToSecurityDescriptorW: {
    parameters: [
      "buffer", /* LPCWSTR StringSecurityDescriptor */
      "u32", /* DWORD StringSDRevision */
      "buffer", /* PSECURITY_DESCRIPTOR *SecurityDescriptor */
      "pointer", /* PULONG SecurityDescriptorSize */
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const FILE_SYMBOLS = {
  GetSecurityInfo: {
    parameters: [
      "pointer", /* HANDLE handle */
      "i32", /* SE_OBJECT_TYPE ObjectType */
      "u32", /* SECURITY_INFORMATION SecurityInfo */
      "pointer", /* PSID *ppsidOwner */
      "pointer", /* PSID *ppsidGroup */
      "pointer", /* PACL *ppDacl */
      "pointer", /* PACL *ppSacl */
      "buffer", /* PSECURITY_DESCRIPTOR *ppSecurityDescriptor */
    ],
    result: "u32",
  },
  ConvertSecurityDescriptorToStringSecurityDescriptorW: {
    parameters: [
      "pointer", /* PSECURITY_DESCRIPTOR SecurityDescriptor */
      "u32", /* DWORD RequestedStringSDRevision */
      "u32", /* SECURITY_INFORMATION SecurityInformation */
      "buffer", /* LPWSTR *StringSecurityDescriptor */
      "pointer", /* PULONG StringSecurityDescriptorLen */
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const MEMORY_SYMBOLS = {
  LocalFree: { parameters: ["pointer" /* HLOCAL hMem */], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

const SDDL_REVISION_1 = 1;
const SE_FILE_OBJECT = 1;
const OWNER_SECURITY_INFORMATION = 0x1;
const DACL_SECURITY_INFORMATION = 0x4;
const OWNER_AND_DACL = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;

/** SECURITY_ATTRIBUTES on 64-bit Windows (minwinbase.h) */
export const SECURITY_ATTRIBUTES = {
  size: 24,
  nLength: 0,
  lpSecurityDescriptor: 8,
  bInheritHandle: 16,
} as const;

/** advapi32.dll's security descriptors. */
export class Security implements Disposable {
  readonly #kernel32: Kernel32;
  readonly #path: string;
  readonly #memory: Deno.DynamicLibrary<typeof MEMORY_SYMBOLS>;

  /** Absolute paths of the DLLs. */
  constructor(kernel32: Kernel32, paths: { readonly kernel32: string; readonly advapi32: string }) {
    this.#kernel32 = kernel32;
    this.#path = paths.advapi32;
    this.#memory = Deno.dlopen(paths.kernel32, MEMORY_SYMBOLS);
  }

  /**
   * Calls `use` with SECURITY_ATTRIBUTES made of a descriptor in SDDL ("Security Descriptor String Format", Windows
   * documentation). They are good during the call only.
   */
  withAttributes<T>(sddl: string, use: (attributes: ArrayBuffer) => T): T {
    const library = Deno.dlopen(this.#path, SYMBOLS);
    const descriptor = new BigUint64Array(1);
    try {
      const done = library.symbols.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        toWideString(sddl),
        SDDL_REVISION_1,
        descriptor,
        null,
      );
      if (done === 0) throw lastError(this.#kernel32, "Cannot make a security descriptor");
      const attributes = new DataView(new ArrayBuffer(SECURITY_ATTRIBUTES.size));
      attributes.setUint32(SECURITY_ATTRIBUTES.nLength, SECURITY_ATTRIBUTES.size, true);
      attributes.setBigUint64(SECURITY_ATTRIBUTES.lpSecurityDescriptor, descriptor[0], true);
      return use(attributes.buffer);
    } finally {
      this.#free(descriptor[0]);
      library.close();
    }
  }

  /** Owner and access list of an open file or folder, in SDDL. */
  of({ handle, path }: FileHandle): string {
    const operation = `Cannot read who may use ${path}`;
    const library = Deno.dlopen(this.#path, FILE_SYMBOLS);
    const [descriptor, text] = [new BigUint64Array(1), new BigUint64Array(1)];
    try {
      const code = library.symbols.GetSecurityInfo(
        handle,
        SE_FILE_OBJECT,
        OWNER_AND_DACL,
        null,
        null,
        null,
        null,
        descriptor,
      );
      if (code !== 0) throw new Win32Error(code, operation);
      const done = library.symbols.ConvertSecurityDescriptorToStringSecurityDescriptorW(
        Deno.UnsafePointer.create(descriptor[0]),
        SDDL_REVISION_1,
        OWNER_AND_DACL,
        text,
        null,
      );
      if (done === 0) throw lastError(this.#kernel32, operation);
      return readWideString(Deno.UnsafePointer.create(text[0]));
    } finally {
      this.#free(text[0]);
      this.#free(descriptor[0]);
      library.close();
    }
  }

  close(): void {
    this.#memory.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #free(address: bigint): void {
    this.#memory.symbols.LocalFree(Deno.UnsafePointer.create(address));
  }
}
