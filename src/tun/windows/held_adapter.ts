import { ERROR_ALREADY_INITIALIZED, Win32Error } from "../../windows/win32_error.ts";
import type { Adapter as WintunAdapter } from "../../wintun/adapter.ts";
import type { Adapter, AdapterInfo, PacketSession } from "../host.ts";
import { sessionIsOpen } from "../host_error.ts";
import type { Ownership } from "./owner_records.ts";
import type { RemovalWatch } from "./removal_watch.ts";
import type { OwnSession } from "./session_records.ts";

/** An adapter of wintun.dll that this process holds. */
export class HeldAdapter implements Adapter {
  readonly info: AdapterInfo;
  readonly stopRequested: Promise<void>;
  readonly sessionStopRequested: Promise<void>;
  readonly #adapter: WintunAdapter;
  readonly #watch: RemovalWatch;
  readonly #ownership: Ownership | undefined;
  readonly #recordSession: () => OwnSession;
  readonly #sessionStop = Promise.withResolvers<void>();
  readonly #onClose: () => void;
  #session: OwnSession | undefined;
  #closed = false;

  /**
   * Takes ownership of `adapter`, `watch` and `ownership`.
   * @param ownership The record of this process; `undefined` unless this process created the adapter.
   * @param recordSession Records that this process serves the adapter.
   * @param onClose Called at the end of `close()`.
   */
  constructor(
    adapter: WintunAdapter,
    info: AdapterInfo,
    watch: RemovalWatch,
    ownership: Ownership | undefined,
    recordSession: () => OwnSession,
    onClose: () => void,
  ) {
    this.#adapter = adapter;
    this.info = info;
    this.#watch = watch;
    this.#ownership = ownership;
    this.#recordSession = recordSession;
    this.sessionStopRequested = this.#sessionStop.promise;
    this.#onClose = onClose;
    this.stopRequested = new Promise((resolve) => {
      ownership?.stopSignal.wasSet.then((isSet) => {
        if (isSet) resolve();
      });
    });
  }

  get removed(): Promise<void> {
    return this.#watch.removed;
  }

  get created(): boolean {
    return this.#ownership !== undefined;
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
    if (this.#session !== undefined) return;
    this.#session = this.#recordSession();
    this.#session.stopSignal.wasSet.then((isSet) => {
      if (isSet) this.#sessionStop.resolve();
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
    // The waits for the signals end later: closing the host waits for them.
    closing.defer(() => this.#ownership?.release());
    closing.defer(() => this.#session?.release());
    closing.use(this.#adapter);
    closing.defer(() => this.#ownership?.setHasAdapter(false));
    closing.use(this.#watch);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
