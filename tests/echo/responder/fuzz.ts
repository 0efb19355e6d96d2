// deno-lint-ignore-file no-console
/*
 * Gives generated packets to the responder and compares what it does with what the oracle says it must do.
 *
 *   deno run tests/echo/responder/fuzz.ts [inputs] [seed]
 *   deno run --allow-write tests/echo/responder/fuzz.ts [inputs] [seed] --replies FILE.pcapng
 *
 * The second form also writes the first 5000 replies to requests whose checksums were right as a capture, to be read by
 * another decoder.
 */
import { createResponder, IGNORED, MALFORMED, REPLY } from "../../../src/echo/responder/responder.ts";
import type { Responder } from "../../../src/echo/responder/verdict.ts";
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

export interface FuzzResult {
  readonly inputs: number;
  readonly replies: number;
  readonly ignored: number;
  readonly malformed: number;
  /** Later fragments that were not answered because another datagram took their place in the table. */
  readonly lostFragments: number;
}

const MEMORY_BYTES = 72 * 1024;
/** How often all of the memory is checked, and not just the surroundings of the packet. */
const FULL_CHECK_INTERVAL = 1024;
const GUARD_BYTES = 64;

/** One responder and its oracle under the same options. */
interface Setup {
  readonly responder: Responder;
  readonly oracle: Oracle;
}

/**
 * Runs until `count` inputs have been given; throws at the first thing that is wrong, with the packet.
 *
 * @param onReply sees every reply to a right request; the bytes are its own.
 */
export function fuzz(count: number, seed: number, onReply?: (reply: Uint8Array) => void): FuzzResult {
  const random = new Random(seed);
  const memory = new Uint8Array(new SharedArrayBuffer(MEMORY_BYTES));
  const canary = new Uint8Array(MEMORY_BYTES);
  for (let i = 0; i < MEMORY_BYTES; i++) canary[i] = i * 7 + 13;
  memory.set(canary);
  const setups = [[true, true], [true, true], [true, false], [false, true]].map(([icmp, udp]): Setup => ({
    responder: createResponder(memory, { icmp, udp, broadcasts: [0x0a0607ff, 0xc0a8ff03] }),
    oracle: new Oracle({ icmp, udp, broadcasts: ["10.6.7.255", "192.168.255.3"] }),
  }));
  const seen = { replies: 0, ignored: 0, malformed: 0, lostFragments: 0 };

  let inputs = 0;
  while (inputs < count) {
    const setup = random.pick(setups);
    for (const packet of generate(random)) {
      const offset = random.percent(10)
        ? (MEMORY_BYTES - packet.length) & ~3
        : GUARD_BYTES + 4 * random.below(16);
      memory.set(packet, offset);
      const verdict = setup.responder(offset, packet.length);
      const after = memory.slice(offset, offset + packet.length);
      const expected = setup.oracle.expect(packet);
      const problem = judge(packet, after, verdict, expected) ??
        (verdict === REPLY ? judgeAgain(setup, memory, offset, packet, after) : undefined);
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
      if (verdict === REPLY) seen.replies++;
      else if (verdict === MALFORMED) seen.malformed++;
      else seen.ignored++;
      if (expected.reply && verdict === IGNORED) seen.lostFragments++;
      if (expected.reply && expected.isRightRequest && verdict === REPLY) onReply?.(after);
    }
  }
  return { inputs, ...seen };
}

/** What is wrong with a verdict and the bytes it left, if anything. */
function judge(
  packet: Uint8Array,
  after: Uint8Array,
  verdict: number,
  expected: Expectation,
): string | undefined {
  if (verdict !== REPLY && !equal(packet, after)) return "changed a packet that it does not answer";
  if (expected.reply) {
    if (verdict === IGNORED && expected.mayBeLost) return undefined;
    if (verdict !== REPLY) return `verdict ${verdict} where a reply is due`;
    return equal(after, expected.reply) ? undefined : `wrong reply, should be ${hex(expected.reply)}`;
  }
  if (verdict === REPLY) return `answered in spite of: ${expected.malformed ?? expected.ignored}`;
  if (verdict === MALFORMED) {
    return expected.malformed ? undefined : `malformed in spite of: ${expected.ignored}`;
  }
  if (verdict === IGNORED) return expected.ignored ? undefined : `ignored in spite of: ${expected.malformed}`;
  return `verdict ${verdict} does not exist`;
}

/**
 * A reply put in again: that of an echo request is never answered; that of UDP is either not answered or becomes the
 * request again, but for TTL and header checksum. Fragments are left out, as giving them again would change what is
 * remembered.
 */
function judgeAgain(
  setup: Setup,
  memory: Uint8Array,
  offset: number,
  packet: Uint8Array,
  reply: Uint8Array,
): string | undefined {
  const isV4 = packet[0] >> 4 === 4;
  if (isV4 && (packet[6] & 0x3f || packet[7])) return undefined;
  if (!isV4 && packet[6] !== 17 && packet[6] !== 58) return undefined;
  if (setup.responder(offset, reply.length) !== REPLY) return undefined;
  if (packet[isV4 ? 9 : 6] !== 17) return "answered an echo reply";
  const again = memory.slice(offset, offset + packet.length);
  for (const at of isV4 ? [8, 10, 11] : [7]) again[at] = packet[at];
  return equal(again, packet) ? undefined : "the reply of a UDP reply is not the request";
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

function capture(replies: readonly Uint8Array[]): Uint8Array {
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
  // Any exception, wrong reply or stray write has ended the run before this.
  console.log(`nothing wrong: ${JSON.stringify({ ...result, seconds })}`);
}

if (import.meta.main) main(Deno.args);
