import { assert } from "@std/assert";
import {
  ANSWERED_BY_OWN,
  createNetworkResponder,
  NOBODY_THERE,
  TURNED_AROUND,
  TURNED_WITH_FOLLOWERS,
} from "../../../src/echo/network/network_responder.ts";
import { OWN_PACKET_BYTES } from "../../../src/echo/network/own_packets.ts";
import { createPlaces, type Places } from "../../../src/echo/network/places.ts";
import {
  type AddressRange,
  type Change,
  type Link,
  type NetworkPlan,
  PERFECT_LINK,
} from "../../../src/echo/network/plan.ts";
import { createFragments } from "../../../src/echo/responder/fragments.ts";
import { packetWords } from "../../../src/echo/responder/responder.ts";
import { HELD, MALFORMED, TURNED } from "../../../src/echo/responder/verdict.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";
import { NOW_MS } from "../responder/harness.ts";

/** A plan in texts: addresses and ranges as `10.6.7.9` or `10.6.7.9-10.6.7.20`. */
export interface PlanText extends Partial<Omit<NetworkPlan, "hosts" | "routers" | "changes" | "link">> {
  readonly hosts?: readonly string[];
  readonly routers?: readonly string[];
  readonly link?: Partial<Link>;
  readonly changes?: readonly (Omit<Change, "hosts"> & { readonly hosts?: readonly string[] })[];
}

export const ROUTERS = ["10.6.7.254", "10.6.7.253", "10.6.7.252", "fd06:7::fe", "fd06:7::fd", "fd06:7::fc"];

/** Makes a plan. What is not given is as for plain echo; there are three routers of each family. */
export function planOf(
  { hosts, routers = ROUTERS, changes = [], link, ...rest }: PlanText = {},
): NetworkPlan {
  return {
    unreachable: false,
    hops: 0,
    refuse: false,
    seed: 1,
    ...rest,
    ...(hosts === undefined ? {} : { hosts: hosts.map(rangeOf) }),
    routers: routers.map((text) => parseIpAddress(text)),
    link: { ...PERFECT_LINK, ...link },
    changes: changes.map(({ hosts: some, ...change }) => ({
      ...change,
      ...(some === undefined ? {} : { hosts: some.map(rangeOf) }),
    })),
  };
}

function rangeOf(text: string): AddressRange {
  const [first, last = first] = text.split("-").map((part) => parseIpAddress(part));
  return { first, last };
}

/** Addresses of subnets of the tests that are no hosts. */
export const NO_HOSTS = ["10.6.7.0", "10.6.7.255", "192.168.255.3", "fd00::"].map((text) =>
  parseIpAddress(text).bytes
);

/** What a network answers to one packet. */
export interface NetworkAnswer {
  readonly outcome: "turned" | "own" | "nobody" | "held" | "malformed" | "ignored";
  /** The answer, if there is one. */
  readonly bytes: Uint8Array;
  readonly links: number;
  readonly mtu: number;
}

const DIRT = 0xa5;
const OFFSET = 64;

/** The responder of a network, for packets in a memory full of dirt, which must stay unchanged around each packet. */
export class NetworkSubject {
  readonly places: Places;
  readonly totals = new Float64Array(32);
  readonly #memory = new Uint8Array(new SharedArrayBuffer(OFFSET + 65536 + OFFSET));
  readonly #own = new Uint8Array(OWN_PACKET_BYTES);
  readonly #responder: ReturnType<typeof createNetworkResponder>;

  constructor(
    plan: NetworkPlan,
    echo: { readonly icmp: boolean; readonly udp: boolean } = { icmp: true, udp: true },
  ) {
    const words = packetWords(this.#memory);
    this.places = createPlaces(plan);
    const nowMs = (): number => NOW_MS;
    const options = {
      ...echo,
      noHosts: NO_HOSTS,
    };
    const network = { plan, places: this.places, own: { bytes: this.#own }, totals: this.totals };
    this.#responder = createNetworkResponder(this.#memory, words, network, options, {
      fragments: createFragments(words, nowMs),
      verifies: Int32Array.of(1),
      nowMs,
    });
  }

  give(packet: Uint8Array): NetworkAnswer {
    const memory = this.#memory;
    const responder = this.#responder;
    const end = OFFSET + packet.length;
    memory.fill(DIRT, 0, end + OFFSET);
    memory.set(packet, OFFSET);
    const step = responder.read(OFFSET, packet.length);
    const code = step === TURNED ? responder.respond() : step;
    assert(memory.subarray(0, OFFSET).every((byte) => byte === DIRT), "wrote in front of the packet");
    assert(memory.subarray(end, end + OFFSET).every((byte) => byte === DIRT), "wrote behind the packet");
    const outcome = outcomeOf(step === TURNED ? code : step === MALFORMED ? MALFORMED : 0);
    const hasTurned = outcome === "turned";
    if (!hasTurned && outcome !== "held") {
      assert(
        memory.subarray(OFFSET, end).every((byte, index) => byte === packet[index]),
        "changed the packet",
      );
    }
    const size = hasTurned || outcome === "own" ? responder.answer.size : 0;
    const bytes = hasTurned ? memory.slice(OFFSET, OFFSET + size) : this.#own.slice(0, size);
    return { outcome, bytes, links: responder.answer.links, mtu: responder.answer.mtu };
  }
}

function outcomeOf(code: number): NetworkAnswer["outcome"] {
  if (code === TURNED_AROUND || code === TURNED_WITH_FOLLOWERS) return "turned";
  if (code === ANSWERED_BY_OWN) return "own";
  if (code === NOBODY_THERE) return "nobody";
  if (code === HELD) return "held";
  return code === MALFORMED ? "malformed" : "ignored";
}
