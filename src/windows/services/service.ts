import { addressOf, fixedMemory } from "../fixed_memory.ts";
import { DACL_SECURITY_INFORMATION, descriptorText, withSecurityDescriptor } from "../security.ts";
import { type BoundFunctions, systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { toWideString } from "../wide_string.ts";
import {
  ERROR_BROKEN_PIPE,
  ERROR_DUPLICATE_SERVICE_NAME,
  ERROR_INSUFFICIENT_BUFFER,
  ERROR_INVALID_SERVICE_CONTROL,
  ERROR_NO_DATA,
  ERROR_SERVICE_ALREADY_RUNNING,
  ERROR_SERVICE_CANNOT_ACCEPT_CTRL,
  ERROR_SERVICE_MARKED_FOR_DELETE,
  ERROR_SERVICE_NOT_ACTIVE,
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
  type ServiceRunState,
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
  ControlService: {
    parameters: [
      "pointer", /* SC_HANDLE hService */
      "u32", /* DWORD dwControl */
      "buffer", /* LPSERVICE_STATUS lpServiceStatus */
    ],
    result: "i32",
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
const SERVICE_NO_CHANGE = 0xFFFF_FFFF;
/** Most descriptors fit into this. */
const USUAL_DESCRIPTOR_BYTES = 512;
const SERVICE_CONFIG_DESCRIPTION = 1;
const SERVICE_CONFIG_FAILURE_ACTIONS = 2;
const SERVICE_CONFIG_FAILURE_ACTIONS_FLAG = 4;

/**
 * What came of asking a service to stop: it stops now; it was stopping already, or its process has ended just now; it is
 * starting, and accepts no controls yet; it had stopped.
 */
export type StopAnswer = "asked" | "stopping" | "starting" | "stopped";

/** An open service (winsvc.h). Each call needs the right for which the service was opened. The owner closes it. */
export class Service implements Disposable {
  readonly name: string;
  readonly #libraries: SystemLibraries;
  #handle: Deno.PointerValue;

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
   * Asks the service to stop (ControlService), and does not wait until it has. Right: `stop`.
   * @throws {Win32Error} with ERROR_SERVICE_REQUEST_TIMEOUT if the service does not answer, and for other reasons.
   */
  stop(): StopAnswer {
    const { ControlService } = this.#advapi32;
    if (ControlService(this.#handle, SERVICE_CONTROL_STOP, new ArrayBuffer(SERVICE_STATUS.size)) !== 0) {
      return "asked";
    }
    const error = this.#libraries.lastError(`Cannot stop the service ${this.name}`);
    const answer = REFUSED_CONTROLS.get(error.code)?.(this.status().state);
    if (answer === undefined) throw error;
    return answer;
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

  /**
   * Changes the name that users see (ChangeServiceConfigW). Returns `false` if another service has it. Right:
   * `changeConfig`.
   * @throws {Win32Error}
   */
  setDisplayName(displayName: string): boolean {
    const done = this.#advapi32.ChangeServiceConfigW(
      this.#handle,
      SERVICE_NO_CHANGE,
      SERVICE_NO_CHANGE,
      SERVICE_NO_CHANGE,
      null,
      null,
      null,
      null,
      null,
      null,
      toWideString(displayName),
    );
    if (done !== 0) return true;
    const error = this.#libraries.lastError(`Cannot rename the service ${this.name}`);
    if (error.code === ERROR_DUPLICATE_SERVICE_NAME) return false;
    throw error;
  }

  /** Sets when Windows starts the service (ChangeServiceConfigW). Right: `changeConfig`. @throws {Win32Error} */
  setStartType(startType: StartType): void {
    const done = this.#advapi32.ChangeServiceConfigW(
      this.#handle,
      SERVICE_NO_CHANGE,
      START_TYPES[startType],
      SERVICE_NO_CHANGE,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
    );
    if (done === 0) throw this.#libraries.lastError(`Cannot configure the service ${this.name}`);
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

/** Returns what a service does that accepts no controls. `undefined` if it should accept them. */
const refusedBy = (state: ServiceRunState): StopAnswer | undefined =>
  state === "starting" || state === "stopping" || state === "stopped" ? state : undefined;

/**
 * What the codes mean with which ControlService refuses. A service that is starting or stopping gives
 * ERROR_SERVICE_CANNOT_ACCEPT_CTRL on Windows, ERROR_INVALID_SERVICE_CONTROL on Wine. The pipe to the service breaks when
 * its process ends before the answer is through.
 */
const REFUSED_CONTROLS: ReadonlyMap<number, (state: ServiceRunState) => StopAnswer | undefined> = new Map([
  [ERROR_SERVICE_NOT_ACTIVE, (): StopAnswer => "stopped"],
  [ERROR_SERVICE_CANNOT_ACCEPT_CTRL, refusedBy],
  [ERROR_INVALID_SERVICE_CONTROL, refusedBy],
  [ERROR_BROKEN_PIPE, (): StopAnswer => "stopping"],
  [ERROR_NO_DATA, (): StopAnswer => "stopping"],
]);
