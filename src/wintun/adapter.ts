import { toWideString } from "../windows/wide_string.ts";
import { win32CodeOf, Win32Error } from "../windows/win32_error.ts";
import type { Wintun } from "./library.ts";
import { Session } from "./session.ts";

/** A WINTUN_ADAPTER_HANDLE. Closing an adapter that `create` made removes it from the machine. */
export class Adapter implements Disposable {
  readonly #wintun: Wintun;
  readonly #sessions = new Set<Session>();
  #handle: Deno.PointerValue;

  private constructor(wintun: Wintun, handle: Deno.PointerObject) {
    this.#wintun = wintun;
    this.#handle = handle;
  }

  /**
   * Creates an adapter (WintunCreateAdapter). Blocks for up to 15 s while the device starts, and longer if an old
   * driver must be unloaded. A name in use is not refused: Windows renames the other adapter, so check the name first.
   * @param guid 16 bytes of a GUID structure, or `null` to let the system choose.
   * @throws {Win32Error} 5: not elevated. 111: a name is longer than 127 UTF-16 units. 183: the previous adapter is still being removed. 258
   * and 4319: the device did not start in time. Other codes give the reason of the failure.
   */
  static create(wintun: Wintun, name: string, type: string, guid: Uint8Array<ArrayBuffer> | null): Adapter {
    const [wideName, wideType] = [toWideString(name), toWideString(type)];
    const handle = wintun.symbols.WintunCreateAdapter(wideName, wideType, guid);
    if (handle === null) {
      // Some codes are HRESULTs: wintun.dll passes on the result of the device's creation.
      const { code, operation } = wintun.libraries.lastError(`Cannot create adapter "${name}"`);
      throw new Win32Error(win32CodeOf(code), operation);
    }
    return new Adapter(wintun, handle);
  }

  /** Takes over the handle that another thread has given up by `release()`. */
  static adopt(wintun: Wintun, handle: bigint): Adapter {
    const pointer = Deno.UnsafePointer.create(handle);
    if (pointer === null) throw new TypeError("NULL is no adapter");
    return new Adapter(wintun, pointer);
  }

  /** Gives the handle up, as a number that another thread can `adopt`. This object is closed then. */
  release(): bigint {
    const handle = Deno.UnsafePointer.value(this.#openHandle());
    this.#handle = null;
    return handle;
  }

  /**
   * Opens an existing adapter (WintunOpenAdapter).
   * @throws {Win32Error} 1168: the adapter does not exist.
   */
  static open(wintun: Wintun, name: string): Adapter {
    const wideName = toWideString(name);
    const handle = wintun.symbols.WintunOpenAdapter(wideName);
    if (handle === null) throw wintun.libraries.lastError(`Cannot open adapter "${name}"`);
    return new Adapter(wintun, handle);
  }

  /**
   * The adapter's NET_LUID (WintunGetAdapterLUID).
   * @throws {TypeError} if the adapter is closed.
   */
  get luid(): bigint {
    const luid = new BigUint64Array(1);
    this.#wintun.symbols.WintunGetAdapterLUID(this.#openHandle(), luid);
    return luid[0];
  }

  /**
   * Starts a session (WintunStartSession). An adapter can have only one at a time. The caller owns the session; closing
   * the adapter also ends it.
   * @param capacityBytes size of each ring: a power of two, MIN_RING_CAPACITY to MAX_RING_CAPACITY.
   * @throws {Win32Error} 87: the capacity is not valid. 1247: a session is already open.
   * @throws {TypeError} if the adapter is closed.
   */
  startSession(capacityBytes: number): Session {
    const session = Session.start(
      this.#wintun,
      this.#openHandle(),
      capacityBytes,
      () => this.#sessions.delete(session),
    );
    this.#sessions.add(session);
    return session;
  }

  /** Ends the session, if there is one, and closes the handle (WintunCloseAdapter). Idempotent. */
  close(): void {
    if (this.#handle === null) return;
    for (const session of this.#sessions) session.close();
    this.#wintun.symbols.WintunCloseAdapter(this.#handle);
    this.#handle = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #openHandle(): Deno.PointerObject {
    if (this.#handle === null) throw new TypeError("the adapter is closed");
    return this.#handle;
  }
}
