import type { PingOutcome, PingSeries } from "../windows/network/ping_series.ts";
import type { DriverVersion } from "../wintun/library.ts";
import type { ChosenDll } from "../wintun/locate.ts";
import type { LogLine } from "../wintun/log_line.ts";
import type { LogThread } from "../wintun/logger.ts";
import type { Cidr } from "../wire/cidr.ts";
import type { AdapterInfo, OwnerRole, SessionOwner } from "./adapter_info.ts";
import type { Attachment } from "./attachment.ts";
import type { Change } from "./changes.ts";
import type { Finding } from "./findings.ts";
import type { Settings } from "./settings/settings.ts";

/** The adapter that a command asks for. */
export interface AdapterRequest {
  /** Connection name: 1 to 127 UTF-16 units. */
  readonly name: string;
  /** Tunnel type, called the pool name in older releases: 1 to 127 UTF-16 units. */
  readonly type: string;
  /** GUID in any spelling. If absent, it is derived from the name and the machine. */
  readonly guid?: string;
  /** The role of the process that will hold the adapter. Default: `command`. */
  readonly role?: OwnerRole;
  /** Whether the service that will hold the adapter starts with Windows. Default: `false`. */
  readonly persistent?: boolean;
}

/** The effects that `create` would have. */
export interface CreatePlan {
  /** The GUID that Windows would be asked for. Lower case, without braces. */
  readonly guid: string;
  /** Instance ids of the devices of Wintun 0.13 or older that would be removed. Empty unless that is allowed. */
  readonly removes: readonly string[];
}

/** Whether a method may change an adapter that another program made. */
export interface Permission {
  /** Whether the user allows it. Default: `false`. */
  readonly force?: boolean;
}

/** What `configure` and `reorder` do besides the settings. */
export interface ConfigureOptions {
  /** Whether to change nothing, and to return the changes that would be made. Default: `false`. */
  readonly dryRun?: boolean;
  /** The new name of the adapter. Default: it keeps its name. */
  readonly name?: string;
}

/** The changes that `configure` made, or would make. */
export interface Configured {
  readonly changed: boolean;
  readonly changes: readonly Change[];
  /** One sentence for each setting that could not be applied and does not matter enough to fail. */
  readonly warnings: readonly string[];
}

/**
 * An adapter that this process holds. `close()` ends its session, and removes the adapter if this process created it. It only
 * closes the handle otherwise.
 */
export interface Adapter extends Disposable {
  /** The adapter as it was when this process created or opened it. */
  readonly info: AdapterInfo;
  /** Whether this process created it, so that `close()` removes it. */
  readonly created: boolean;
  /**
   * Resolves when another process asks this one to release the adapter (`Host.stop`). Never resolves if this process did not
   * create the adapter.
   */
  readonly stopRequested: Promise<void>;
  /**
   * Resolves within 2 seconds after somebody else has removed the adapter's device; never after `close()`. A device that is
   * disabled is not removed.
   */
  readonly removed: Promise<void>;
  /**
   * Resolves when another process asks this one to end its session (`Host.stopSession`). That is possible from the first
   * session on, and already before it if this process created the adapter with the role `command`.
   */
  readonly sessionStopRequested: Promise<void>;
  /**
   * Opens the one packet session that an adapter can have. The caller owns it.
   * @param capacityBytes Size of each of the two rings: a power of two, 128 KiB to 64 MiB (wintun.h).
   * @throws {HostError} `busy` when a session is open already.
   * @throws {Win32Error} for any other failure of WintunStartSession (wintun.h).
   */
  openSession(capacityBytes: number): PacketSession;
  /** Idempotent. */
  close(): void;
}

/** An open packet session, seen from the thread that owns it. The thread that reads it holds a `Device`. */
export interface PacketSession extends Disposable {
  /** Plain data that another thread makes its `Device` from: `attachDevice(session.attachment)`. */
  readonly attachment: Attachment;
  /** Ends the reader's current `wait()` and all later ones. The owner's thread may call it at any time. */
  stop(): void;
  /** Ends the session. The reader must have closed its device before. Idempotent. */
  close(): void;
}

/** Options for opening a machine's `Host`. */
export interface HostOptions {
  /** The file to load instead of searching for wintun.dll. */
  readonly dll?: ChosenDll;
  /**
   * Whether wintun.dll may be loaded even if that removes devices of Wintun 0.13 and older, which other programs may use. A
   * warning in the log names the devices then. Default: `false`.
   */
  readonly removeLegacy?: boolean;
  /** Receives the log lines in order. */
  readonly log: (line: LogLine) => void;
  /** The worker that owns the callback for log lines of wintun.dll. Default: one that does only that. */
  readonly logThread?: LogThread | undefined;
}

/**
 * The adapters of a machine. Every method also throws `Win32Error`, for errors of Windows that it does not expect.
 *
 * @example Create an adapter, configure it and hold a session open
 * ```ts
 * async function serve(host: Host, signal: AbortSignal): Promise<void> {
 *   using adapter = await host.create({ name: "lab", type: "Example" });
 *   const { warnings } = await host.configure(adapter.info.luid, { mtu: 1400 });
 *   for (const warning of warnings) console.warn(warning);
 *   using session = adapter.openSession(4 * 1024 * 1024);
 *   // Post `session.attachment` to a worker, which calls attachDevice() and reads.
 *   await new Promise((resolve) => signal.addEventListener("abort", resolve));
 *   session.stop();
 * }
 * ```
 */
export interface Host extends AsyncDisposable {
  /**
   * Returns the adapters of Wintun 0.14, sorted by name, and those of this program that are starting, stopped or lost. `all` adds legacy,
   * orphaned and foreign ones. Does not load wintun.dll and needs no elevation. Without `details`, they may be missing. Only with
   * `categories` the details have the `category` of the network, which takes Windows some milliseconds.
   */
  list(
    options?: { readonly all?: boolean; readonly details?: boolean; readonly categories?: boolean },
  ): Promise<AdapterInfo[]>;
  /**
   * Returns the adapter with that name, GUID or `ifIndex:7`. Case is ignored, as Windows does, and a GUID may have any spelling. A network
   * adapter that is not Wintun's is found by its name, as `foreign`. An adapter of this program that was renamed is also
   * found by its name at creation, unless another adapter has that name. With `all`, also finds the devices without a network
   * interface that `list` then returns. Without `details`, they may be missing: Windows takes longest to report these.
   */
  find(
    nameOrGuid: string,
    options?: { readonly all?: boolean; readonly details?: boolean },
  ): Promise<AdapterInfo | undefined>;
  /**
   * Yields once it is notified of changes, and then whenever something that `list` returns may have changed, until the signal is
   * aborted. Changes that follow each other quickly, or come while the caller is busy, yield once; the last one is never lost. So
   * whoever calls `list` after each yield misses no state that lasts. Needs no elevation.
   * @throws {Win32Error} if Windows refuses to notify.
   */
  changes(signal: AbortSignal): AsyncIterable<void>;
  /**
   * Checks, as far as possible without doing it, that `create` would succeed now, and `configure` with these settings after
   * it.
   * @throws {HostError} as `create` does, and as `configure` does for an address that another interface has.
   */
  check(request: AdapterRequest, settings?: Settings): Promise<CreatePlan>;
  /**
   * Creates an adapter, which exists until the result is closed. The caller owns the result. Before that, the method ends an
   * owner of that name or GUID that has lost its adapter.
   * @throws {HostError} `exists`, `invalid`, `not-elevated`, `library`; `timeout` when other processes create adapters
   * all the time, when Windows does not start the device, or when an owner that has lost its adapter does not end; `removed`
   * when somebody removes the adapter at once; `failed` when loading wintun.dll would remove devices of Wintun 0.13 or older
   * and that is not allowed.
   */
  create(request: AdapterRequest): Promise<Adapter>;
  /**
   * Opens an existing adapter, which it finds as `find` does. The caller owns the handle.
   * @throws {HostError} `not-found`, `not-elevated`, `library`; `failed` for an adapter of another program without `force`,
   * when wintun.dll opens another adapter, and as `create` does.
   */
  open(nameOrGuid: string, permission?: Permission): Promise<Adapter>;
  /**
   * Applies `settings` to an adapter's network interface, and then writes them into the order of a persistent one. With `name` it
   * first renames the adapter. For an adapter of this program, the new name also takes the place of the name at creation: its
   * service makes the adapter again under the new name. After an error, what was changed is taken back.
   * @param luid NET_LUID of the interface.
   * @throws {HostError} `invalid` for an MTU too small for IPv6 and for a name that Windows does not allow, `exists` for a name
   * that another network adapter has, `timeout` when the interface does not appear, `not-found`, `not-elevated`; `failed` for
   * an adapter of another program without `force`, for an address that another interface has, when Windows sets another MTU,
   * when this Windows cannot set DNS servers or categories, and for the category of a domain's network. It is also `failed` for
   * an adapter that this program does not hold: for DNS rules, and for a category while Windows has identified no network. If
   * Windows does not say in time which category the network has, or does not set it in time, that is a warning, and the holder
   * sets the category later.
   */
  configure(
    luid: bigint,
    settings: Settings,
    options?: Permission & ConfigureOptions,
  ): Promise<Configured>;
  /**
   * Changes the settings that the service of a `stopped` adapter applies when it starts, and with `name` the name that it gives
   * the adapter then.
   * @throws {HostError} `invalid`, `exists`, `not-found` and `not-elevated` as `configure` does; `not-found` also if the service has
   * started meanwhile.
   */
  reorder(
    info: AdapterInfo,
    settings: Settings,
    options?: ConfigureOptions,
  ): Promise<Configured>;
  /**
   * Ends what of this program holds the adapter, or has lost it, and waits until the adapter is gone. A service is deleted. A
   * process is asked to release the adapter; one that no longer listens has 3 seconds at most, and after that its record and the
   * adapter's device are removed.
   * @param timeoutMs Milliseconds that the process may take.
   * @throws {HostError} `timeout`; `not-found` when the adapter is gone already; `failed` when no process of this program
   * holds it; `not-elevated`.
   */
  stop(info: AdapterInfo, timeoutMs: number): Promise<void>;
  /**
   * Asks the process of this program that serves the adapter to end, and waits until it has ended. Returns that process;
   * `undefined` when nobody serves the adapter. An adapter that a keeper holds stays unchanged; an adapter that the process
   * itself created is gone.
   * @param timeoutMs Milliseconds that the process may take.
   * @throws {HostError} `timeout`; `failed` when another program serves it; `not-elevated`.
   */
  stopSession(info: AdapterInfo, timeoutMs: number): Promise<SessionOwner | undefined>;
  /**
   * Removes the adapter's device, even if a process holds it. A holder of this program notices that itself. One that has lost
   * its adapter before, and hangs, is given up.
   * @throws {HostError} `not-elevated`, `not-found`; `failed` for an adapter or device that this program did not make without
   * `force`, and for a network adapter that is not Wintun's.
   */
  remove(info: AdapterInfo, permission?: Permission): Promise<void>;
  /**
   * Returns the version of the running driver, or `undefined` while none is loaded.
   * @throws {HostError} `library`; `failed` as `create` does.
   */
  driverVersion(): Promise<DriverVersion | undefined>;
  /**
   * Refuses a process that may not change the machine. Every command that changes it calls this first.
   * @throws {HostError} `not-elevated`.
   */
  requireElevation(operation: string): void;
  /**
   * Removes the driver from the machine. Returns whether it was loaded. Windows does not report whether a driver that was not
   * loaded was installed.
   * @throws {HostError} `busy` while an adapter uses it, `not-elevated`, `library`; `failed` as `create` does.
   */
  removeDriver(): Promise<boolean>;
  /** Checks everything that this program needs on this machine, and returns one finding a check. */
  examine(): Promise<Finding[]>;
  /** Returns the networks in which this machine has an address, and those that it has routes to, default routes included. */
  usedNetworks(): Promise<Cidr[]>;
  /**
   * Pings an address as any program of this machine does, not through a session: on Windows through Windows' own ICMP. Returns
   * `undefined` if this machine cannot ping addresses of this IP version.
   * @param stop Ends the series early when it is aborted, at the latest after the time for a reply.
   */
  ping(series: PingSeries, stop: AbortSignal): Promise<PingOutcome | undefined>;
  /** Returns what is left of an adapter that was closed, as parts of a sentence: its device, interface, service or record. */
  remains(info: AdapterInfo): Promise<string[]>;
  /** Closes the adapters that are still held, the libraries and the driver's log, after all its lines were delivered. */
  close(): Promise<void>;
}
