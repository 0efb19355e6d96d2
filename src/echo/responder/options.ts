import type { Fragments } from "./fragments.ts";

/** The requests that a responder answers. */
export interface ResponderOptions {
  /** Answer ICMP and ICMPv6 echo requests. */
  readonly icmp: boolean;
  /** Answer UDP on every port. */
  readonly udp: boolean;
  /**
   * Addresses of the served subnets that belong to no host, 4 or 16 bytes each: network and directed broadcast addresses
   * (RFC 1122 section 3.2.1.3), and the anycast addresses of IPv6 subnet routers (RFC 4291 section 2.6.1). Packets from
   * or to them are not answered. Absent: none.
   */
  readonly noHosts?: readonly Uint8Array[];
}

/** The state that a responder shares with the loop that calls it. */
export interface ResponderState {
  readonly fragments: Fragments;
  /** One element, which the loop sets: 1 while checksums of messages are to be verified, otherwise 0. */
  readonly verifies: Int32Array;
  /** Returns the time in milliseconds since 1970-01-01 UTC, for Timestamp options. */
  readonly nowMs: () => number;
}
