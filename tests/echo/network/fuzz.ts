// deno-lint-ignore-file no-console
/*
 * Gives generated packets to networks and judges what they answer:
 *
 *   deno run -A tests/echo/network/fuzz.ts [inputs] [seed] [--answers FILE.pcapng]
 *
 * The second form also writes a capture, for another decoder: the first 5000 answers that are no echo.
 */
import { capture } from "../responder/fuzz.ts";
import { generate } from "../responder/fuzz_generator.ts";
import { Random } from "../responder/fuzz_random.ts";
import { extended } from "../responder/harness.ts";
import { judge } from "./fuzz_judge.ts";
import { type NetworkAnswer, NetworkSubject, planOf, type PlanText } from "./harness.ts";

/** Plans for the addresses of the generator. */
const PLANS: readonly PlanText[] = [
  { hops: 2, routers: ["10.6.7.8", "192.168.255.4", "fd00::8", "fe80::9"] },
  { hosts: ["10.6.7.9", "fd00::7-fd00::8"], unreachable: true, hops: 1 },
  { pathMtu: 576, refuse: true, udpPorts: [{ first: 7, last: 7 }] },
  { hosts: ["10.6.7.7"], refuse: true, udpPorts: [] },
  {
    hops: 3,
    pathMtu: 1280,
    refuse: true,
    unreachable: true,
    changes: [{ atMs: 0, hosts: ["10.6.7.7"], isUp: false }, { atMs: 0, hosts: ["fd00::8"], hops: 1 }],
  },
];

/** How many answers of each kind there were. */
export type NetworkFuzzResult = Readonly<Record<string, number>>;

/**
 * Runs until `count` inputs have been given.
 *
 * @param onAnswer Is called with every answer that is no echo, and owns the bytes.
 * @throws {Error} At the first wrong answer, with the packet.
 */
export function fuzzNetwork(
  count: number,
  seed: number,
  onAnswer?: (bytes: Uint8Array) => void,
): NetworkFuzzResult {
  const random = new Random(seed);
  const networks = PLANS.map((plan) => ({ plan, network: new NetworkSubject(planOf(plan)) }));
  const results: Record<string, number> = {};
  let inputs = 0;
  while (inputs < count) {
    const { plan, network } = random.pick(networks);
    const packets = random.percent(10)
      ? generate(random).map((packet) => withTcp(random, packet))
      : generate(random);
    for (const packet of packets) {
      let answer: NetworkAnswer | undefined;
      try {
        answer = network.give(packet);
        const kind = judge(plan, packet, answer);
        results[kind] = (results[kind] ?? 0) + 1;
      } catch (error) {
        const of = `Input ${inputs} of seed ${seed}, plan ${JSON.stringify(plan)}`;
        throw new Error(`${of}: ${error}\npacket ${hex(packet)}\n${answer?.outcome} ${hex(answer?.bytes)}`, {
          cause: error,
        });
      }
      if (answer.outcome === "own") onAnswer?.(answer.bytes);
      inputs++;
    }
  }
  return results;
}

/** Makes a packet one of TCP. The generator knows none; most of these have a wrong checksum. */
function withTcp(random: Random, packet: Uint8Array): Uint8Array {
  const isV4 = packet[0] >> 4 === 4;
  if (packet.length < (isV4 ? 40 : 60)) return packet;
  const copy = packet.slice();
  const upper = isV4 ? 4 * (copy[0] & 15) : 40;
  copy[isV4 ? 9 : 6] = 6;
  if (upper + 20 > copy.length) return copy;
  copy[upper + 12] = random.pick([5, 5, 5, 6, 4, 15]) << 4;
  copy[upper + 13] = random.pick([2, 2, 16, 18, 4, 20, 1, 0, random.below(256)]);
  const [source, addresses] = isV4 ? [12, 8] : [8, 32];
  const segment = copy.subarray(upper);
  segment.set([0, 0], 16);
  const pseudoHeader = [
    ...copy.subarray(source, source + addresses),
    0,
    6,
    segment.length >> 8,
    segment.length & 255,
  ];
  if (random.percent(80)) segment.set(checksum([...pseudoHeader, ...segment]), 16);
  if (isV4) {
    copy.set([0, 0], 10);
    copy.set(checksum([...copy.subarray(0, upper)]), 10);
  }
  if (isV4 || random.percent(70)) return copy;
  const first = random.pick([0, 43, 60]);
  const content = first === 43 ? [0, random.below(2)] : [random.pick([1, 30, 100, 200]), 4];
  return extended(copy, first, [6, 0, ...content, 0, 0, 0, 0]);
}

function checksum(bytes: readonly number[]): [number, number] {
  let sum = 0;
  for (const [index, byte] of bytes.entries()) sum += index % 2 === 0 ? byte * 256 : byte;
  while (sum > 0xffff) sum = sum % 0x10000 + Math.floor(sum / 0x10000);
  return [0xffff - sum >> 8, 0xffff - sum & 0xff];
}

function hex(bytes: Uint8Array = new Uint8Array(0)): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function main(args: readonly string[]): void {
  const flag = args.indexOf("--answers");
  const file = flag < 0 ? undefined : args[flag + 1];
  const [inputs = 1_000_000, seed = 1] = (flag < 0 ? args : args.slice(0, flag)).map(Number);
  const answers: Uint8Array[] = [];
  const result = fuzzNetwork(inputs, seed, (answer) => {
    if (file !== undefined && answers.length < 5000) answers.push(answer);
  });
  if (file !== undefined) Deno.writeFileSync(file, capture(answers));
  // An exception, a wrong answer or a stray write would have ended the run.
  console.log(`nothing wrong: ${JSON.stringify(result)}`);
}

if (import.meta.main) main(Deno.args);
