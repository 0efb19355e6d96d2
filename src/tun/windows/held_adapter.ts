import { ERROR_ALREADY_INITIALIZED, Win32Error } from "../../windows/win32_error.ts";
import type { Adapter as WintunAdapter } from "../../wintun/adapter.ts";
import type { AdapterInfo } from "../adapter_info.ts";
import type { Adapter, PacketSession } from "../host.ts";
import { sessionIsOpen } from "../host_error.ts";
import type { Demand, OwnRecord } from "./process_records.ts";
import type { RemovalWatch } from "./removal_watch.ts";

/** An adapter of wintun.dll that this process holds. */
export class HeldAdapter implements Adapter {
  readonly info: AdapterInfo;
  readonly stopRequested: Promise<void>;
  readonly sessionStopRequested: Promise<void>;
  readonly created: boolean;
  readonly #adapter: WintunAdapter;
  readonly #watch: RemovalWatch;
  readonly #demanded: PromiseWithResolvers<Demand> = Promise.withResolvers();
  readonly #makeRecord: () => OwnRecord;
  readonly #beforeRemoval: () => void;
  readonly #onClose: () => void;
  #record: OwnRecord | undefined;
  #closed = false;

  /**
   * Takes ownership of `adapter`, `watch` and `record`.
   * @param created Whether this process created the adapter.
   * @param record The record of this process, if it has one already.
   * @param makeRecord Makes the record of a process that begins to serve the adapter and has none.
   * @param beforeRemoval Called by `close()` before it removes the adapter, if this process created it.
   * @param onClose Called at the end of `close()`.
   */
  constructor(
    adapter: WintunAdapter,
    info: AdapterInfo,
    watch: RemovalWatch,
    { created, record, makeRecord, beforeRemoval, onClose }: {
      readonly created: boolean;
      readonly record?: OwnRecord;
      readonly makeRecord: () => OwnRecord;
      readonly beforeRemoval: () => void;
      readonly onClose: () => void;
    },
  ) {
    this.#adapter = adapter;
    this.info = info;
    this.#watch = watch;
    this.created = created;
    this.#makeRecord = makeRecord;
    this.#beforeRemoval = beforeRemoval;
    this.#onClose = onClose;
    this.stopRequested = this.#whenDemanded("release");
    this.sessionStopRequested = this.#whenDemanded("end-session");
    if (record !== undefined) this.#take(record);
  }

  get removed(): Promise<void> {
    return this.#watch.removed;
  }

  openSession(capacityBytes: number): PacketSession {
    const session = this.#startSession(capacityBytes);
    try {
      this.announceSession();
    } catch (error) {
      session.close();
      throw error;
    }
    return session;
  }

  /**
   * Records that this process serves the adapter. From then until `close()`, other processes can ask it to end its session.
   * Idempotent.
   * @throws {Win32Error} if Windows refuses the signal or the record.
   */
  announceSession(): void {
    if (this.#record === undefined) this.#take(this.#makeRecord());
    this.#record?.setServes();
  }

  #take(record: OwnRecord): void {
    this.#record = record;
    record.demand.then((demand) => {
      if (demand !== undefined) this.#demanded.resolve(demand);
    });
  }

  #whenDemanded(wanted: Demand): Promise<void> {
    return new Promise((resolve) => {
      this.#demanded.promise.then((demand) => {
        if (demand === wanted) resolve();
      });
    });
  }

  #startSession(capacityBytes: number): PacketSession {
    try {
      return this.#adapter.startSession(capacityBytes);
    } catch (error) {
      if (!(error instanceof Win32Error) || error.code !== ERROR_ALREADY_INITIALIZED) throw error;
      throw sessionIsOpen(this.info.name, error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // The stack calls the last one first, and goes on after an error.
    using closing = new DisposableStack();
    closing.defer(this.#onClose);
    // The wait for the demand ends later: closing the host waits for it.
    closing.defer(() => this.#record?.release());
    closing.use(this.#adapter);
    if (this.created) {
      closing.defer(this.#beforeRemoval);
      closing.defer(() => this.#record?.setHasAdapter(false));
    }
    closing.use(this.#watch);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
