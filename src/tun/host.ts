import type { DriverVersion } from "../wintun/library.ts";
import type { ChosenDll } from "../wintun/locate.ts";
import type { LogLine } from "../wintun/log_line.ts";
import type { Cidr } from "../wire/cidr.ts";
import type { IpAddress } from "../wire/ip_address.ts";
import type { Attachment } from "./attachment.ts";
import type { Change } from "./changes.ts";

/** What a command asks for when it makes an adapter. */
export interface AdapterRequest {
  /** Connection name: 1 to 127 UTF-16 units. */
  readonly name: string;
  /** Tunnel type, the pool name in older releases: 1 to 127 UTF-16 units. */
  readonly type: string;
  /** Lower-case GUID without braces. Absent: derived from the name and the machine. */
  readonly guid?: string;
  /** What the process is that will hold the adapter. Absent: `command`. */
  readonly role?: OwnerRole;
}

/** A `keeper` does nothing but hold an adapter; a `command` holds it while it runs, as `serve` does. */
export type OwnerRole = "keeper" | "command";

/** What `create` would do with a request. */
export interface CreatePlan {
  /** The GUID that the adapter would be asked for. */
  readonly guid: string;
  /** Instance ids of devices that would be removed: those of an old Wintun, if that is allowed. */
  readonly removes: readonly string[];
}

/** What a command asks of an adapter's network interface. Absent means: leave as it is. */
export interface Settings {
  readonly addresses?: readonly Cidr[];
  /** Bytes; IPv4 takes 576 and more, IPv6 1280 and more, at most 65535. */
  readonly mtu?: number;
  /** Interface metric, 1 to 9999; 0 means automatic. */
  readonly metric?: number;
  readonly dns?: readonly IpAddress[];
  readonly routes?: readonly Cidr[];
}

/** What a method may do to an adapter that is not this program's. */
export interface Permission {
  /** Whether the user allows it. Absent: it is refused. */
  readonly force?: boolean;
}

/** What `configure` did, or would do. */
export interface Configured {
  readonly changed: boolean;
  readonly changes: readonly Change[];
  /** One sentence for each thing that could not be done and does not matter enough to fail. */
  readonly warnings: readonly string[];
}

/** An adapter as `list` shows it. */
export interface AdapterInfo {
  readonly name: string;
  /** The name that the adapter was created with; absent where that is its name now, or is not known. */
  readonly createdAs?: string;
  readonly type: string;
  /** Lower case, without braces. */
  readonly guid: string;
  /** NET_LUID as an unsigned 64-bit number. */
  readonly luid: bigint;
  readonly ifIndex: number;
  /** Device instance, `SWD\Wintun\{GUID}`. */
  readonly instanceId: string;
  /** Media state: `up` while a session is open. */
  readonly state: AdapterState;
  /** Bytes; that of IPv4 where both families have one. 0 without an interface. */
  readonly mtu: number;
  /** Interface metric; that of IPv4 where both families have one. 0 without an interface. */
  readonly metric: number;
  /** Without those that Windows gives itself (fe80::). */
  readonly addresses: readonly Cidr[];
  /** Absent where the owner is not known. */
  readonly owner?: AdapterOwner;
  /** Absent where no process of this program serves the adapter; another program may. */
  readonly session?: SessionOwner;
}

/** The process of this program that serves an adapter, or has made one for itself and is about to. */
export interface SessionOwner {
  readonly pid: number;
}

/** The process that holds an adapter, which goes with it. */
export interface AdapterOwner {
  readonly pid: number;
  /** Whether it is a process of this program. */
  readonly ours: boolean;
  /** Of a process of this program. */
  readonly role?: OwnerRole;
}

/**
 * `up`: a session is open. `down`: no session. `stale`: its owner, a process of ours, has died. `lost`: somebody else has removed
 * it, and its owner, a process of ours, still runs. `orphaned`: a device without an interface. `legacy`: made by Wintun 0.13 or
 * older. `foreign`: not Wintun at all.
 */
export type AdapterState = "up" | "down" | "stale" | "lost" | "orphaned" | "legacy" | "foreign";

/**
 * One adapter held by this process. Closing it removes the adapter if this process created it, and only lets go of
 * it otherwise. Sessions are closed first.
 */
export interface Adapter extends Disposable {
  /** Read when the adapter was created or opened. */
  readonly info: AdapterInfo;
  /** Whether this process created it, so that `close()` removes it. */
  readonly created: boolean;
  /** Of an adapter that this process created: resolves when another process asks to let go of it (`Host.stop`). */
  readonly stopRequested: Promise<void>;
  /**
   * Resolves within 2 seconds after somebody else has removed the adapter's device; never after `close()`. A device that is
   * disabled is not removed.
   */
  readonly removed: Promise<void>;
  /**
   * Resolves when another process asks this one to end its session (`Host.stopSession`). It can ask while a session is open,
   * and before that if this process has made the adapter for itself (role `command`).
   */
  readonly sessionStopRequested: Promise<void>;
  /**
   * Opens the one packet session that an adapter can have. The caller owns it.
   * @param capacityBytes Size of each of its two rings: a power of two, 128 KiB to 64 MiB (wintun.h).
   * @throws {HostError} `busy` when a session is open already.
   */
  openSession(capacityBytes: number): PacketSession;
  close(): void;
}

/** An open packet session, seen from the thread that owns it. The thread that reads it holds a `Device`. */
export interface PacketSession extends Disposable {
  /** Plain data by which another thread makes its `Device`: `attachDevice(session.attachment)`. */
  readonly attachment: Attachment;
  /** Ends the reader's `wait()`, now and from now on. May be called at any time, from the owner's thread. */
  stop(): void;
  /** Ends the session. The reader must have closed its device. Idempotent. */
  close(): void;
}

/** One thing that `examine` looked at. */
export interface Finding {
  /** A short name for programs: `elevation`, `library`. */
  readonly check: string;
  /** `warning`: it works, but something is to be known. `failed`: something will not work. */
  readonly result: "ok" | "warning" | "failed";
  /** What was found, as a sentence. */
  readonly message: string;
  /** What to do about it, as a sentence; "" where nothing is to be done. */
  readonly hint: string;
}

/** How a machine's `Host` is opened. */
export interface HostOptions {
  /** File to load instead of the wintun.dll that is looked for. */
  readonly dll?: ChosenDll;
  /**
   * Whether wintun.dll may be loaded where that removes the devices of Wintun 0.13 and older, which other programs may use.
   * They are logged as a warning then. Absent: it is not loaded there.
   */
  readonly removeLegacy?: boolean;
  /** Receives log lines in order. */
  readonly log: (line: LogLine) => void;
}

/**
 * The adapters of a machine. Errors that it does not expect are passed on as `Win32Error`, by every method.
 *
 * @example Create an adapter, configure it and hold a session open
 * ```ts
 * async function serve(host: Host, signal: AbortSignal): Promise<void> {
 *   using adapter = await host.create({ name: "lab", type: "Example" });
 *   const { warnings } = await host.configure(adapter.info.luid, { mtu: 1400 });
 *   for (const warning of warnings) console.warn(warning);
 *   using session = adapter.openSession(4 * 1024 * 1024);
 *   // A worker that is sent `session.attachment` calls attachDevice() and reads.
 *   await new Promise((resolve) => signal.addEventListener("abort", resolve));
 *   session.stop();
 * }
 * ```
 */
export interface Host extends AsyncDisposable {
  /**
   * Adapters of this program's driver, by name; `all` adds what only looks like one (legacy, orphaned, foreign). Loads no
   * wintun.dll and needs no elevation.
   */
  list(options?: { readonly all?: boolean }): Promise<AdapterInfo[]>;
  /**
   * By name (case-insensitive, as Windows compares them) or GUID, in whatever spelling. A network adapter of another kind is
   * found by its name, as `foreign`. An adapter of this program that was renamed is also found by the name that it was
   * created with, unless another has that name. `all` adds the devices without a network interface that `list` adds.
   */
  find(nameOrGuid: string, options?: { readonly all?: boolean }): Promise<AdapterInfo | undefined>;
  /**
   * Makes sure that `create` would be possible now, and then `configure` with these settings, as far as that can be known
   * without doing it.
   * @throws {HostError} as `create` does, and as `configure` does for an address that another interface has.
   */
  check(request: AdapterRequest, settings?: Settings): Promise<CreatePlan>;
  /**
   * Creates an adapter that lives as long as the result is held. What is left of one whose owner died is cleaned up, and an
   * owner that has lost its adapter is ended first.
   * @throws {HostError} `exists`, `invalid`, `not-elevated`, `library`; `timeout` when other processes create adapters
   * all the time; `failed` when devices of an old Wintun would be lost that may not be.
   */
  create(request: AdapterRequest): Promise<Adapter>;
  /**
   * Opens an adapter that somebody created, as `find` finds it. The caller owns the handle.
   * @throws {HostError} `not-found`, `not-elevated`, `library`; `failed` for an adapter of another program without `force`,
   * when wintun.dll opens another adapter, and as `create` does.
   */
  open(nameOrGuid: string, permission?: Permission): Promise<Adapter>;
  /**
   * Brings an adapter's interface in line with `settings`; what was done before an error stays. With `dryRun` it only finds
   * out what would change.
   * @throws {HostError} `invalid` for an MTU too small for IPv6, `timeout` when its interface does not appear, `not-found`,
   * `not-elevated`; `failed` for an adapter of another program without `force`, and for an address that another interface
   * has.
   */
  configure(
    luid: bigint,
    settings: Settings,
    options?: Permission & { readonly dryRun?: boolean },
  ): Promise<Configured>;
  /**
   * Asks the process of ours that holds the adapter, or has lost it, to let go of it, and waits until it is gone. A process
   * that does not listen any more is given 3 seconds, and then its record is deleted.
   * @param timeoutMs Milliseconds that the process may take.
   * @throws {HostError} `timeout`; `not-found` when it is gone already; `failed` when no process of ours holds it;
   * `not-elevated`.
   */
  stop(info: AdapterInfo, timeoutMs: number): Promise<void>;
  /**
   * Asks the process of ours that serves the adapter to end, and waits until it has. Returns who that was; `undefined` when
   * nobody serves the adapter. An adapter that stays is as it was; one that the process has made for itself is gone.
   * @param timeoutMs Milliseconds that the process may take.
   * @throws {HostError} `timeout`; `failed` when another program serves it; `not-elevated`.
   */
  stopSession(info: AdapterInfo, timeoutMs: number): Promise<SessionOwner | undefined>;
  /**
   * Removes the device, even if a process holds it, and what is known of its owner. An owner of ours that still runs notices
   * that itself; if the device has gone before, its record is deleted.
   * @throws {HostError} `not-elevated`, `not-found`; `failed` for what is not this program's without `force`, and for what
   * is no Wintun device.
   */
  remove(info: AdapterInfo, permission?: Permission): Promise<void>;
  /**
   * Version of the running driver, or `undefined` while none is loaded.
   * @throws {HostError} `library`; `failed` as `create` does.
   */
  driverVersion(): Promise<DriverVersion | undefined>;
  /**
   * Makes sure that this process may change the machine. Every command that does so asks this first of all.
   * @throws {HostError} `not-elevated`.
   */
  requireElevation(operation: string): void;
  /**
   * Removes the driver from the machine. Returns whether it was loaded: Windows does not report whether one was installed
   * that was not.
   * @throws {HostError} `busy` while an adapter uses it, `not-elevated`, `library`; `failed` as `create` does.
   */
  removeDriver(): Promise<boolean>;
  /** What may keep this program from working here, and what is fine. */
  examine(): Promise<Finding[]>;
  /** Closes libraries and the driver's log; what it logged until then has been delivered. */
  close(): Promise<void>;
}
