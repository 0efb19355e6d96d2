import { deletedMeanwhile, HostError } from "../tun/host_error.ts";
import { pause } from "../tun/pause.ts";
import type { AdapterServices } from "../tun/windows/adapter_services.ts";
import { startOnWorker } from "../windows/services/service_start.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import {
  ERROR_ACCESS_DENIED,
  ERROR_FILE_NOT_FOUND,
  ERROR_PATH_NOT_FOUND,
  ERROR_PROCESS_ABORTED,
  ERROR_SERVICE_DOES_NOT_EXIST,
  ERROR_SERVICE_MARKED_FOR_DELETE,
  Win32Error,
} from "../windows/win32_error.ts";
import type { Patience } from "./patience.ts";

/** The start of the service that holds an adapter. */
export class Starting {
  /** Whether Windows is starting the service. */
  isUnderWay = false;
  /** Set when the service has ended before it could report, and was started again only to learn why. */
  endedEarly: HostError | undefined;
  readonly #libraries: SystemLibraries;
  readonly #services: AdapterServices;
  readonly #guid: string;
  readonly #operation: string;
  readonly #patience: Patience;

  /** @param guid The GUID of the adapter. */
  constructor(
    libraries: SystemLibraries,
    services: AdapterServices,
    guid: string,
    operation: string,
    patience: Patience,
  ) {
    this.#libraries = libraries;
    this.#services = services;
    this.#guid = guid;
    this.#operation = operation;
    this.#patience = patience;
  }

  /**
   * Starts the service. Returns before it has started if the user does not wait any longer: Windows may take half a minute.
   * @throws {HostError}, {Win32Error} if Windows cannot start it.
   */
  async start(): Promise<void> {
    const { interrupted, deadlineMs } = this.#patience;
    const answered = new AbortController();
    this.isUnderWay = true;
    const starting = this.#startPatiently().finally(() => {
      this.isUnderWay = false;
      answered.abort();
    });
    // After a timeout or an interrupt, that is reported, and not an error of this start.
    starting.catch(() => {});
    const signals = interrupted === undefined ? [answered.signal] : [answered.signal, interrupted];
    await pause(deadlineMs - performance.now(), AbortSignal.any(signals));
    if (answered.signal.aborted) await starting;
  }

  async #startPatiently(): Promise<void> {
    // The service is watched by another handle, because Windows may let calls on one handle wait for each other.
    using service = this.#services.open(this.#guid, "start", "status");
    if (service === undefined) throw deletedMeanwhile(this.#operation);
    if (await service.startElsewhere() || service.status().state !== "stopped") return;
    this.#patience.throwIfCalledOff();
    // Windows reports the reason only to a thread that tries again. If the second try starts the service, somebody had ended
    // its process after the first. The service must then end again, and create nothing.
    this.#services.requestStop(this.#guid);
    try {
      await startOnWorker(this.#libraries, service.name);
      this.endedEarly = endedSilently(this.#operation, ERROR_PROCESS_ABORTED);
    } catch (error) {
      this.#services.forgetRequest(this.#guid);
      throw error instanceof Win32Error ? this.#cannotStart(error) : error;
    }
  }

  #cannotStart(error: Win32Error): Error {
    const isDeleted = error.code === ERROR_SERVICE_MARKED_FOR_DELETE ||
      error.code === ERROR_SERVICE_DOES_NOT_EXIST;
    if (isDeleted) return deletedMeanwhile(this.#operation);
    if (!CANNOT_READ_PROGRAM.has(error.code)) return error;
    const reason = `the service cannot run this program, ${Deno.execPath()}`;
    return new HostError("failed", this.#operation, reason, {
      hint:
        "Put the program on a disk of this machine that the system can read, or hold the adapter in this process with " +
        "--foreground.",
      cause: error,
    });
  }
}

/** The codes of StartServiceW when the program is on a network drive of this user, or encrypted for this user. */
const CANNOT_READ_PROGRAM: ReadonlySet<number> = new Set([
  ERROR_FILE_NOT_FOUND,
  ERROR_PATH_NOT_FOUND,
  ERROR_ACCESS_DENIED,
]);

/** Returns the error for a service that has ended and has reported nothing. @param win32ExitCode Its exit code for Windows. */
export function endedSilently(operation: string, win32ExitCode: number): HostError {
  const cause = win32ExitCode === 0 ? undefined : new Win32Error(win32ExitCode, "Cannot run the service");
  return new HostError("failed", operation, "its service ended and did not report why", {
    hint: "The System log of Windows (Get-WinEvent -LogName System) may have the reason.",
    cause,
  });
}
