/** What a responder answers. */
export interface ResponderOptions {
  /** Answer ICMP and ICMPv6 echo requests. */
  readonly icmp: boolean;
  /** Answer UDP on every port. */
  readonly udp: boolean;
  /** Directed broadcast addresses of the served IPv4 networks, as unsigned numbers (10.6.7.255 is 0x0a0607ff). */
  readonly broadcasts?: readonly number[];
}
