/** SERVICE_STATUS on Windows (winsvc.h). All members are DWORDs. */
export const SERVICE_STATUS = {
  size: 28,
  dwServiceType: 0,
  dwCurrentState: 4,
  dwControlsAccepted: 8,
  dwWin32ExitCode: 12,
  dwServiceSpecificExitCode: 16,
  dwCheckPoint: 20,
  dwWaitHint: 24,
} as const;

/** SERVICE_STATUS_PROCESS (winsvc.h). It begins with the members of SERVICE_STATUS. */
export const SERVICE_STATUS_PROCESS = { size: 36, dwProcessId: 28 } as const;

export const SERVICE_WIN32_OWN_PROCESS = 0x10;
export const SERVICE_ACCEPT_STOP = 0x1;
export const SERVICE_ACCEPT_SHUTDOWN = 0x4;

/** The values of dwCurrentState, from 1 on (SERVICE_STOPPED to SERVICE_PAUSED, winsvc.h). */
const STATES = ["stopped", "starting", "stopping", "running", "continuing", "pausing", "paused"] as const;

/** What a service does now. A service of this program never pauses. */
export type ServiceRunState = typeof STATES[number];

/** The status of a service, as the service reports it ("SERVICE_STATUS structure", Windows documentation). */
export interface ServiceStatus {
  readonly state: ServiceRunState;
  /** The controls that the service accepts: SERVICE_ACCEPT_* flags. */
  readonly accepts: number;
  /**
   * Why the service stopped: 0, or a Windows error code. With ERROR_SERVICE_SPECIFIC_ERROR (1066), `specificExitCode` has
   * the service's own code. ERROR_PROCESS_ABORTED (1067): its process ended without a report. ERROR_SERVICE_NEVER_STARTED
   * (1077): it has not run since Windows started.
   */
  readonly win32ExitCode: number;
  readonly specificExitCode: number;
  /** While the service is starting or stopping: a number that grows as long as it makes progress. Otherwise 0. */
  readonly checkPoint: number;
  /** While the service is starting or stopping: the time until the next report, at the latest. */
  readonly waitHintMs: number;
}

/** The status of a service, as the Service Control Manager returns it. */
export interface ServiceProcessStatus extends ServiceStatus {
  /** The process id. 0 if the service has no process. */
  readonly pid: number;
}

/** Encodes a SERVICE_STATUS of a service that has a process of its own. */
export function encodeStatus(status: ServiceStatus): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(SERVICE_STATUS.size));
  const set = (offset: number, value: number): void => view.setUint32(offset, value, true);
  set(SERVICE_STATUS.dwServiceType, SERVICE_WIN32_OWN_PROCESS);
  set(SERVICE_STATUS.dwCurrentState, STATES.indexOf(status.state) + 1);
  set(SERVICE_STATUS.dwControlsAccepted, status.accepts);
  set(SERVICE_STATUS.dwWin32ExitCode, status.win32ExitCode);
  set(SERVICE_STATUS.dwServiceSpecificExitCode, status.specificExitCode);
  set(SERVICE_STATUS.dwCheckPoint, status.checkPoint);
  set(SERVICE_STATUS.dwWaitHint, status.waitHintMs);
  return view.buffer;
}

/**
 * Decodes a SERVICE_STATUS_PROCESS.
 * @throws {RangeError} if it has a state that is not in winsvc.h.
 */
export function decodeProcessStatus(memory: ArrayBuffer): ServiceProcessStatus {
  const view = new DataView(memory);
  const get = (offset: number): number => view.getUint32(offset, true);
  const code = get(SERVICE_STATUS.dwCurrentState);
  const state = STATES[code - 1];
  if (state === undefined) throw new RangeError(`a service has the unknown state ${code}`);
  return {
    state,
    accepts: get(SERVICE_STATUS.dwControlsAccepted),
    win32ExitCode: get(SERVICE_STATUS.dwWin32ExitCode),
    specificExitCode: get(SERVICE_STATUS.dwServiceSpecificExitCode),
    checkPoint: get(SERVICE_STATUS.dwCheckPoint),
    waitHintMs: get(SERVICE_STATUS.dwWaitHint),
    pid: get(SERVICE_STATUS_PROCESS.dwProcessId),
  };
}
