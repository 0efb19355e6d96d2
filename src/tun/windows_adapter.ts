import type { Adapter as WintunAdapter } from "../wintun/adapter.ts";
import { ERROR_ALREADY_INITIALIZED, Win32Error } from "../windows/win32_error.ts";
import type { Adapter, AdapterInfo, PacketSession } from "./host.ts";
import { HostError } from "./host_error.ts";

/** An adapter of wintun.dll, held by this process. */
export class WindowsAdapter implements Adapter {
  readonly info: AdapterInfo;
  readonly created: boolean;
  readonly #adapter: WintunAdapter;
  readonly #onClose: () => void;

  /** Takes over `adapter`. */
  constructor(adapter: WintunAdapter, info: AdapterInfo, created: boolean, onClose: () => void) {
    this.#adapter = adapter;
    this.info = info;
    this.created = created;
    this.#onClose = onClose;
  }

  openSession(capacityBytes: number): PacketSession {
    try {
      return this.#adapter.startSession(capacityBytes);
    } catch (error) {
      if (!(error instanceof Win32Error) || error.code !== ERROR_ALREADY_INITIALIZED) throw error;
      throw new HostError(
        "busy",
        `Cannot serve adapter "${this.info.name}"`,
        "a session is open on it already",
        {
          hint: "An adapter has one session at a time: end the other program, or use another adapter.",
          cause: error,
        },
      );
    }
  }

  close(): void {
    this.#adapter.close();
    this.#onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
