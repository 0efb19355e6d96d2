import type { Cidr } from "../wire/cidr.ts";
import type { IpAddress } from "../wire/ip_address.ts";
import type { Attachment } from "./attachment.ts";

/** What a command asks for when it makes an adapter. */
export interface AdapterRequest {
  /** Connection name: 1 to 127 UTF-16 units. */
  readonly name: string;
  /** Tunnel type, the pool name in older releases: 1 to 127 UTF-16 units. */
  readonly type: string;
  /** Lower-case GUID without braces. Absent: derived from the name and the machine. */
  readonly guid?: string;
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

/** What `configure` did. */
export interface Configured {
  readonly changed: boolean;
  /** One sentence for each thing that could not be done and does not matter enough to fail. */
  readonly warnings: readonly string[];
}

/** An adapter as `list` shows it. */
export interface AdapterInfo {
  readonly name: string;
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
  /** Bytes. */
  readonly mtu: number;
  readonly metric: number;
  /** CIDR notation. */
  readonly addresses: readonly string[];
  /** Absent where the owner is not known. */
  readonly owner?: { readonly pid: number; readonly ours: boolean };
}

/**
 * `up`: a session is open. `down`: no session. `stale`: its keeper has died. `orphaned`: a device without an
 * interface. `legacy`: made by Wintun 0.13 or older. `foreign`: not Wintun at all.
 */
export type AdapterState = "up" | "down" | "stale" | "orphaned" | "legacy" | "foreign";

/**
 * One adapter held by this process. Closing it removes the adapter if this process created it, and only lets go of
 * it otherwise. Sessions are closed first.
 */
export interface Adapter extends Disposable {
  /** Read when the adapter was created or opened. */
  readonly info: AdapterInfo;
  /** Whether this process created it, so that `close()` removes it. */
  readonly created: boolean;
  /**
   * Opens the one packet session that an adapter can have.
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

/** The adapters of a machine. */
export interface Host extends AsyncDisposable {
  /** Adapters of this program's driver; `all` adds what only looks like one (legacy, orphaned, foreign). */
  list(options?: { readonly all?: boolean }): Promise<AdapterInfo[]>;
  /** By name (case-insensitive, as Windows compares them) or GUID. */
  find(nameOrGuid: string): Promise<AdapterInfo | undefined>;
  /**
   * Creates an adapter that lives as long as the result is held.
   * @throws {HostError} `exists`, `not-elevated`, `legacy-device`, `library`.
   */
  create(request: AdapterRequest): Promise<Adapter>;
  /**
   * Opens an adapter that somebody created.
   * @throws {HostError} `not-found`.
   */
  open(name: string): Promise<Adapter>;
  /** Brings an adapter's interface in line with `settings`. */
  configure(luid: bigint, settings: Settings): Promise<Configured>;
  /** Closes libraries and the driver's log; what it logged until then has been delivered. */
  close(): Promise<void>;
}
