import { Event } from "../windows/event.ts";
import type { Wintun } from "./library.ts";
import type { RingsAttachment } from "./rings.ts";

/**
 * A WINTUN_SESSION_HANDLE, and the event that ends the wait of its reader. The thread that started the session owns
 * both. The thread that attaches to the session moves the packets (rings.ts).
 */
export class Session implements Disposable {
  readonly attachment: RingsAttachment;
  readonly #wintun: Wintun;
  readonly #stopEvent: Event;
  readonly #onClose: () => void;
  #handle: Deno.PointerValue;

  private constructor(wintun: Wintun, handle: Deno.PointerObject, stopEvent: Event, onClose: () => void) {
    const readEvent = wintun.symbols.WintunGetReadWaitEvent(handle);
    this.#wintun = wintun;
    this.#handle = handle;
    this.#stopEvent = stopEvent;
    this.#onClose = onClose;
    this.attachment = {
      kind: "wintun",
      wintunPath: wintun.path,
      kernel32Path: wintun.libraries.path("kernel32"),
      session: Deno.UnsafePointer.value(handle),
      readEvent: Deno.UnsafePointer.value(readEvent),
      stopEvent: stopEvent.handle,
    };
  }

  /** Called by `Adapter.startSession`, which has the documentation. */
  static start(
    wintun: Wintun,
    adapter: Deno.PointerObject,
    capacityBytes: number,
    onClose: () => void,
  ): Session {
    const stopEvent = Event.create(wintun.libraries);
    const handle = wintun.symbols.WintunStartSession(adapter, capacityBytes);
    if (handle === null) {
      const error = wintun.libraries.lastError("Cannot start a packet session");
      stopEvent.close();
      throw error;
    }
    return new Session(wintun, handle, stopEvent, onClose);
  }

  /**
   * Ends the current wait of the reader and all later ones.
   * @throws {Win32Error}
   */
  stop(): void {
    if (this.#handle !== null) this.#stopEvent.set();
  }

  /** Ends the session (WintunEndSession), which frees the rings. The reader must be closed first. Idempotent. */
  close(): void {
    if (this.#handle === null) return;
    this.#wintun.symbols.WintunEndSession(this.#handle);
    this.#handle = null;
    this.#stopEvent.close();
    this.#onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
