import { ADMINISTRATORS_ONLY } from "./sddl.ts";
import { withSecurityAttributes } from "./security.ts";
import { MissingFunctionError, systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { toWideString } from "./wide_string.ts";
import { ERROR_ALREADY_EXISTS, ERROR_PATH_NOT_FOUND } from "./win32_error.ts";

export const NAMESPACE_FUNCTIONS = systemFunctions("kernel32", {
  CreateBoundaryDescriptorW: {
    parameters: ["buffer", /* LPCWSTR Name */ "u32" /* ULONG Flags */],
    result: "pointer",
  },
  AddSIDToBoundaryDescriptor: {
    parameters: ["buffer", /* HANDLE *BoundaryDescriptor */ "buffer" /* PSID RequiredSid */],
    result: "i32",
  },
  DeleteBoundaryDescriptor: {
    parameters: ["pointer" /* HANDLE BoundaryDescriptor */],
    result: "void",
  },
  CreatePrivateNamespaceW: {
    parameters: [
      "buffer", /* LPSECURITY_ATTRIBUTES lpPrivateNamespaceAttributes */
      "pointer", /* LPVOID lpBoundaryDescriptor */
      "buffer", /* LPCWSTR lpAliasPrefix */
    ],
    result: "pointer",
  },
  OpenPrivateNamespaceW: {
    parameters: ["pointer", /* LPVOID lpBoundaryDescriptor */ "buffer" /* LPCWSTR lpAliasPrefix */],
    result: "pointer",
  },
  ClosePrivateNamespace: {
    parameters: ["pointer", /* HANDLE Handle */ "u32" /* ULONG Flags */],
    result: "u8",
  },
}, { without: "A user without an administrator's rights can keep adapters from being created." });

export const SID_FUNCTIONS = systemFunctions("advapi32", {
  CreateWellKnownSid: {
    parameters: [
      "i32", /* WELL_KNOWN_SID_TYPE WellKnownSidType */
      "pointer", /* PSID DomainSid */
      "buffer", /* PSID pSid */
      "buffer", /* DWORD *cbSid */
    ],
    result: "i32",
  },
});

const WinBuiltinAdministratorsSid = 26;
/** SECURITY_MAX_SID_SIZE (winnt.h). */
const MAX_SID_BYTES = 68;
/** Another process may close the namespace between the two calls below. That does not happen repeatedly. */
const MAX_ATTEMPTS = 100;

/**
 * A namespace for kernel objects that only administrators can enter ("Object Namespaces", Windows documentation). Its
 * boundary requires the SID of the administrators in the token of a process. No other user can therefore create the
 * namespace first, or an object in it. A name in `Global\` does not have this protection.
 */
export class PrivateNamespace implements Disposable {
  readonly #libraries: SystemLibraries;
  #handle: Deno.PointerValue;

  private constructor(libraries: SystemLibraries, handle: Deno.PointerObject) {
    this.#libraries = libraries;
    this.#handle = handle;
  }

  /**
   * Creates the namespace, or opens it if another process has created it. Objects in it are named `name\object`. A
   * process can open a namespace only once at a time.
   * @returns `undefined` if this Windows has no private namespaces (Wine).
   * @throws {Win32Error} with ERROR_ACCESS_DENIED for a process that is not elevated.
   */
  static enter(libraries: SystemLibraries, name: string): PrivateNamespace | undefined {
    try {
      return new PrivateNamespace(libraries, open(libraries, name));
    } catch (error) {
      if (error instanceof MissingFunctionError) return undefined;
      throw error;
    }
  }

  /** Closes the namespace. It ends with the last process that closes it. Idempotent. */
  close(): void {
    if (this.#handle === null) return;
    this.#libraries.bind(NAMESPACE_FUNCTIONS).ClosePrivateNamespace(this.#handle, 0);
    this.#handle = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function open(libraries: SystemLibraries, name: string): Deno.PointerObject {
  const kernel32 = libraries.bind(NAMESPACE_FUNCTIONS);
  // Binds all functions before it calls one: Wine has only the first of them.
  for (
    const symbol of Object.keys(NAMESPACE_FUNCTIONS.symbols) as (keyof typeof NAMESPACE_FUNCTIONS.symbols)[]
  ) void kernel32[symbol];
  const boundary = createBoundary(libraries, name);
  const alias = toWideString(name);
  const operation = `Cannot enter the namespace ${name}`;
  try {
    for (let attempt = 1;; attempt++) {
      const made = withSecurityAttributes(libraries, ADMINISTRATORS_ONLY, (attributes) => {
        const handle = kernel32.CreatePrivateNamespaceW(attributes, boundary, alias);
        return handle ?? libraries.lastError(operation);
      });
      if (!(made instanceof Error)) return made;
      if (made.code !== ERROR_ALREADY_EXISTS) throw made;
      const opened = kernel32.OpenPrivateNamespaceW(boundary, alias);
      if (opened !== null) return opened;
      const error = libraries.lastError(operation);
      if (error.code !== ERROR_PATH_NOT_FOUND || attempt === MAX_ATTEMPTS) throw error;
    }
  } finally {
    kernel32.DeleteBoundaryDescriptor(boundary);
  }
}

function createBoundary(libraries: SystemLibraries, name: string): Deno.PointerValue {
  const kernel32 = libraries.bind(NAMESPACE_FUNCTIONS);
  const operation = `Cannot make the boundary of the namespace ${name}`;
  const boundary = new BigUint64Array(1);
  boundary[0] = Deno.UnsafePointer.value(kernel32.CreateBoundaryDescriptorW(toWideString(name), 0));
  if (boundary[0] === 0n) throw libraries.lastError(operation);
  // Adding a SID may move the descriptor.
  if (kernel32.AddSIDToBoundaryDescriptor(boundary, administratorsSid(libraries)) === 0) {
    const error = libraries.lastError(operation);
    kernel32.DeleteBoundaryDescriptor(Deno.UnsafePointer.create(boundary[0]));
    throw error;
  }
  return Deno.UnsafePointer.create(boundary[0]);
}

function administratorsSid(libraries: SystemLibraries): Uint8Array<ArrayBuffer> {
  const { CreateWellKnownSid } = libraries.bind(SID_FUNCTIONS);
  const [sid, size] = [new Uint8Array(MAX_SID_BYTES), new Uint32Array([MAX_SID_BYTES])];
  if (CreateWellKnownSid(WinBuiltinAdministratorsSid, null, sid, size) === 0) {
    throw libraries.lastError("Cannot make the SID of the administrators");
  }
  return sid;
}
