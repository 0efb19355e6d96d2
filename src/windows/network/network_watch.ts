import { type BoundFunctions, systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { Win32Error } from "../win32_error.ts";
import { MIB_IPFORWARD_ROW2, MIB_IPINTERFACE_ROW, MIB_UNICASTIPADDRESS_ROW } from "./layout.ts";
import { AF_UNSPEC } from "./sockaddr_inet.ts";

export const WATCH_FUNCTIONS = systemFunctions("iphlpapi", {
  NotifyIpInterfaceChange: {
    parameters: [
      "u16", /* ADDRESS_FAMILY Family */
      "pointer", /* PIPINTERFACE_CHANGE_CALLBACK Callback */
      "pointer", /* PVOID CallerContext */
      "u8", /* BOOLEAN InitialNotification */
      "buffer", /* HANDLE *NotificationHandle */
    ],
    result: "u32",
  },
  NotifyUnicastIpAddressChange: {
    parameters: [
      "u16", /* ADDRESS_FAMILY Family */
      "pointer", /* PUNICAST_IPADDRESS_CHANGE_CALLBACK Callback */
      "pointer", /* PVOID CallerContext */
      "u8", /* BOOLEAN InitialNotification */
      "buffer", /* HANDLE *NotificationHandle */
    ],
    result: "u32",
  },
  NotifyRouteChange2: {
    parameters: [
      "u16", /* ADDRESS_FAMILY AddressFamily */
      "pointer", /* PIPFORWARD_CHANGE_CALLBACK Callback */
      "pointer", /* PVOID CallerContext */
      "u8", /* BOOLEAN InitialNotification */
      "buffer", /* HANDLE *NotificationHandle */
    ],
    result: "u32",
  },
  cancelInBackground: {
    name: "CancelMibChangeNotify2",
    parameters: ["pointer" /* HANDLE NotificationHandle */],
    result: "u32",
    nonblocking: true,
  },
}, {
  without: "wintun watch and list --wait do not work, and a network may get its category a minute late.",
});

/** What is watched, and where the row of each notification has the NET_LUID of the interface. */
const KINDS = [
  { begin: "NotifyIpInterfaceChange", what: "interfaces", luidOffset: MIB_IPINTERFACE_ROW.InterfaceLuid },
  {
    begin: "NotifyUnicastIpAddressChange",
    what: "addresses",
    luidOffset: MIB_UNICASTIPADDRESS_ROW.InterfaceLuid,
  },
  { begin: "NotifyRouteChange2", what: "routes", luidOffset: MIB_IPFORWARD_ROW2.InterfaceLuid },
] as const;

/** @param luid NET_LUID of the interface that has changed. `undefined` if Windows does not say which. */
export type OnNetworkChange = (luid: bigint | undefined) => void;

/**
 * Notices changes of interfaces, addresses and routes of both IP versions, also of the media state, the MTU, the metric and forwarding
 * ("NotifyIpInterfaceChange function", "NotifyUnicastIpAddressChange function" and "NotifyRouteChange2 function", Windows
 * documentation). The owner closes it.
 *
 * Windows calls the callback on threads of its own. Each of them waits until this thread has run the callback.
 */
export class NetworkWatch implements AsyncDisposable {
  readonly #iphlpapi: BoundFunctions<typeof WATCH_FUNCTIONS>;
  readonly #callbacks: { close(): void }[] = [];
  readonly #handles: Deno.PointerValue[] = [];
  #isClosed = false;

  private constructor(libraries: SystemLibraries) {
    this.#iphlpapi = libraries.bind(WATCH_FUNCTIONS);
  }

  /**
   * Starts to notice changes.
   * @param onChange Called on this thread after a change. It must not throw.
   * @throws {Win32Error} if Windows refuses.
   * @throws {MissingFunctionError} if this Windows lacks a function.
   */
  static async open(libraries: SystemLibraries, onChange: OnNetworkChange): Promise<NetworkWatch> {
    const watch = new NetworkWatch(libraries);
    try {
      for (const kind of KINDS) watch.#begin(kind, onChange);
      return watch;
    } catch (error) {
      await watch.close();
      throw error;
    }
  }

  /** Ends the watch. Resolves when no callback is under way any more. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // CancelMibChangeNotify2 waits for the callbacks that are under way. This thread must be free to run them.
    const cancels = this.#handles.splice(0).map((handle) => this.#iphlpapi.cancelInBackground(handle));
    await Promise.all(cancels);
    for (const callback of this.#callbacks.splice(0)) callback.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin({ begin, what, luidOffset }: (typeof KINDS)[number], onChange: OnNetworkChange): void {
    // Windows fills in only the key of the row. The type of the change is not read: the caller looks at everything again.
    const callback = Deno.UnsafeCallback.threadSafe(
      {
        parameters: [
          "pointer", /* PVOID CallerContext */
          "pointer", /* PMIB_..._ROW Row */
          "i32", /* MIB_NOTIFICATION_TYPE NotificationType */
        ],
        result: "void",
      } as const,
      (_context, row) =>
        onChange(row === null ? undefined : new Deno.UnsafePointerView(row).getBigUint64(luidOffset)),
    );
    this.#callbacks.push(callback);
    const handle = new BigUint64Array(1);
    const code = this.#iphlpapi[begin](AF_UNSPEC, callback.pointer, null, 0, handle);
    if (code !== 0) throw new Win32Error(code, `Cannot watch the ${what} of this machine`);
    this.#handles.push(Deno.UnsafePointer.create(handle[0]));
  }
}
