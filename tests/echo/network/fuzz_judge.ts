/*
 * Judges what a network answers to a packet, by the RFCs. It shares no code with src/echo. What hosts echo is judged by the
 * oracle of plain echo.
 */
import { assert, assertEquals } from "@std/assert";
import { internetChecksum, sumPseudoHeader } from "../../../src/wire/checksum.ts";
import { parseIp } from "../../../src/wire/ip.ts";
import { formatIpAddress, parseIpAddress } from "../../../src/wire/ip_address.ts";
import { type IpPacket, PacketError, readUint16, readUint32, writeUint16 } from "../../../src/wire/packet.ts";
import { Oracle } from "../responder/fuzz_oracle.ts";
import { NOW_MS } from "../responder/harness.ts";
import { type NetworkAnswer, NO_HOSTS, type PlanText, ROUTERS } from "./harness.ts";

const [ICMP, TCP, UDP, ICMPV6, NO_NEXT_HEADER] = [1, 6, 17, 58, 59];
const [HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS] = [0, 43, 60];
const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];

/** The names of the errors by family, type and code. */
const ERRORS: Readonly<Record<string, string>> = {
  "4 3 1": "host unreachable",
  "6 1 3": "host unreachable",
  "4 3 3": "port unreachable",
  "6 1 4": "port unreachable",
  "4 3 4": "too big",
  "6 2 0": "too big",
  "4 11 0": "time exceeded",
  "6 3 0": "time exceeded",
};

/** The way to an address. */
interface Way {
  readonly routers: readonly string[];
  /** The routers in front of the address. */
  readonly hops: number;
  readonly mtu: number;
  readonly isUp: boolean;
  readonly isRouter: boolean;
}

/** Returns the kind of an answer. @throws {Error} If it is wrong. */
export function judge(plan: PlanText, packet: Uint8Array, answer: NetworkAnswer): string {
  const { outcome } = answer;
  const request = parse(packet);
  const way = request === undefined ? undefined : wayTo(plan, request);
  const reaches = request !== undefined && way !== undefined && way.isUp && !expires(request, way) &&
    !isTooBig(packet, request, way);
  if (outcome === "turned" || outcome === "held") {
    assert(reaches, "echoed from where the packet cannot get");
    if (outcome === "turned") judgeEcho(packet, request, way, answer);
    return outcome;
  }
  if (outcome === "own") {
    assert(request !== undefined && way !== undefined, "answered a malformed packet");
    return judgeOwn(plan, packet, request, way, answer);
  }
  if (outcome === "nobody") {
    // Nobody looks behind the header of a packet to nobody.
    assert(way === undefined || !way.isUp);
    return outcome;
  }
  // What plain echo answers is answered here as well, unless the port is closed.
  if (reaches && request.fragment === undefined && !isClosed(plan, packet, request, way)) {
    assertEquals(oracle().expect(packet).kind, "none", `${outcome} where an echo is due`);
  }
  return outcome;
}

/** Reads the headers. What is malformed behind the IP header is no matter for routers: they see a packet of some protocol. */
function parse(packet: Uint8Array): IpPacket | undefined {
  return tryParse(packet) ?? tryParse(headerOf(packet));
}

function tryParse(packet: Uint8Array): IpPacket | undefined {
  try {
    return parseIp(packet);
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}

/** The packet as one that is no fragment (IPv4), or without extension headers (IPv6). */
function headerOf(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  const isV4 = copy[0] >> 4 === 4;
  if (copy.length < (isV4 ? 20 : 40) || isV4 && internetChecksum(copy, 0, 4 * (copy[0] & 15)) !== 0) {
    return copy;
  }
  if (!isV4) copy[6] = NO_NEXT_HEADER;
  else {
    copy.set([0, 0], 6);
    copy.set([0, 0], 10);
    writeUint16(copy, 10, internetChecksum(copy, 0, 4 * (copy[0] & 15)));
  }
  return copy;
}

const oracle = (): Oracle =>
  new Oracle({
    icmp: true,
    udp: true,
    verifies: true,
    nowMs: () => NOW_MS,
    noHosts: NO_HOSTS.map((address) => address.join()),
  });

function wayTo(plan: PlanText, { destination, family }: IpPacket): Way {
  const address = formatIpAddress(destination);
  const routers = (plan.routers ?? ROUTERS).filter((text) => text.includes(":") === (family === 6));
  const least = plan.unreachable || plan.pathMtu !== undefined ? 1 : 0;
  const most = Math.max(least, plan.hops ?? 0, ...(plan.changes ?? []).map((change) => change.hops ?? 0));
  const router = routers.slice(0, most).indexOf(address) + 1;
  const own = (plan.changes ?? []).filter(({ hosts }) =>
    hosts === undefined || hosts.some((range) => isIn(range, address))
  );
  const isHost = router > 0 || plan.hosts === undefined || plan.hosts.some((range) => isIn(range, address));
  const hops = own.findLast((change) => change.hops !== undefined)?.hops ?? plan.hops ?? 0;
  const limit = plan.pathMtu ?? 65535;
  return {
    routers,
    hops: router > 0 ? router - 1 : hops,
    mtu: router > 0 ? 65535 : family === 6 ? Math.max(1280, limit) : limit,
    isUp: own.findLast((change) => change.isUp !== undefined)?.isUp ?? isHost,
    isRouter: router > 0,
  };
}

function isIn(range: string, address: string): boolean {
  const [first, last = first] = range.split("-").map((text) => hexOf(text));
  const text = hexOf(address);
  return text.length === first.length && first <= text && text <= last;
}

const hexOf = (text: string): string =>
  Array.from(parseIpAddress(text).bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Whether a router on the way drops the packet. Whoever it is for takes it with any TTL. */
function expires({ hopLimit }: IpPacket, { hops }: Way): boolean {
  return hops > 0 && hopLimit <= hops;
}

function isTooBig(packet: Uint8Array, request: IpPacket, { mtu }: Way): boolean {
  return request.length > mtu && (request.family === 6 || (packet[6] & 0x40) !== 0);
}

function isClosed({ udpPorts }: PlanText, packet: Uint8Array, request: IpPacket, { isRouter }: Way): boolean {
  if (request.protocol !== UDP) return false;
  const port = readUint16(packet, request.payloadOffset + 2);
  return isRouter ||
    udpPorts !== undefined && !udpPorts.some(({ first, last }) => first <= port && port <= last);
}

function judgeEcho(packet: Uint8Array, request: IpPacket, { hops, mtu }: Way, answer: NetworkAnswer): void {
  const reply = parseIp(answer.bytes);
  assertEquals([reply.source, reply.destination], [request.destination, request.source]);
  assertEquals([reply.hopLimit, answer.links, answer.mtu], [64 - hops, hops + 1, mtu]);
  // A later fragment depends on those before.
  if (request.fragment !== undefined) return;
  const expected = oracle().expect(packet);
  assert(expected.kind === "reply", `echoed what should be ${expected.kind}`);
  const { reply: plain } = expected;
  const at = request.family === 4 ? [8, 10, 11] : [7];
  for (const index of at) plain[index] = answer.bytes[index];
  assertEquals(answer.bytes, plain);
}

function judgeOwn(
  plan: PlanText,
  packet: Uint8Array,
  request: IpPacket,
  way: Way,
  answer: NetworkAnswer,
): string {
  const { bytes } = answer;
  const own = parseIp(bytes);
  assertEquals([own.length, own.family, own.destination], [bytes.length, request.family, request.source]);
  for (const address of [request.source, request.destination]) {
    assert(isSingleHost(address), "from or to no single host");
  }
  const pseudoHeader = own.protocol === ICMP ? 0 : sumPseudoHeader(
    own.source.bytes,
    own.destination.bytes,
    own.protocol,
    own.payloadEnd - own.payloadOffset,
  );
  assertEquals(
    internetChecksum(bytes, own.payloadOffset, own.payloadEnd - own.payloadOffset, pseudoHeader),
    0,
    "checksum",
  );
  if (own.protocol === TCP) return judgeReset(plan, packet, request, way, own, bytes);
  return judgeError(plan, packet, request, way, own, answer);
}

function isSingleHost({ family, bytes }: IpPacket["source"]): boolean {
  const text = bytes.join();
  if (NO_HOSTS.some((address) => address.join() === text)) return false;
  if (family === 4) return bytes[0] !== 0 && bytes[0] !== 127 && bytes[0] < 224;
  return bytes[0] !== 255 && !/^(0,){15}[01]$/.test(text) && !text.startsWith("0,0,0,0,0,0,0,0,0,0,255,255,");
}

function judgeError(
  plan: PlanText,
  packet: Uint8Array,
  request: IpPacket,
  way: Way,
  own: IpPacket,
  { bytes, links }: NetworkAnswer,
): string {
  const at = own.payloadOffset;
  const name = ERRORS[`${own.family} ${bytes[at]} ${bytes[at + 1]}`];
  assert(
    own.protocol === (own.family === 4 ? ICMP : ICMPV6) && name !== undefined,
    "neither an error nor a reset",
  );

  assert(request.fragment === undefined || request.fragment.offset === 0, "about a later fragment");
  const isIcmp = request.protocol === (request.family === 4 ? ICMP : ICMPV6);
  const type = packet[request.payloadOffset];
  const isError = request.family === 4 ? [3, 4, 5, 11, 12].includes(type) : type < 128 || type === 137;
  assert(!isIcmp || request.payloadEnd - request.payloadOffset >= 8 && !isError, "about an error");

  // The quote is the packet as it reached the sender.
  const quote = bytes.slice(at + 8);
  const longest = own.family === 4 ? 576 : 1280;
  assertEquals(bytes.length, Math.min(longest, at + 8 + request.length));
  const hopsBack = links - 1;
  const ttl = own.family === 4 ? 8 : 7;
  assertEquals([own.hopLimit, quote[ttl]], [64 - hopsBack, Math.max(0, request.hopLimit - hopsBack)]);
  if (own.family === 4) {
    assertEquals(internetChecksum(quote, 0, 4 * (quote[0] & 15)), 0, "quoted header checksum");
  }
  const changed = own.family === 4 ? [8, 10, 11] : [7];
  for (const index of changed) quote[index] = packet[index];
  assertEquals(quote, packet.slice(0, quote.length));

  const sender = formatIpAddress(own.source);
  const nearest = Math.max(1, way.hops);
  const router = (number: number): string => way.routers[Math.min(number, way.routers.length) - 1];
  const hasExpired = expires(request, way);
  switch (name) {
    case "time exceeded":
      assert(hasExpired);
      assertEquals([sender, hopsBack], [
        router(Math.max(1, request.hopLimit)),
        Math.max(1, request.hopLimit) - 1,
      ]);
      break;
    case "too big":
      assert(!hasExpired && isTooBig(packet, request, way));
      assertEquals([sender, hopsBack, readUint32(bytes, at + 4)], [router(nearest), nearest - 1, way.mtu]);
      return name;
    case "host unreachable":
      assert(!hasExpired && !isTooBig(packet, request, way) && !way.isUp && plan.unreachable);
      assertEquals([sender, hopsBack], [router(nearest), nearest - 1]);
      break;
    case "port unreachable":
      assert(!hasExpired && way.isUp && plan.refuse === true && isClosed(plan, packet, request, way));
      assertEquals([sender, hopsBack], [formatIpAddress(request.destination), way.hops]);
  }
  assertEquals(readUint32(bytes, at + 4), 0, "the unused field");
  return name;
}

function judgeReset(
  plan: PlanText,
  packet: Uint8Array,
  request: IpPacket,
  way: Way,
  own: IpPacket,
  bytes: Uint8Array,
): string {
  const [from, to] = [request.payloadOffset, own.payloadOffset];
  assert(isTaken(packet), "answers what a host must drop because of its options");
  assert(plan.refuse === true && way.isUp && request.protocol === TCP && request.fragment === undefined);
  assertEquals([own.source, own.hopLimit, own.payloadEnd - to], [request.destination, 64 - way.hops, 20]);
  assertEquals([readUint16(bytes, to), readUint16(bytes, to + 2)], [
    readUint16(packet, from + 2),
    readUint16(packet, from),
  ]);
  const flags = packet[from + 13];
  assert((flags & RST) === 0, "a reset of a reset");
  const headerLength = packet[from + 12] >> 4 << 2;
  const length = request.payloadEnd - from - headerLength + Number((flags & SYN) > 0) +
    Number((flags & FIN) > 0);
  const expected = (flags & ACK) > 0
    ? [RST, readUint32(packet, from + 8), 0]
    : [RST | ACK, 0, (readUint32(packet, from + 4) + length) % 2 ** 32];
  assertEquals([bytes[to + 13], readUint32(bytes, to + 4), readUint32(bytes, to + 8)], expected);
  return "reset";
}

/**
 * Whether hosts take a packet with its options: without a source route (RFC 1122 section 3.2.1.8), and over IPv6 at the end of
 * its route, with no option that must be known (RFC 8200 sections 4.2 and 4.4).
 */
function isTaken(packet: Uint8Array): boolean {
  if (packet[0] >> 4 === 4) {
    for (let at = 20; at < 4 * (packet[0] & 15) && packet[at] !== 0;) {
      if (packet[at] === 131 || packet[at] === 137) return false;
      at += packet[at] === 1 ? 1 : packet[at + 1];
    }
    return true;
  }
  let start = 40;
  for (let next = packet[6]; next !== TCP; next = packet[start], start += 8 * (packet[start + 1] + 1)) {
    if (next === ROUTING && packet[start + 3] > 0) return false;
    if (next !== HOP_BY_HOP && next !== DESTINATION_OPTIONS) continue;
    for (let at = start + 2; at < start + 8 * (packet[start + 1] + 1);) {
      if (packet[at] >= 64) return false;
      at += packet[at] === 0 ? 1 : 2 + packet[at + 1];
    }
  }
  return true;
}
