import { addressOf, fixedMemory } from "../fixed_memory.ts";
import { DACL_SECURITY_INFORMATION, descriptorText, withSecurityDescriptor } from "../security.ts";
import { type BoundFunctions, systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { toWideString } from "../wide_string.ts";
import {
  ERROR_DUPLICATE_SERVICE_NAME,
  ERROR_INSUFFICIENT_BUFFER,
  ERROR_SERVICE_ALREADY_RUNNING,
  ERROR_SERVICE_MARKED_FOR_DELETE,
  type Win32Error,
} from "../win32_error.ts";
import {
  decodeConfig,
  encodeFailureActions,
  type FailureActions,
  QUERY_SERVICE_CONFIGW,
  type ServiceConfig,
  START_TYPES,
  type StartType,
} from "./service_config.ts";
import {
  decodeProcessStatus,
  SERVICE_STATUS,
  SERVICE_STATUS_PROCESS,
  type ServiceProcessStatus,
} from "./service_status.ts";

export const SERVICE_FUNCTIONS = systemFunctions("advapi32", {
  CloseServiceHandle: { parameters: ["pointer" /* SC_HANDLE hSCObject */], result: "i32" },
  StartServiceW: {
    parameters: [
      "pointer", /* SC_HANDLE hService */
      "u32", /* DWORD dwNumServiceArgs */
      "pointer", /* LPCWSTR *lpServiceArgVectors */
    ],
    result: "i32",
  },
  StartServiceElsewhere: {
    name: "StartServiceW",
    parameters: [
      "pointer", /* SC_HANDLE hService */
      "u32", /* DWORD dwNumServiceArgs */
      "pointer", /* LPCWSTR *lpServiceArgVectors */
    ],
    result: "i32",
    nonblocking: true,
  },
  ControlService: {
    parameters: [
      "pointer", /* SC_HANDLE hService */
      "u32", /* DWORD dwControl */
      "buffer", /* LPSERVICE_STATUS lpServiceStatus */
    ],
    result: "i32",
    nonblocking: true,
  },
  DeleteService: { parameters: ["pointer" /* SC_HANDLE hService */], result: "i32" },
  QueryServiceStatusEx: {
    parameters: [
      "pointer", /* SC_HANDLE hService */
      "i32", /* SC_STATUS_TYPE InfoLevel */
      "buffer", /* LPBYTE lpBuffer */
      "u32", /* DWORD cbBufSize */
      "buffer", /* LPDWORD pcbBytesNeeded */
    ],
    result: "i32",
  },
  QueryServiceConfigW: {
    parameters: [
      "pointer", /* SC_HANDLE hService */
      "buffer", /* LPQUERY_SERVICE_CONFIGW lpServiceConfig */
      "u32", /* DWORD cbBufSize */
      "buffer", /* LPDWORD pcbBytesNeeded */
    ],
    result: "i32",
  },
  ChangeServiceConfigW: {
    parameters: [
      "pointer", /* SC_HANDLE hService */
      "u32", /* DWORD dwServiceType */
      "u32", /* DWORD dwStartType */
      "u32", /* DWORD dwErrorControl */
      "pointer", /* LPCWSTR lpBinaryPathName */
      "pointer", /* LPCWSTR lpLoadOrderGroup */
      "pointer", /* LPDWORD lpdwTagId */
      "pointer", /* LPCWSTR lpDependencies */
      "pointer", /* LPCWSTR lpServiceStartName */
      "pointer", /* LPCWSTR lpPassword */
      "buffer", /* LPCWSTR lpDisplayName */
    ],
    result: "i32",
  },
  ChangeServiceConfig2W: {
    parameters: [
      "pointer", /* SC_HANDLE hService */
      "u32", /* DWORD dwInfoLevel */
      "buffer", /* LPVOID lpInfo */
    ],
    result: "i32",
  },
  QueryServiceObjectSecurity: {
    parameters: [
      "pointer", /* SC_HANDLE hService */
      "u32", /* SECURITY_INFORMATION dwSecurityInformation */
      "buffer", /* PSECURITY_DESCRIPTOR lpSecurityDescriptor */
      "u32", /* DWORD cbBufSize */
      "buffer", /* LPDWORD pcbBytesNeeded */
    ],
    result: "i32",
  },
  SetServiceObjectSecurity: {
    parameters: [
      "pointer", /* SC_HANDLE hService */
      "u32", /* SECURITY_INFORMATION dwSecurityInformation */
      "pointer", /* PSECURITY_DESCRIPTOR lpSecurityDescriptor */
    ],
    result: "i32",
  },
});

const SC_STATUS_PROCESS_INFO = 0;
const SERVICE_CONTROL_STOP = 1;
const SERVICE_CONTROL_PARAMCHANGE = 6;
const SERVICE_NO_CHANGE = 0xFFFF_FFFF;
/** Most descriptors fit into this. */
const USUAL_DESCRIPTOR_BYTES = 512;
const SERVICE_CONFIG_DESCRIPTION = 1;
const SERVICE_CONFIG_FAILURE_ACTIONS = 2;
const SERVICE_CONFIG_FAILURE_ACTIONS_FLAG = 4;

/**
 * What came of asking a service to stop: it stops now; it is starting, and accepts no controls yet; it was stopping already; it had
 * stopped; it runs and has not answered.
 */
export type StopAnswer = "asked" | "starting" | "stopping" | "stopped" | "deaf";

/** An open service (winsvc.h). Each call needs the right for which the service was opened. The owner closes it. */
export class Service implements Disposable {
  readonly name: string;
  readonly #libraries: SystemLibraries;
  #handle: Deno.PointerValue;
  /** Windows writes here while this thread goes on. */
  readonly #controlStatus = fixedMemory(SERVICE_STATUS.size);

  /** Called by `ServiceManager`. Takes ownership of the SC_HANDLE. */
  constructor(libraries: SystemLibraries, name: string, handle: Deno.PointerObject) {
    this.#libraries = libraries;
    this.name = name;
    this.#handle = handle;
  }

  /**
   * Starts the service (StartServiceW), and blocks until its process has reached the Service Control Manager, or for 30 s.
   * Returns `false` if it runs already. Right: `start`.
   * @throws {Win32Error} with ERROR_SERVICE_MARKED_FOR_DELETE if it is about to be deleted, and for other reasons.
   */
  start(): boolean {
    if (this.#advapi32.StartServiceW(this.#handle, 0, null) !== 0) return true;
    const error = this.#libraries.lastError(`Cannot start the service ${this.name}`);
    if (error.code === ERROR_SERVICE_ALREADY_RUNNING) return false;
    throw error;
  }

  /**
   * Starts the service as `start` does, and does not block this thread. Returns whether this call has started it. Why it has not,
   * Windows keeps for the thread that called it: `startOnWorker` learns it. Keep the service open meanwhile. Right: `start`.
   */
  async startElsewhere(): Promise<boolean> {
    return await this.#advapi32.StartServiceElsewhere(this.#handle, 0, null) !== 0;
  }

  /** Returns what the service does now (QueryServiceStatusEx). Right: `status`. @throws {Win32Error} */
  status(): ServiceProcessStatus {
    const memory = new ArrayBuffer(SERVICE_STATUS_PROCESS.size);
    const done = this.#advapi32.QueryServiceStatusEx(
      this.#handle,
      SC_STATUS_PROCESS_INFO,
      memory,
      memory.byteLength,
      new Uint32Array(1),
    );
    if (done === 0) throw this.#libraries.lastError(`Cannot read the status of the service ${this.name}`);
    return decodeProcessStatus(memory);
  }

  /**
   * Asks the service to stop (ControlService), and does not wait until it has. Returns what the service does. Windows waits for
   * the answer of one that hangs for 30 s; this thread is not blocked meanwhile. Right: `stop`.
   * @throws {Win32Error}
   */
  async stop(): Promise<StopAnswer> {
    const { ControlService } = this.#advapi32;
    if (await ControlService(this.#handle, SERVICE_CONTROL_STOP, this.#controlStatus) !== 0) return "asked";
    // Windows does not pass on the error code to this thread. The state of the service says the same.
    const { state } = this.status();
    return state === "starting" || state === "stopping" || state === "stopped" ? state : "deaf";
  }

  /**
   * Tells the service that its parameters have changed (ControlService with SERVICE_CONTROL_PARAMCHANGE), and waits for its
   * answer. This thread is not blocked meanwhile. Returns `false` if the service does not run, or refuses. Right:
   * `pauseContinue`.
   */
  async rereadParameters(): Promise<boolean> {
    const { ControlService } = this.#advapi32;
    return await ControlService(this.#handle, SERVICE_CONTROL_PARAMCHANGE, this.#controlStatus) !== 0;
  }

  /**
   * Marks the service for deletion (DeleteService). Windows deletes it once it has stopped and all handles to it are
   * closed, or when Windows restarts. Returns `false` if it was marked before. Right: `delete`.
   * @throws {Win32Error}
   */
  markForDeletion(): boolean {
    if (this.#advapi32.DeleteService(this.#handle) !== 0) return true;
    const error = this.#libraries.lastError(`Cannot delete the service ${this.name}`);
    if (error.code === ERROR_SERVICE_MARKED_FOR_DELETE) return false;
    throw error;
  }

  /** Returns how the service is set up (QueryServiceConfigW). Right: `readConfig`. @throws {Win32Error} */
  config(): ServiceConfig {
    const operation = `Cannot read the configuration of the service ${this.name}`;
    return decodeConfig(
      this.#query(
        operation,
        QUERY_SERVICE_CONFIGW.size,
        (memory, size) => this.#advapi32.QueryServiceConfigW(this.#handle, memory, memory.byteLength, size),
      ),
    );
  }

  /** Sets when Windows starts the service (ChangeServiceConfigW). Right: `changeConfig`. @throws {Win32Error} */
  setStartType(startType: StartType): void {
    const error = this.#change(START_TYPES[startType], null);
    if (error !== undefined) throw error;
  }

  /**
   * Sets the name that users see, at most 256 characters (ChangeServiceConfigW). Returns `taken` if another service has it, and
   * `being deleted` if the service is marked for deletion: Windows does not change such a service. Right: `changeConfig`.
   * @throws {Win32Error} for every other reason.
   */
  setDisplayName(displayName: string): "set" | "taken" | "being deleted" {
    const error = this.#change(SERVICE_NO_CHANGE, toWideString(displayName));
    if (error === undefined) return "set";
    if (error.code === ERROR_DUPLICATE_SERVICE_NAME) return "taken";
    if (error.code === ERROR_SERVICE_MARKED_FOR_DELETE) return "being deleted";
    throw error;
  }

  /** Sets the description that users see in services.msc. Right: `changeConfig`. @throws {Win32Error} */
  setDescription(description: string): void {
    const text = toWideString(description);
    // SERVICE_DESCRIPTIONW has one member, the address of the text.
    this.#configure(SERVICE_CONFIG_DESCRIPTION, BigUint64Array.of(addressOf(text.buffer)).buffer);
  }

  /**
   * Sets what Windows does when the service fails, also if it stops in good order with a code other than 0
   * (SERVICE_CONFIG_FAILURE_ACTIONS_FLAG). Rights: `changeConfig` and `start`.
   * @throws {Win32Error}
   */
  setFailureActions(actions: FailureActions): void {
    const encoded = encodeFailureActions(actions);
    this.#configure(SERVICE_CONFIG_FAILURE_ACTIONS, encoded.structure);
    this.#configure(SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, Uint32Array.of(1).buffer);
  }

  /** Returns who may do what with the service, in SDDL. Right: `readSecurity`. @throws {Win32Error} */
  security(): string {
    const operation = `Cannot read who may use the service ${this.name}`;
    const descriptor = this.#query(
      operation,
      USUAL_DESCRIPTOR_BYTES,
      (memory, size) =>
        this.#advapi32.QueryServiceObjectSecurity(
          this.#handle,
          DACL_SECURITY_INFORMATION,
          memory,
          memory.byteLength,
          size,
        ),
    );
    return descriptorText(this.#libraries, addressOf(descriptor), DACL_SECURITY_INFORMATION, operation);
  }

  /**
   * Sets who may do what with the service. Right: `writeSecurity`.
   * @param sddl an access list in SDDL ("Security Descriptor String Format", Windows documentation).
   * @throws {Win32Error}
   */
  setSecurity(sddl: string): void {
    const error = withSecurityDescriptor(this.#libraries, sddl, (descriptor) => {
      const pointer = Deno.UnsafePointer.create(descriptor);
      return this.#advapi32.SetServiceObjectSecurity(this.#handle, DACL_SECURITY_INFORMATION, pointer) !== 0
        ? undefined
        : this.#libraries.lastError(`Cannot set who may use the service ${this.name}`);
    });
    if (error !== undefined) throw error;
  }

  /** Closes the handle. Idempotent. */
  close(): void {
    if (this.#handle === null) return;
    closeServiceHandle(this.#libraries, this.#handle);
    this.#handle = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #advapi32(): BoundFunctions<typeof SERVICE_FUNCTIONS> {
    return this.#libraries.bind(SERVICE_FUNCTIONS);
  }

  #change(startType: number, displayName: Uint16Array<ArrayBuffer> | null): Win32Error | undefined {
    const done = this.#advapi32.ChangeServiceConfigW(
      this.#handle,
      SERVICE_NO_CHANGE,
      startType,
      SERVICE_NO_CHANGE,
      null,
      null,
      null,
      null,
      null,
      null,
      displayName,
    );
    return done === 0 ? this.#libraries.lastError(`Cannot configure the service ${this.name}`) : undefined;
  }

  #configure(level: number, information: ArrayBuffer): void {
    if (this.#advapi32.ChangeServiceConfig2W(this.#handle, level, information) !== 0) return;
    throw this.#libraries.lastError(`Cannot configure the service ${this.name}`);
  }

  /** Calls `query` with as much memory as it asks for. */
  #query(
    operation: string,
    sizeBytes: number,
    query: (memory: ArrayBuffer, size: Uint32Array<ArrayBuffer>) => number,
  ): ArrayBuffer {
    const needed = Uint32Array.of(sizeBytes);
    for (;;) {
      const memory = fixedMemory(needed[0]);
      if (query(memory, needed) !== 0) return memory;
      const error = this.#libraries.lastError(operation);
      if (error.code !== ERROR_INSUFFICIENT_BUFFER || needed[0] <= memory.byteLength) throw error;
    }
  }
}

/** Closes an SC_HANDLE of a service or of the Service Control Manager (CloseServiceHandle). */
export function closeServiceHandle(libraries: SystemLibraries, handle: Deno.PointerObject): void {
  libraries.bind(SERVICE_FUNCTIONS).CloseServiceHandle(handle);
}
