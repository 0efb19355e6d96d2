import { addressOf, fixedMemory } from "../fixed_memory.ts";
import { systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { toWideString } from "../wide_string.ts";
import { encodeStatus, type ServiceStatus } from "./service_status.ts";

export const DISPATCHER_FUNCTIONS = systemFunctions("advapi32", {
  StartServiceCtrlDispatcherW: {
    parameters: ["buffer" /* const SERVICE_TABLE_ENTRYW *lpServiceStartTable */],
    result: "i32",
    nonblocking: true,
  },
  RegisterServiceCtrlHandlerExW: {
    parameters: [
      "buffer", /* LPCWSTR lpServiceName */
      "pointer", /* LPHANDLER_FUNCTION_EX lpHandlerProc */
      "pointer", /* LPVOID lpContext */
    ],
    result: "pointer", /* SERVICE_STATUS_HANDLE, which is not closed */
  },
  SetServiceStatus: {
    parameters: [
      "pointer", /* SERVICE_STATUS_HANDLE hServiceStatus */
      "buffer", /* LPSERVICE_STATUS lpServiceStatus */
    ],
    result: "i32",
  },
});

/** SERVICE_TABLE_ENTRYW on 64-bit Windows (winsvc.h). An entry of zeros ends the table. */
export const SERVICE_TABLE_ENTRYW = { size: 16, lpServiceName: 0, lpServiceProc: 8 } as const;

const NO_ERROR = 0;
const ERROR_CALL_NOT_IMPLEMENTED = 120;
const SERVICE_CONTROL_INTERROGATE = 4;

/** What a service does when Windows calls it. */
export interface ServiceHandlers {
  /** Windows has started the service. `setStatus` reports its status; it throws `Win32Error`. */
  started(setStatus: (status: ServiceStatus) => void): void;
  /** Windows sends a control (SERVICE_CONTROL_*, winsvc.h). Returns whether the service knows it. */
  control(code: number): boolean;
}

/**
 * Connects this process with the Service Control Manager ("StartServiceCtrlDispatcherW function", Windows documentation).
 * Resolves when the service has stopped, or at once if Windows has not started this process as a service.
 *
 * Windows calls ServiceMain and HandlerEx on threads of its own, which wait until the calling thread has run the
 * handlers. So the calling thread must not block, and this program calls this function on a worker.
 */
export async function dispatchService(
  libraries: SystemLibraries,
  name: string,
  handlers: ServiceHandlers,
): Promise<void> {
  // All functions are bound before Windows calls: to bind one changes the last error.
  const { SetServiceStatus, RegisterServiceCtrlHandlerExW, StartServiceCtrlDispatcherW } = libraries.bind(
    DISPATCHER_FUNCTIONS,
  );
  const wideName = toWideString(name);
  // Deno does not pass on what a callback throws.
  const failed = Promise.withResolvers<never>();
  const handler = Deno.UnsafeCallback.threadSafe(
    {
      parameters: [
        "u32", /* DWORD dwControl */
        "u32", /* DWORD dwEventType */
        "pointer", /* LPVOID lpEventData */
        "pointer", /* LPVOID lpContext */
      ],
      result: "u32",
    } as const,
    (control) => {
      try {
        if (control === SERVICE_CONTROL_INTERROGATE || handlers.control(control)) return NO_ERROR;
      } catch (error) {
        failed.reject(error);
      }
      return ERROR_CALL_NOT_IMPLEMENTED;
    },
  );
  const serviceMain = Deno.UnsafeCallback.threadSafe(
    {
      parameters: ["u32", /* DWORD dwNumServicesArgs */ "pointer" /* LPWSTR *lpServiceArgVectors */],
      result: "void",
    } as const,
    () => {
      try {
        const status = RegisterServiceCtrlHandlerExW(wideName, handler.pointer, null);
        if (status === null) throw libraries.lastError(`Cannot register the service ${name}`);
        handlers.started((next) => {
          if (SetServiceStatus(status, encodeStatus(next)) !== 0) return;
          throw libraries.lastError(`Cannot report the status of the service ${name}`);
        });
      } catch (error) {
        failed.reject(error);
      }
    },
  );
  try {
    const table = new DataView(fixedMemory(2 * SERVICE_TABLE_ENTRYW.size));
    table.setBigUint64(SERVICE_TABLE_ENTRYW.lpServiceName, addressOf(wideName.buffer), true);
    const address = Deno.UnsafePointer.value(serviceMain.pointer);
    table.setBigUint64(SERVICE_TABLE_ENTRYW.lpServiceProc, address, true);
    await Promise.race([StartServiceCtrlDispatcherW(table.buffer), failed.promise]);
  } finally {
    serviceMain.close();
    handler.close();
  }
}
