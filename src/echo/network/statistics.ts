import type { IpAddress } from "../../wire/ip_address.ts";

/** The totals of a network besides those of counters.ts, since the serving began. */
export interface NetworkTotals {
  /** Replies that `link.loss` took. */
  readonly lost: number;
  /** Packets that were sent a second time on purpose. */
  readonly duplicated: number;
  /** Packets that were sent without the delay, ahead of others. */
  readonly reordered: number;
  /** Packets that have waited in the queue, or wait now. */
  readonly delayed: number;
  /** Packets that found no room in the queue. They are also counted as dropped. */
  readonly queueFull: number;
  /** Packets that wait in the queue now. */
  readonly waiting: number;
  /** Packets to an address where no host is, answered or not. */
  readonly noHost: number;
  /** ICMP errors and resets that were sent, by what they say. They are also counted as replied. */
  readonly hostUnreachable: number;
  readonly portUnreachable: number;
  readonly timeExceeded: number;
  readonly tooBig: number;
  readonly tcpReset: number;
  /** Echo requests that the network has sent, and the replies to them. */
  readonly pingsSent: number;
  readonly pingsAnswered: number;
}

/** What went to one address, and what became of it. */
export interface HostTotals {
  readonly address: IpAddress;
  /** Packets to this address, and their bytes. */
  readonly packets: number;
  readonly bytes: number;
  /** Packets of them that were answered by what was sent, or waits to be sent. */
  readonly answered: number;
  /** Answers that `link.loss` took. */
  readonly lost: number;
  /** Answers that found no room in the queue or in the send ring. */
  readonly dropped: number;
}

/** The statistics at one moment. */
export interface NetworkStatistics {
  readonly totals: NetworkTotals;
  /**
   * The addresses with most packets, in no order, at most `MOST_HOSTS` of them. When there are more, a new one may take the place of one
   * with few packets.
   */
  readonly hosts: readonly HostTotals[];
  /** The number of addresses that have lost their place. */
  readonly forgottenHosts: number;
}
