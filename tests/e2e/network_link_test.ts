/** What the link of a network does to real pings, measured over enough of them to say so. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { TestFolder } from "../test_folder.ts";
import { countPackets, INBOUND, OUTBOUND } from "./capture_tools.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { serve } from "./served.ts";

const ADDRESS = ["--address", "10.6.7.7/24"];
const HOST = "10.6.7.9";

/** What ping says, and the round-trip times in milliseconds, in ascending order. */
interface Pinged {
  readonly output: string;
  readonly times: readonly number[];
  readonly received: number;
}

/** Pings `count` times, every `seconds` if ping can. */
async function ping(
  namespace: NetworkNamespace,
  count: number,
  seconds: number,
  { target = HOST, options = [] }: { readonly target?: string; readonly options?: readonly string[] } = {},
): Promise<Pinged> {
  const args = ["-n", "-c", `${count}`, "-i", `${seconds}`, "-W", "3", ...options, target];
  const { stdout } = await namespace.command("ping", args, {
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  const output = new TextDecoder().decode(stdout);
  const times = [...output.matchAll(/ time=([\d.]+) ms/g)].map(([, ms]) => Number(ms));
  const received = Number(/(\d+) received/.exec(output)?.[1]);
  return { output, times: times.sort((one, other) => one - other), received };
}

/** Sends about a thousand pings a second, `count` in all: one ping cannot send as many. */
async function pingFast(namespace: NetworkNamespace, count: number): Promise<Pinged> {
  const PINGS = 16;
  const all = await Promise.all(
    Array.from(
      { length: PINGS },
      (_, index) => ping(namespace, count / PINGS, 0.01, { target: `10.6.7.${100 + index}` }),
    ),
  );
  return {
    output: all.map(({ output }) => output).join("\n"),
    times: all.flatMap(({ times }) => times).sort((one, other) => one - other),
    received: all.reduce((sum, { received }) => sum + received, 0),
  };
}

/** Returns the value below which a part of the sorted times lies. */
const quantile = (times: readonly number[], part: number): number =>
  times[Math.floor(part * (times.length - 1))];

Deno.test("a delay is kept to a millisecond at a thousand packets a second, and no packet is early", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serve(namespace, "lab", ...ADDRESS, "--delay", "20ms");
  // V8 compiles meanwhile.
  await ping(namespace, 100, 0.01);
  const { times, received } = await pingFast(namespace, 3200);
  assertEquals(received, 3200);
  assert(times[0] >= 20, `the first was back after ${times[0]} ms`);
  // On a machine that has other work, most may take longer.
  assert(quantile(times, 0.05) < 21, `nineteen of twenty took ${quantile(times, 0.05)} ms or more`);
  const { stopped } = await served.stop();
  assertEquals([stopped?.network.delayed, stopped?.dropped], [3300, 0]);
});

Deno.test("jitter spreads the times evenly around the delay", async () => {
  await using namespace = await NetworkNamespace.create();
  await using _served = await serve(
    namespace,
    "lab",
    ...ADDRESS,
    "--delay",
    "40ms",
    "--jitter",
    "20ms",
    "--seed",
    "3",
  );
  const { times, received } = await pingFast(namespace, 2000);
  assertEquals(received, 2000);
  assert(times[0] >= 20 && times[0] < 22, `${times[0]}`);
  // Even: 30, 40 and 50 ms; five standard errors are 2.2 ms. Late packets move them up.
  for (const [part, ms] of [[0.25, 30], [0.5, 40], [0.75, 50]]) {
    const found = quantile(times, part);
    assert(found > ms - 2.5 && found < ms + 6, `${part} of the times are below ${found} ms`);
  }
});

Deno.test("loss and duplicates are as many as they are asked for, and the capture says which", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const pcap = `${folder.path}/loss.pcapng`;
  const link = ["--loss", "10%", "--duplicate", "5%", "--seed", "1", "--pcap", pcap];
  await using served = await serve(namespace, "lab", ...ADDRESS, ...link);
  const { received, output } = await ping(namespace, 4000, 0.001);
  const { stopped } = await served.stop();
  const { lost, duplicated } = stopped!.network;
  // Of one in twenty, both of two must be lost: 9.5 %. Five standard deviations are 93.
  assert(Math.abs(lost - 4000 * 0.1 * 0.95) < 93, `${lost} lost`);
  assert(Math.abs(duplicated - 4000 * 0.05 * 0.9 * 0.9) < 63, `${duplicated} duplicated`);
  assertEquals(received, 4000 - lost);
  assertMatch(output, new RegExp(`\\+${duplicated} duplicates`));
  assertEquals(await countPackets(pcap, `${INBOUND} && frame.comment contains "lost the reply"`), lost);
  assertEquals(
    await countPackets(pcap, `${OUTBOUND} && frame.comment contains "twice on purpose"`),
    duplicated,
  );
  assertEquals(await countPackets(pcap, `${OUTBOUND} && icmp.type == 0`), 4000 - lost + duplicated);
  const wrong = "ip.checksum.status == 0 || icmp.checksum.status == 0";
  assertEquals(await countPackets(pcap, wrong), 0);
});

Deno.test("a seed repeats which packets are lost", async () => {
  const lostWith = async (seed: string): Promise<number> => {
    await using namespace = await NetworkNamespace.create();
    await using served = await serve(namespace, "lab", ...ADDRESS, "--loss", "30%", "--seed", seed);
    await ping(namespace, 500, 0.001);
    return (await served.stop()).stopped?.network.lost;
  };
  assertEquals(await lostWith("11"), await lostWith("11"));
});

Deno.test("a rate bounds what comes back, and what does not fit is dropped without a stop", async () => {
  await using namespace = await NetworkNamespace.create();
  // 84 bytes take 4.2 ms.
  await using served = await serve(namespace, "lab", ...ADDRESS, "--rate", "160Kbit");
  const before = performance.now();
  const { received } = await ping(namespace, 500, 0.001);
  const seconds = (performance.now() - before) / 1000;
  assertEquals(received, 500);
  assert(seconds >= 500 * 0.0042, `500 packets were back after ${seconds} s`);
  const { code } = await served.stop();
  assertEquals(code, 0);
});

Deno.test("serve ends on Ctrl-C while packets wait, and counts them as dropped", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serve(namespace, "lab", ...ADDRESS, "--delay", "30s");
  await ping(namespace, 10, 0.01, { options: ["-w", "1"] });
  const { code, stopped } = await served.stop();
  assertEquals([code, stopped?.replied, stopped?.dropped >= 10, stopped?.network.waiting], [
    0,
    0,
    true,
    0,
  ]);
});
