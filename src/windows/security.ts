import type { FileHandle } from "./file.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { readWideString, toWideString } from "./wide_string.ts";
import { Win32Error } from "./win32_error.ts";

export const SECURITY_FUNCTIONS = systemFunctions("advapi32", {
  ConvertStringSecurityDescriptorToSecurityDescriptorW: {
    parameters: [
      "buffer", /* LPCWSTR StringSecurityDescriptor */
      "u32", /* DWORD StringSDRevision */
      "buffer", /* PSECURITY_DESCRIPTOR *SecurityDescriptor */
      "pointer", /* PULONG SecurityDescriptorSize */
    ],
    result: "i32",
  },
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
});

export const LOCAL_MEMORY_FUNCTIONS = systemFunctions("kernel32", {
  LocalFree: { parameters: ["pointer" /* HLOCAL hMem */], result: "pointer" },
});

const SDDL_REVISION_1 = 1;
const SE_FILE_OBJECT = 1;
const OWNER_SECURITY_INFORMATION = 0x1;
export const DACL_SECURITY_INFORMATION = 0x4;
const OWNER_AND_DACL = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;

/** SECURITY_ATTRIBUTES on 64-bit Windows (minwinbase.h). */
export const SECURITY_ATTRIBUTES = { size: 24, nLength: 0, lpSecurityDescriptor: 8 } as const;

/**
 * Calls `use` with the address of a descriptor that is given in SDDL ("Security Descriptor String Format", Windows
 * documentation). The descriptor exists only during the call.
 * @throws {Win32Error} if the text is not valid.
 */
export function withSecurityDescriptor<T>(
  libraries: SystemLibraries,
  sddl: string,
  use: (descriptor: bigint) => T,
): T {
  const { ConvertStringSecurityDescriptorToSecurityDescriptorW } = libraries.bind(SECURITY_FUNCTIONS);
  const descriptor = new BigUint64Array(1);
  const done = ConvertStringSecurityDescriptorToSecurityDescriptorW(
    toWideString(sddl),
    SDDL_REVISION_1,
    descriptor,
    null,
  );
  if (done === 0) throw libraries.lastError("Cannot make a security descriptor");
  try {
    return use(descriptor[0]);
  } finally {
    free(libraries, descriptor[0]);
  }
}

/**
 * Calls `use` with SECURITY_ATTRIBUTES made from a descriptor in SDDL, as `withSecurityDescriptor` does. The attributes
 * are valid only during the call.
 * @throws {Win32Error} if the descriptor is not valid.
 */
export function withSecurityAttributes<T>(
  libraries: SystemLibraries,
  sddl: string,
  use: (attributes: ArrayBuffer) => T,
): T {
  return withSecurityDescriptor(libraries, sddl, (descriptor) => {
    const attributes = new DataView(new ArrayBuffer(SECURITY_ATTRIBUTES.size));
    attributes.setUint32(SECURITY_ATTRIBUTES.nLength, SECURITY_ATTRIBUTES.size, true);
    attributes.setBigUint64(SECURITY_ATTRIBUTES.lpSecurityDescriptor, descriptor, true);
    return use(attributes.buffer);
  });
}

/**
 * Returns the owner and the access list of an open file or folder, in SDDL.
 * @throws {Win32Error}
 */
export function fileSecurity(libraries: SystemLibraries, { handle, path }: FileHandle): string {
  const operation = `Cannot read who may use ${path}`;
  const { GetSecurityInfo } = libraries.bind(SECURITY_FUNCTIONS);
  const descriptor = new BigUint64Array(1);
  try {
    const code = GetSecurityInfo(
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
    return descriptorText(libraries, descriptor[0], OWNER_AND_DACL, operation);
  } finally {
    free(libraries, descriptor[0]);
  }
}

/**
 * Returns the parts of the descriptor at `address` that `information` names (SECURITY_INFORMATION, winnt.h), in SDDL.
 * @throws {Win32Error} with `operation` if the descriptor is not valid.
 */
export function descriptorText(
  libraries: SystemLibraries,
  address: bigint,
  information: number,
  operation: string,
): string {
  const { ConvertSecurityDescriptorToStringSecurityDescriptorW } = libraries.bind(SECURITY_FUNCTIONS);
  const text = new BigUint64Array(1);
  const done = ConvertSecurityDescriptorToStringSecurityDescriptorW(
    Deno.UnsafePointer.create(address),
    SDDL_REVISION_1,
    information,
    text,
    null,
  );
  if (done === 0) throw libraries.lastError(operation);
  try {
    return readWideString(Deno.UnsafePointer.create(text[0]));
  } finally {
    free(libraries, text[0]);
  }
}

function free(libraries: SystemLibraries, address: bigint): void {
  libraries.bind(LOCAL_MEMORY_FUNCTIONS).LocalFree(Deno.UnsafePointer.create(address));
}
