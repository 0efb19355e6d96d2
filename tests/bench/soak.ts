// deno-lint-ignore-file no-console
/**
 * Shows that echo allocates nothing for a packet: deno run -A soak.ts [--packets N], by default 100 million. Prints the
 * size of the echo worker's heap and of the whole process at the start, after a tenth and at the end. Fails if either has
 * grown since that tenth, when everything is compiled.
 */
import { parseArgs } from "@std/cli/parse-args";
import { buildEmulator } from "../emulator/build.ts";
import type { SoakResult, SoakTask } from "./soak_worker.ts";

const MIB = 1024 * 1024;
/** The variation that the garbage collector and the allocator may cause. One byte a packet would be 90 MB. */
const TOLERANCE_BYTES = 4 * MIB;
const ICMP = 1;

const { packets: packetsText } = parseArgs(Deno.args, { string: ["packets"] });
const packets = Number(packetsText ?? 100_000_000);
if (!Number.isInteger(packets) || packets < 1_000_000 || packets > 1_000_000_000) {
  throw new RangeError("--packets takes a whole number from 1000000 to 1000000000");
}

const task: SoakTask = {
  library: await buildEmulator(),
  plan: {
    mode: "inline",
    protocol: ICMP,
    packetBytes: 64,
    batch: 256,
    packets,
    warmup: 0,
    gapUs: 0,
    verifyEvery: 1000,
  },
  looks: [1, packets / 10, packets],
};
const worker = new Worker(new URL("./soak_worker.ts", import.meta.url), { type: "module" });
const { promise, resolve, reject } = Promise.withResolvers<SoakResult>();
worker.onmessage = ({ data }) => resolve(data);
worker.onerror = (event) => reject(new Error(event.message));
worker.postMessage(task);
const { figures, uses } = await promise;
worker.terminate();

for (const { packets, heapBytes, residentBytes } of uses) {
  const [heap, resident] = [heapBytes, residentBytes].map((bytes) => (bytes / MIB).toFixed(1).padStart(6));
  console.log(
    `after ${
      packets.toLocaleString("en-US").padStart(13)
    } packets: heap ${heap} MiB, process ${resident} MiB`,
  );
}
console.log(
  `${
    figures.verified.toLocaleString("en-US")
  } replies verified, ${figures.invalid} wrong, ${figures.lost} packets lost, ` +
    `${(figures.clientNs / packets).toFixed(0)} ns a packet`,
);
const [, tenth, end] = uses;
const grown = Math.max(end.heapBytes - tenth.heapBytes, end.residentBytes - tenth.residentBytes);
if (grown > TOLERANCE_BYTES || figures.invalid > 0 || figures.lost > 0) {
  console.error(`Not good: memory has grown by ${(grown / MIB).toFixed(1)} MiB, or replies were wrong.`);
  Deno.exit(1);
}
