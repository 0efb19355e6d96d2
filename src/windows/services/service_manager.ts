import { systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { toWideString, toWideStrings } from "../wide_string.ts";
import {
  ERROR_DUPLICATE_SERVICE_NAME,
  ERROR_SERVICE_DOES_NOT_EXIST,
  ERROR_SERVICE_EXISTS,
  ERROR_SERVICE_MARKED_FOR_DELETE,
} from "../win32_error.ts";
import { closeServiceHandle, Service } from "./service.ts";
import { START_TYPES, type StartType } from "./service_config.ts";
import { RIGHTS, type ServiceRight } from "./service_rights.ts";
import { SERVICE_WIN32_OWN_PROCESS } from "./service_status.ts";

export const SERVICE_MANAGER_FUNCTIONS = systemFunctions("advapi32", {
  OpenSCManagerW: {
    parameters: [
      "pointer", /* LPCWSTR lpMachineName */
      "pointer", /* LPCWSTR lpDatabaseName */
      "u32", /* DWORD dwDesiredAccess */
    ],
    result: "pointer", /* SC_HANDLE */
  },
  CreateServiceW: {
    parameters: [
      "pointer", /* SC_HANDLE hSCManager */
      "buffer", /* LPCWSTR lpServiceName */
      "buffer", /* LPCWSTR lpDisplayName */
      "u32", /* DWORD dwDesiredAccess */
      "u32", /* DWORD dwServiceType */
      "u32", /* DWORD dwStartType */
      "u32", /* DWORD dwErrorControl */
      "buffer", /* LPCWSTR lpBinaryPathName */
      "pointer", /* LPCWSTR lpLoadOrderGroup */
      "pointer", /* LPDWORD lpdwTagId */
      "buffer", /* LPCWSTR lpDependencies, a list that an empty string ends */
      "pointer", /* LPCWSTR lpServiceStartName, NULL for LocalSystem */
      "pointer", /* LPCWSTR lpPassword */
    ],
    result: "pointer", /* SC_HANDLE */
  },
  OpenServiceW: {
    parameters: [
      "pointer", /* SC_HANDLE hSCManager */
      "buffer", /* LPCWSTR lpServiceName */
      "u32", /* DWORD dwDesiredAccess */
    ],
    result: "pointer", /* SC_HANDLE */
  },
});

const SC_MANAGER_CONNECT = 0x1;
const SC_MANAGER_CREATE_SERVICE = 0x2;
const SERVICE_ERROR_NORMAL = 1;

/** A service to be created: it has a process of its own and runs as LocalSystem. */
export interface NewService {
  /** At most 256 characters, no slash. Windows compares names without regard to case. */
  readonly name: string;
  /** The name that users see, at most 256 characters. No two services have the same. */
  readonly displayName: string;
  /** The quoted path of the program and its arguments. */
  readonly commandLine: string;
  readonly startType: StartType;
  /** The names of the services that must run before it. */
  readonly dependencies: readonly string[];
}

/**
 * Why a service was not created: a service of that name exists; one of that name is about to be deleted, once it has
 * stopped and all its handles are closed; another service has that display name.
 */
export type ServiceConflict = "exists" | "being deleted" | "display name taken";

const CONFLICTS: ReadonlyMap<number, ServiceConflict> = new Map([
  [ERROR_SERVICE_EXISTS, "exists"],
  [ERROR_SERVICE_MARKED_FOR_DELETE, "being deleted"],
  [ERROR_DUPLICATE_SERVICE_NAME, "display name taken"],
]);

/** A connection with the Service Control Manager of this machine (winsvc.h). The owner closes it. */
export class ServiceManager implements Disposable {
  readonly #libraries: SystemLibraries;
  #handle: Deno.PointerValue;

  private constructor(libraries: SystemLibraries, access: number) {
    const { OpenSCManagerW } = libraries.bind(SERVICE_MANAGER_FUNCTIONS);
    this.#libraries = libraries;
    this.#handle = OpenSCManagerW(null, null, access);
    if (this.#handle === null) throw libraries.lastError("Cannot reach the Service Control Manager");
  }

  /** Connects to open services. Every user may. @throws {Win32Error} */
  static connect(libraries: SystemLibraries): ServiceManager {
    return new ServiceManager(libraries, SC_MANAGER_CONNECT);
  }

  /** Connects to create services too, which administrators may. @throws {Win32Error} */
  static connectToCreate(libraries: SystemLibraries): ServiceManager {
    return new ServiceManager(libraries, SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE);
  }

  /**
   * Creates a service (CreateServiceW). It does not run yet. Returns it with all rights, or why there cannot be one.
   * @throws {Win32Error} for every other reason.
   */
  create(service: NewService): Service | ServiceConflict {
    const { CreateServiceW } = this.#libraries.bind(SERVICE_MANAGER_FUNCTIONS);
    const { name, displayName, commandLine, startType, dependencies } = service;
    const handle = CreateServiceW(
      this.#handle,
      toWideString(name),
      toWideString(displayName),
      RIGHTS.all,
      SERVICE_WIN32_OWN_PROCESS,
      START_TYPES[startType],
      SERVICE_ERROR_NORMAL,
      toWideString(commandLine),
      null,
      null,
      dependencies.length === 0 ? null : toWideStrings(dependencies),
      null,
      null,
    );
    if (handle !== null) return new Service(this.#libraries, name, handle);
    const error = this.#libraries.lastError(`Cannot create the service ${name}`);
    const conflict = CONFLICTS.get(error.code);
    if (conflict === undefined) throw error;
    return conflict;
  }

  /**
   * Opens a service for what `rights` names, and no more (OpenServiceW). Returns `undefined` if there is no such service.
   * @throws {Win32Error} with ERROR_ACCESS_DENIED if this user does not have one of the rights, and for other reasons.
   */
  open(name: string, ...rights: readonly ServiceRight[]): Service | undefined {
    const { OpenServiceW } = this.#libraries.bind(SERVICE_MANAGER_FUNCTIONS);
    const access = rights.reduce((mask, right) => mask | RIGHTS[right], 0);
    const handle = OpenServiceW(this.#handle, toWideString(name), access);
    if (handle !== null) return new Service(this.#libraries, name, handle);
    const error = this.#libraries.lastError(`Cannot open the service ${name}`);
    if (error.code === ERROR_SERVICE_DOES_NOT_EXIST) return undefined;
    throw error;
  }

  /** Closes the connection. Services that it opened stay open. Idempotent. */
  close(): void {
    if (this.#handle === null) return;
    closeServiceHandle(this.#libraries, this.#handle);
    this.#handle = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
