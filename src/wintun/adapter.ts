import { toWideString } from "../windows/wide_string.ts";
import { win32CodeOf, Win32Error } from "../windows/win32_error.ts";
import type { Wintun } from "./library.ts";
import { Session } from "./session.ts";

/** A WINTUN_ADAPTER_HANDLE. Closing one that `create` made removes the adapter from the machine. */
export class Adapter implements Disposable {
  readonly #wintun: Wintun;
  readonly #sessions = new Set<Session>();
  #handle: Deno.PointerValue;

  private constructor(wintun: Wintun, handle: Deno.PointerObject) {
    this.#wintun = wintun;
    this.#handle = handle;
  }

  /**
   * Creates an adapter; blocks for up to 15 s while the device starts, and longer when an old driver has to be
   * unloaded (WintunCreateAdapter). A taken name is not refused: Windows renames the other adapter, so look first.
   * @param guid 16 bytes of a GUID structure, or `null` to let the system choose.
   * @throws {Win32Error} 5 not elevated, 87 a name is too long, 183 the last one is still being removed, 258 and 4319
   * the device did not start in time; other codes say why it could not.
   */
  static create(wintun: Wintun, name: string, type: string, guid: Uint8Array<ArrayBuffer> | null): Adapter {
    const [wideName, wideType] = [toWideString(name), toWideString(type)];
    const handle = wintun.symbols.WintunCreateAdapter(wideName, wideType, guid);
    if (handle === null) {
      // Some are HRESULTs: wintun.dll passes on what the making of the device ended with.
      const { code, operation } = wintun.libraries.lastError(`Cannot create adapter "${name}"`);
      throw new Win32Error(win32CodeOf(code), operation);
    }
    return new Adapter(wintun, handle);
  }

  /**
   * Opens an existing adapter (WintunOpenAdapter).
   * @throws {Win32Error} 1168 there is no such adapter.
   */
  static open(wintun: Wintun, name: string): Adapter {
    const wideName = toWideString(name);
    const handle = wintun.symbols.WintunOpenAdapter(wideName);
    if (handle === null) throw wintun.libraries.lastError(`Cannot open adapter "${name}"`);
    return new Adapter(wintun, handle);
  }

  /** The adapter's NET_LUID (WintunGetAdapterLUID). */
  get luid(): bigint {
    const luid = new BigUint64Array(1);
    this.#wintun.symbols.WintunGetAdapterLUID(this.#openHandle(), luid);
    return luid[0];
  }

  /**
   * Starts the one session that an adapter can have (WintunStartSession).
   * @param capacityBytes Size of each ring: a power of two, MIN_RING_CAPACITY to MAX_RING_CAPACITY.
   * @throws {Win32Error} 87 bad capacity, 1247 a session is open already.
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

  /** Ends what session is left, then closes the handle. Idempotent. */
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
