import type { Traffic } from "../../windows/network/interface_info.ts";
import type { Cidr } from "../../wire/cidr.ts";
import type { PacketSession } from "../host.ts";
import { createSimulatedAttachment, type SimulatedAttachment, SimulatedLink } from "./device.ts";
import { type PeerEvent, type PeerNetwork, SimulatedPeer } from "./peer.ts";

const DEFAULT_PING_INTERVAL_MS = 1000;
/** The time between two records of the traffic on the machine. */
const TRAFFIC_INTERVAL_MS = 1000;

/** How the machine pings what an adapter's session serves. */
export interface Pings {
  /** Milliseconds between the pings of a session's peer. Default 1000. */
  readonly pingIntervalMs?: number;
  /** Receives the result of each ping. */
  readonly onPeer?: (event: PeerEvent) => void;
  /** What is behind the adapters. Absent: hosts that answer everything at once. */
  readonly network?: PeerNetwork;
}

/** The packet session of a simulated adapter, with the peer that pings through it. */
export class SimulatedSession implements PacketSession {
  readonly attachment: SimulatedAttachment;
  /** The addresses of the adapter. */
  addresses: readonly Cidr[];
  readonly #link: SimulatedLink;
  /** The machine that its packets come from. */
  readonly peer: SimulatedPeer;
  readonly #onTraffic: (traffic: Traffic, isOver: boolean) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #isClosed = false;

  /**
   * @param onTraffic Receives what was carried since the last call, once a second if there was anything, and at the end.
   */
  constructor(
    capacityBytes: number,
    addresses: readonly Cidr[],
    { pingIntervalMs = DEFAULT_PING_INTERVAL_MS, onPeer = (): void => {}, network }: Pings,
    onTraffic: (traffic: Traffic, isOver: boolean) => void,
  ) {
    this.attachment = createSimulatedAttachment(capacityBytes);
    this.addresses = addresses;
    this.#link = new SimulatedLink(this.attachment);
    this.peer = new SimulatedPeer(this.#link, () => this.addresses, pingIntervalMs, onPeer, network);
    this.#onTraffic = onTraffic;
    this.#timer = setInterval(() => {
      const traffic = this.#link.takeTraffic();
      if (Object.values(traffic).some((count) => count > 0)) onTraffic(traffic, false);
    }, TRAFFIC_INTERVAL_MS);
  }

  stop(): void {
    this.#link.stop();
  }

  /** Notifies the reader that the adapter was removed. */
  adapterRemoved(): void {
    this.#link.remove();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.peer.finish();
    this.#onTraffic(this.#link.takeTraffic(), true);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
