import { ERROR_SERVICE_SPECIFIC_ERROR } from "../win32_error.ts";
import { SERVICE_ACCEPT_SHUTDOWN, SERVICE_ACCEPT_STOP, type ServiceStatus } from "./service_status.ts";

/** The time between two checkpoints of a service that is starting or stopping. */
export const CHECKPOINT_MS = 1_000;
/** The Service Control Manager may take the service for hung if it reports nothing for this long. */
const WAIT_HINT_MS = 10_000;

/**
 * The state of a service that runs in this process. Each change is reported at once. The states follow one another:
 * starting, running, stopping, stopped; the service may skip `running` and `stopping`, and never goes back.
 *
 * A service that is starting or stopping accepts no controls ("SetServiceStatus function", Windows documentation).
 */
export class ServiceState {
  readonly #report: (status: ServiceStatus) => void;
  #state: "starting" | "running" | "stopping" | "stopped" = "starting";
  #checkPoint = 0;
  #exitCode = 0;

  /** Starts the service: `report` receives the state `starting` at once, and then each further status. */
  constructor(report: (status: ServiceStatus) => void) {
    this.#report = report;
    this.#enter("starting");
  }

  /** Whether the service is starting. */
  get isStarting(): boolean {
    return this.#state === "starting";
  }

  /** Reports the next checkpoint of a service that is starting or stopping. Call it every `CHECKPOINT_MS`. */
  checkPoint(): void {
    if (this.#isPending) this.#enter(this.#state);
  }

  /** Reports that the service has started. Ignored if it was asked to stop before. */
  run(): void {
    if (this.#state === "starting") this.#enter("running");
  }

  /** Reports that the service is stopping. Returns `false` if it was stopping already, or has stopped. */
  stop(): boolean {
    if (this.#state !== "starting" && this.#state !== "running") return false;
    this.#enter("stopping");
    return true;
  }

  /**
   * Reports that the service has stopped. Ignored if it had stopped before.
   * @param exitCode 0, or the code of this program that says why it failed. Windows gets that as service-specific code.
   */
  end(exitCode: number): void {
    if (this.#state === "stopped") return;
    this.#exitCode = exitCode;
    this.#enter("stopped");
  }

  get #isPending(): boolean {
    return this.#state === "starting" || this.#state === "stopping";
  }

  #enter(state: "starting" | "running" | "stopping" | "stopped"): void {
    if (state !== this.#state) this.#checkPoint = 0;
    this.#state = state;
    this.#report({
      state,
      accepts: state === "running" ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0,
      win32ExitCode: this.#exitCode === 0 ? 0 : ERROR_SERVICE_SPECIFIC_ERROR,
      specificExitCode: this.#exitCode,
      checkPoint: this.#isPending ? ++this.#checkPoint : 0,
      waitHintMs: this.#isPending ? WAIT_HINT_MS : 0,
    });
  }
}
