// deno-lint-ignore-file no-console
/*
 * Gives generated packets to the responder and compares its results with those that the oracle requires.
 *
 *   deno run tests/echo/responder/fuzz.ts [inputs] [seed]
 *   deno run --allow-write tests/echo/responder/fuzz.ts [inputs] [seed] --replies FILE.pcapng
 *
 * The second form also writes a capture, for another decoder: the first 5000 replies to requests with right checksums.
 */
import type { Fragments } from "../../../src/echo/responder/fragments.ts";
import { HELD, IGNORED, MALFORMED, type Responder } from "../../../src/echo/responder/verdict.ts";
import {
  enhancedPacketLength,
  interfaceDescriptionBlock,
  OUTBOUND,
  PACKET_OFFSET,
  sectionHeaderBlock,
  setPacketDirection,
  setPacketTime,
  writeEnhancedPacketFrame,
} from "../../../src/wire/pcapng.ts";
import { generate } from "./fuzz_generator.ts";
import { type Expectation, Oracle } from "./fuzz_oracle.ts";
import { Random } from "./fuzz_random.ts";
import { createTestResponder, noHost, NOW_MS } from "./harness.ts";

export interface FuzzResult {
  readonly inputs: number;
  readonly replies: number;
  readonly ignored: number;
  readonly malformed: number;
  /** Fragments that were held until their first one came, and those of them that were sent. */
  readonly held: number;
  readonly followers: number;
  /** Fragments that were given up because others needed their room. */
  readonly lost: number;
}

const MEMORY_BYTES = 72 * 1024;
/** After this many inputs, all of the memory is checked, and not only the surroundings of the packet. */
const FULL_CHECK_INTERVAL = 1024;
const GUARD_BYTES = 64;

/** One responder and its oracle, with the same options. */
interface Setup {
  readonly responder: Responder;
  readonly fragments: Fragments;
  readonly oracle: Oracle;
}

/**
 * Runs until `count` inputs have been given.
 *
 * @param onReply Is called with every reply to a right request, and owns the bytes.
 * @throws {Error} At the first wrong result, with the packet.
 */
export function fuzz(count: number, seed: number, onReply?: (reply: Uint8Array) => void): FuzzResult {
  const random = new Random(seed);
  const memory = new Uint8Array(new SharedArrayBuffer(MEMORY_BYTES));
  const canary = new Uint8Array(MEMORY_BYTES);
  for (let i = 0; i < MEMORY_BYTES; i++) canary[i] = i * 7 + 13;
  memory.set(canary);
  let now = NOW_MS;
  const nowMs = (): number => now;
  const noHosts = ["10.6.7.0", "10.6.7.255", "192.168.255.3", "fd00::"].map(noHost);
  const kinds = [[true, true, true], [true, true, false], [true, false, true], [false, true, true]];
  const setups = kinds.map(([icmp, udp, verifies]): Setup => ({
    ...createTestResponder(memory, { options: { icmp, udp, noHosts }, verifies, nowMs }),
    oracle: new Oracle({ icmp, udp, verifies, nowMs, noHosts: noHosts.map((address) => address.join()) }),
  }));
  const seen = { replies: 0, ignored: 0, malformed: 0, held: 0, followers: 0, lost: 0 };

  let inputs = 0;
  while (inputs < count) {
    if (random.below(5000) === 0) {
      now += 60_000;
      for (const { oracle } of setups) oracle.forget();
    }
    const setup = random.pick(setups);
    for (const packet of generate(random)) {
      const offset = random.percent(10)
        ? (MEMORY_BYTES - packet.length) & ~3
        : GUARD_BYTES + 4 * random.below(16);
      memory.set(packet, offset);
      const verdict = setup.responder(offset, packet.length);
      const after = memory.slice(offset, offset + packet.length);
      const followers = verdict < HELD ? takeFollowers(setup.fragments) : [];
      const expected = expectationOf(setup.oracle, packet, verdict);
      const size = Math.abs(verdict);
      const isReply = verdict > 0 || verdict < HELD;
      const problem = judge(packet, after, followers, verdict, expected) ??
        (isReply ? judgeAgain(setup, memory, offset, packet, size) : undefined);
      memory.set(canary.subarray(offset, offset + packet.length), offset);
      const whole = inputs % FULL_CHECK_INTERVAL === 0;
      const from = whole ? 0 : Math.max(0, offset - GUARD_BYTES);
      const to = whole ? MEMORY_BYTES : Math.min(MEMORY_BYTES, offset + packet.length + GUARD_BYTES);
      if (problem !== undefined || !equal(memory.subarray(from, to), canary.subarray(from, to))) {
        throw new Error(
          `Input ${inputs} of seed ${seed}: ${problem ?? "touched memory outside of the packet"}\n` +
            `packet ${hex(packet)}\nafter  ${hex(after)}`,
        );
      }
      inputs++;
      if (isReply) seen.replies++;
      else if (verdict === MALFORMED) seen.malformed++;
      else if (verdict === HELD) seen.held++;
      else seen.ignored++;
      seen.followers += followers.length;
      if (expected.kind === "reply") {
        seen.lost += expected.followers.length - followers.length;
        if (expected.isRightRequest) onReply?.(after.subarray(0, size));
      }
    }
  }
  return { inputs, ...seen };
}

/** Returns the oracle's expectation. If the verdict shows that the responder has forgotten a datagram, the oracle forgets it. */
function expectationOf(oracle: Oracle, packet: Uint8Array, verdict: number): Expectation {
  const expected = oracle.expect(packet);
  if (verdict !== HELD || expected.kind === "held" || expected.mayBeForgotten === undefined) return expected;
  oracle.forgetFirst(expected.mayBeForgotten);
  return oracle.expect(packet);
}

function takeFollowers(fragments: Fragments): Uint8Array[] {
  const followers: Uint8Array[] = [];
  for (let at = fragments.takeFollower(); at >= 0; at = fragments.takeFollower()) {
    followers.push(fragments.held.memory.slice(at, at + fragments.held.takenSize));
  }
  return followers;
}

/** Returns the error in a verdict and the bytes that it left, if there is one. */
function judge(
  packet: Uint8Array,
  after: Uint8Array,
  followers: readonly Uint8Array[],
  verdict: number,
  expected: Expectation,
): string | undefined {
  if (verdict === IGNORED || verdict === MALFORMED) {
    if (!equal(packet, after)) return "changed a packet that it does not answer";
    if (expected.kind !== "none") return `verdict ${verdict} where it should be ${expected.kind}`;
    const reason = verdict === IGNORED ? expected.ignored : expected.malformed;
    return reason === undefined
      ? `verdict ${verdict} in spite of: ${expected.ignored ?? expected.malformed}`
      : undefined;
  }
  if (expected.kind === "none") {
    return `verdict ${verdict} in spite of: ${expected.ignored ?? expected.malformed}`;
  }
  const { reply } = expected;
  if (!equal(after.subarray(0, reply.length), reply)) return `wrong reply, should be ${hex(reply)}`;
  if (!equal(after.subarray(reply.length), packet.subarray(reply.length))) {
    return "changed what lies behind the reply";
  }
  if (verdict === HELD) {
    return expected.kind === "held" ? undefined : "held where a reply is due";
  }
  if (expected.kind !== "reply") return "answered what should wait or be ignored";
  if (Math.abs(verdict) !== reply.length) return `a reply of ${verdict} bytes, should be ${reply.length}`;
  return isPartOf(followers, expected.followers) ? undefined : "wrong followers";
}

/** Returns whether the packets are some of the others, in the same order. */
function isPartOf(packets: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  let next = 0;
  for (const other of others) {
    if (next < packets.length && equal(packets[next], other)) next++;
  }
  return next === packets.length;
}

/**
 * Gives a reply to the responder again, and returns the error in the result, if there is one. An echo reply is never
 * answered. A UDP reply is either not answered, or becomes the request again, except for TTL and header checksum.
 * Fragments are left out, because giving them again would change the remembered datagrams.
 */
function judgeAgain(
  setup: Setup,
  memory: Uint8Array,
  offset: number,
  packet: Uint8Array,
  size: number,
): string | undefined {
  const isV4 = packet[0] >> 4 === 4;
  if (isV4 && (packet[6] & 0x3f || packet[7])) return undefined;
  if (!isV4 && packet[6] !== 17 && packet[6] !== 58) return undefined;
  if (setup.responder(offset, size) !== size) return undefined;
  if (packet[isV4 ? 9 : 6] !== 17) return "answered an echo reply";
  // The options have one more entry.
  if (isV4 && packet[0] !== 0x45) return undefined;
  const again = memory.slice(offset, offset + size);
  for (const at of isV4 ? [8, 10, 11] : [7]) again[at] = packet[at];
  return equal(again, packet.subarray(0, size)) ? undefined : "the reply of a UDP reply is not the request";
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Returns a capture of packets that were sent. */
export function capture(replies: readonly Uint8Array[]): Uint8Array {
  const blocks = [sectionHeaderBlock("", "responder_fuzz"), interfaceDescriptionBlock("fuzz", "", 0)];
  for (const [index, reply] of replies.entries()) {
    const block = new Uint8Array(enhancedPacketLength(reply.length, 0));
    const words = new Int32Array(block.buffer);
    writeEnhancedPacketFrame(words, 0, reply.length, reply.length, 0);
    block.set(reply, PACKET_OFFSET);
    setPacketTime(words, 0, 0, index);
    setPacketDirection(words, block.length, OUTBOUND);
    blocks.push(block);
  }
  return Uint8Array.from(blocks.flatMap((block) => [...block]));
}

function main(args: readonly string[]): void {
  const fileFlag = args.indexOf("--replies");
  const file = fileFlag < 0 ? undefined : args[fileFlag + 1];
  const numbers = fileFlag < 0 ? args : args.slice(0, fileFlag);
  const replies: Uint8Array[] = [];
  const start = performance.now();
  const result = fuzz(Number(numbers[0] ?? 1_000_000), Number(numbers[1] ?? 1), (reply) => {
    if (file !== undefined && replies.length < 5000) replies.push(reply);
  });
  if (file !== undefined) Deno.writeFileSync(file, capture(replies));
  const seconds = Math.round((performance.now() - start) / 1000);
  // An exception, a wrong reply or a stray write would have ended the run.
  console.log(`nothing wrong: ${JSON.stringify({ ...result, seconds })}`);
}

if (import.meta.main) main(Deno.args);
