import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  DYING_HOST,
  FIVE_HOPS,
  type NetworkStory,
  SATELLITE,
  SMALL_MTU,
  TWENTY_HOSTS,
} from "../../src/cli/program/topics/network_stories.ts";
import { TestFolder } from "../test_folder.ts";
import { wordsOf } from "../words_of.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { serve } from "./served.ts";

/* The stories of `wintun help network`, by their own command lines, on the emulator and with the tools of Linux. */

/** The output of a program in the namespace, whatever its exit code. */
type Tool = (program: string, ...args: string[]) => Promise<string>;

function storyTest(story: NetworkStory, name: string, body: (tool: Tool) => Promise<void>): void {
  Deno.test(`${story.title}: ${name}`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using folder = new TestFolder();
    const { command, file } = story;
    if (file !== undefined) {
      await Deno.writeTextFile(`${folder.path}/${file.name}`, JSON.stringify(file.scenario));
    }
    const [, , ...args] = wordsOf(command).map((word) =>
      word === file?.name ? `${folder.path}/${word}` : word
    );
    await using served = await serve(namespace, ...args);
    await body(async (program, ...args) => {
      const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
      const { stdout, stderr } = await namespace.command(program, args, options).output();
      return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    });
    const { code, stopped } = await served.stop();
    assertEquals([code, stopped?.malformed], [0, 0]);
  });
}

/** The round-trip times in milliseconds in what ping writes. */
const timesOf = (output: string): number[] =>
  Array.from(output.matchAll(/ time=([\d.]+) ms/g), ([, ms]) => Number(ms));

storyTest(DYING_HOST, "ping loses it for seven seconds, and not the other one", async (tool) => {
  const pings = ["-n", "-D", "-i", "0.2", "-c", "60", "-W", "0.5"];
  const [dying, healthy] = await Promise.all([
    tool("ping", ...pings, "10.77.0.10"),
    tool("ping", ...pings, "10.77.0.11"),
  ]);
  assertMatch(healthy, /60 packets transmitted, 60 received, 0% packet loss/);
  const times = Array.from(dying.matchAll(/^\[([\d.]+)\]/gm), ([, seconds]) => Number(seconds));
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  const longest = Math.max(...gaps);
  assert(Math.abs(longest - 7) < 1, `${longest} s without an answer`);
  assertEquals(gaps.filter((gap) => gap > 1).length, 1, dying);
});

storyTest(SATELLITE, "ping shows the delay, its jitter and the losses", async (tool) => {
  const count = 1000;
  const output = await tool("ping", "-n", "-i", "0.01", "-c", `${count}`, "-W", "2", "10.77.0.9");
  const times = timesOf(output);
  const lost = count - times.length;
  // 20 are expected; fewer than 4 or more than 40 of 1000 come once in some 100,000 runs.
  assert(lost >= 4 && lost <= 40, `${lost} lost`);
  const median = times.toSorted((one, other) => one - other)[times.length >> 1];
  assert(Math.abs(median - 600) < 15, `${median} ms`);
  const below = times.filter((time) => time < 549.5).length;
  // A process that waits for a processor adds to a time, but nothing takes from it.
  assertEquals(below, 0);
  const spread = Math.max(...times) - Math.min(...times);
  assert(spread > 80, `${spread} ms`);
});

storyTest(SMALL_MTU, "tracepath finds it, large pings are refused or come in fragments", async (tool) => {
  assertMatch(
    await tool("tracepath", "-n", "10.77.0.9"),
    /10\.77\.0\.253 .*pmtu 1400\n[^]*Resume: pmtu 1400/,
  );
  const refused = await tool("ping", "-n", "-c", "1", "-M", "do", "-s", "1400", "-W", "2", "10.77.0.10");
  assertMatch(refused, /From 10\.77\.0\.253 icmp_seq=1 Frag needed and DF set \(mtu = 1400\)/);
  for (const size of ["1372", "4000"]) {
    const df = size === "1372" ? "do" : "dont";
    const answered = await tool("ping", "-n", "-c", "2", "-i", "0.2", "-M", df, "-s", size, "10.77.0.11");
    assertMatch(answered, /2 received, 0% packet loss/);
  }
});

storyTest(
  TWENTY_HOSTS,
  "a scan of the /24 finds twenty, a router reports the others, and TCP is refused",
  async (tool) => {
    const scan = async (last: number): Promise<string> => {
      const output = await tool("ping", "-n", "-c", "1", "-W", "2", `10.77.0.${last}`);
      return output.includes("1 received")
        ? "answers"
        : output.includes("From 10.77.0.254 icmp_seq=1 Destination Host Unreachable")
        ? "unreachable"
        : output;
    };
    const found = new Map<string, number>();
    for (let first = 2; first < 254; first += 16) {
      const lasts = Array.from({ length: Math.min(16, 254 - first) }, (_, index) => first + index);
      for (const result of await Promise.all(lasts.map(scan))) {
        found.set(
          result,
          (found.get(result) ?? 0) + 1,
        );
      }
    }
    assertEquals(Object.fromEntries(found), { answers: 20, unreachable: 232 });
    // The router itself is there.
    assertEquals(await scan(254), "answers");
    assertMatch(await tool("nc", "-v", "-w", "3", "10.77.0.10", "80"), /[Cc]onnection refused/);
    assertMatch(
      await tool("bash", "-c", "echo hello | socat -T 2 - UDP4:10.77.0.10:9"),
      /[Cc]onnection refused/,
    );
    assertMatch(await tool("bash", "-c", "echo hello | socat -T 2 - UDP4:10.77.0.10:7"), /^hello$/m);
  },
);

for (const [name, ...options] of [["ICMP", "-I"], ["UDP", "-U"]]) {
  storyTest(FIVE_HOPS, `traceroute shows them in their order, at rising times (${name})`, async (tool) => {
    // The code for packets is compiled when the first ones come.
    await tool("ping", "-n", "-c", "5", "-i", "0.1", "10.77.0.9");
    const output = await tool("traceroute", ...options, "-n", "-q", "3", "-w", "3", "10.77.0.9");
    const hops = Array.from(
      output.matchAll(/^ *\d+ {2}([\d.]+)((?: {2}[\d.]+ ms)+)$/gm),
      ([, address, times]) => ({
        address,
        // The least of three: a processor that is not free adds to a time, but nothing takes from it.
        ms: Math.min(...Array.from(times.matchAll(/[\d.]+/g), Number)),
      }),
    );
    assertEquals(hops.map(({ address }) => address), [
      "10.77.0.254",
      "10.77.0.253",
      "10.77.0.252",
      "10.77.0.251",
      "10.77.0.250",
      "10.77.0.9",
    ], output);
    for (const [index, { ms }] of hops.entries()) {
      const least = 50 * (index + 1) / 6;
      assert(ms >= least - 0.2 && ms < least + 25, `hop ${index + 1}: ${ms} ms, not ${least} ms`);
    }
  });
}
