import type { IpAddress } from "../../wire/ip_address.ts";

/**
 * What `serve` plays besides a plain echo: who is there, how far away, and how good the way is. All of it is plain data,
 * so a message can carry it to the worker.
 *
 * The machine sees its adapter, then routers one behind the other, then the hosts:
 *
 *     machine - router 1 - router 2 - … - router `hops` - hosts
 *
 * Everything that the network sends (replies, ICMP errors, TCP resets, its own pings) passes the link on the way back.
 * What it receives arrives at once. So a delay is a round-trip time, as with netem on one of two interfaces.
 */
export interface NetworkPlan {
  /** The addresses that answer. Absent: all. Routers answer besides. */
  readonly hosts?: readonly AddressRange[];
  /**
   * Whether the router that is nearest to an address where no host is answers with "host unreachable" (RFC 792) or "address
   * unreachable" (RFC 4443). Otherwise nobody answers.
   */
  readonly unreachable: boolean;
  /**
   * The addresses of the routers of each family, the one that is nearest to the machine first. A family whose hosts are served
   * has at least `routersNeeded()` of them (see addresses.ts).
   */
  readonly routers: readonly IpAddress[];
  /** The number of routers on the way to a host: 0 to 63. */
  readonly hops: number;
  /**
   * The MTU in bytes of the link to the hosts, 68 to 65535: larger packets with "don't fragment" get "fragmentation
   * needed" (RFC 1191), and those of IPv6 "packet too big" (RFC 8201). Replies that are larger come in fragments. IPv6
   * links have at least 1280 (RFC 8200 section 5), so below that IPv6 takes 1280. Absent: no limit.
   */
  readonly pathMtu?: number;
  /** The ports on which hosts echo UDP. Absent: all. */
  readonly udpPorts?: readonly PortRange[];
  /**
   * Whether hosts and routers refuse what nobody takes there: UDP with "port unreachable" (RFC 1122, RFC 4443), TCP with a
   * reset (RFC 9293).
   */
  readonly refuse: boolean;
  /** The way to and from all hosts that no change concerns. */
  readonly link: Link;
  /** Seeds the random numbers of loss, jitter, duplicates and reordering: 0 to 4294967295. */
  readonly seed: number;
  /** What is different for some hosts, or becomes different. */
  readonly changes: readonly Change[];
  /** The echo requests that the network itself sends. Absent: none. */
  readonly ping?: PingPlan;
}

/** The addresses from `first` to `last`, both included and of one family. */
export interface AddressRange {
  readonly first: IpAddress;
  readonly last: IpAddress;
}

/** The ports from `first` to `last`, both included: 1 to 65535. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * How good the way is, in the words of tc-netem(8) and with its meaning. A router has a part of the delay, the jitter and
 * the loss, by how far away it is.
 */
export interface Link {
  /** Microseconds, 0 to `LONGEST_DELAY_US`. */
  readonly delayUs: number;
  /** The delay varies by at most this number of microseconds, evenly distributed. Packets may overtake each other. */
  readonly jitterUs: number;
  /** The part of the packets that are lost: 0 to 1. */
  readonly loss: number;
  /** The part of the packets that are sent twice: 0 to 1. */
  readonly duplicate: number;
  /** The part of the packets that are sent without the delay, ahead of others: 0 to 1. Needs a delay. */
  readonly reorder: number;
  /** Bits a second, counted from the IP header on. Hosts with the same changes share it. Absent: no limit. */
  readonly rateBitsPerSecond?: number;
}

/** The longest delay, jitter included: 1000 seconds. */
export const LONGEST_DELAY_US = 1_000_000_000;

/** A link that neither delays nor loses anything. */
export const PERFECT_LINK: Link = { delayUs: 0, jitterUs: 0, loss: 0, duplicate: 0, reorder: 0 };

/** The most routers on the way to a host: a packet with TTL 64 still arrives. */
export const MOST_HOPS = 63;

/**
 * What is different for some hosts from some time on. Where several changes concern a host and the same property, the
 * latest counts, and of those with the same time the last in the list.
 */
export interface Change {
  /** Milliseconds since the serving began. 0: from the beginning. */
  readonly atMs: number;
  /** Absent: all hosts. */
  readonly hosts?: readonly AddressRange[];
  /** Whether a host is there. Without a change, `NetworkPlan.hosts` decides. */
  readonly isUp?: boolean;
  readonly hops?: number;
  /** As `NetworkPlan.pathMtu`; `null` is no limit. */
  readonly pathMtu?: number | null;
  /** The properties that change. A rate of `null` is no limit. */
  readonly link?: LinkChange;
}

/** The properties of a link that change. */
export type LinkChange = Partial<Omit<Link, "rateBitsPerSecond">> & {
  readonly rateBitsPerSecond?: number | null;
};

/** The echo requests that the network sends. */
export interface PingPlan {
  /** Another address than `source`, of the same family. Usually the adapter's own. */
  readonly target: IpAddress;
  /** An address of a served subnet, but not the adapter's own (see `pingSource()` in addresses.ts). */
  readonly source: IpAddress;
  /** Milliseconds between two requests, 1 and more. */
  readonly intervalMs: number;
}
