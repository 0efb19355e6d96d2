import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { resolve } from "@std/path";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import type { FakeEnvironment } from "../fake_environment.ts";
import { serve } from "./runs.ts";

const ALL_OPTIONS =
  "--address 10.6.7.7/24 --address fd00::7/64 --mtu 1400 --ring 256KiB --echo icmp --stats 60 --duration 60 --type Test " +
  "--guid {DEADBABE-CAFE-BEEF-0123-456789ABCDEF} --no-color --count 4";

Deno.test("serve --simulate --count 4 --json writes ready and stopped, and nothing else", async () => {
  const { code, environment } = await serve("demo --simulate --address 10.6.7.7/24 --count 4 --json");
  assertEquals([code, environment.stderr.text], [0, ""]);
  const [ready, stopped, ...more] = environment.stdout.objects;
  assertEquals(more, []);
  const { adapter, ...rest } = ready;
  assertEquals([adapter.name, adapter.addresses], ["demo", ["10.6.7.7/24"]]);
  assertEquals([adapter.state, adapter.connected, adapter.session], ["up", true, { pid: Deno.pid }]);
  assertEquals(rest, {
    schema: 1,
    event: "ready",
    pid: Deno.pid,
    created: true,
    changed: true,
    changes: [],
    simulated: true,
    driver: "0.14",
    ringBytes: 4194304,
    echo: ["icmp", "udp"],
  });
  assert(stopped.seconds > 0 && stopped.seconds < 30);
  delete stopped.seconds;
  assertEquals(stopped, {
    schema: 1,
    simulated: true,
    event: "stopped",
    reason: "count",
    received: 4,
    replied: 4,
    ignored: 0,
    malformed: 0,
    dropped: 0,
    receivedBytes: 240,
    repliedBytes: 240,
    tapMissed: 0,
    restarts: 0,
  });
});

Deno.test("serve applies every option", async () => {
  const { code, environment } = await serve(`demo --simulate --json ${ALL_OPTIONS}`);
  assertEquals([code, environment.stderr.text], [0, ""]);
  const [ready, stopped] = environment.stdout.objects;
  const { adapter, ringBytes, echo } = ready;
  assertEquals(adapter.guid, "deadbabe-cafe-beef-0123-456789abcdef");
  assertEquals([adapter.type, adapter.mtu, ringBytes], ["Test", 1400, 262144]);
  assertEquals([echo, adapter.addresses], [["icmp"], ["10.6.7.7/24", "fd00::7/64"]]);
  assertEquals([stopped.replied, stopped.receivedBytes], [4, 2 * 60 + 2 * 80]);
});

Deno.test("serve --log-packets --json writes a packet event for each packet and each reply", async () => {
  const { environment } = await serve("demo --simulate --address 10.6.7.7/24 --count 2 --log-packets --json");
  const packets = environment.stdout.objects.filter(({ event }) => event === "packet");
  assertEquals(packets.map(({ direction, verdict, length }) => [direction, verdict, length]), [
    ["in", "reply", 60],
    ["out", "reply", 60],
    ["in", "reply", 60],
    ["out", "reply", 60],
  ]);
  for (const { time, summary } of packets) {
    assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    assert(Math.abs(Date.parse(time) - Date.now()) < 60_000, time);
    assertMatch(summary, /10\.6\.7\.7/);
  }
  assertEquals(environment.stdout.objects.at(-1).event, "stopped");
});

Deno.test("serve --log-packets tells a newcomer what happens", async () => {
  const { code, environment } = await serve("demo --simulate --address 10.6.7.7/24 --count 2 --log-packets");
  assertEquals(code, 0);
  const { lines } = environment.stdout;
  assertEquals(lines.length, 5);
  for (const [index, line] of lines.slice(0, 4).entries()) {
    assertMatch(line, index % 2 === 0 ? /^\d\d:\d\d:\d\d\.\d{6} in {2}/ : /^\d\d:\d\d:\d\d\.\d{6} out /);
  }
  assertMatch(
    lines[4],
    /^Served demo for \d+\.\d s \(--count is reached\): 2 received \(120 B\), 2 replied \(120 B\), nothing ignored/,
  );
  const notes = environment.stderr.text;
  assertStringIncludes(
    notes,
    "Simulated adapter demo is up, created for this run: 10.6.7.7/24, MTU 65535.\n",
  );
  assertStringIncludes(notes, "Answers ICMP and UDP echo. Ends after 2 replies or with Ctrl-C.\n");
  assertStringIncludes(notes, "pings the addresses of 10.6.7.0/24");
  assertStringIncludes(notes, "2 pings were answered, and every byte of the replies was right.\n");
});

Deno.test("serve --quiet writes nothing to stderr", async () => {
  const { code, environment } = await serve("demo --simulate --address 10.6.7.7/24 --count 1 --quiet");
  assertEquals([code, environment.stderr.text, environment.stdout.lines.length], [0, "", 1]);
});

Deno.test("serve --duration ends by itself", async () => {
  const { code, environment } = await serve("demo --simulate --address 10.6.7.7/24 --duration 0.05 --json");
  const { reason, seconds, received } = environment.stdout.objects[1];
  assertEquals([code, reason], [0, "duration"]);
  assert(seconds >= 0.045 && received >= 1, `${seconds} ${received}`);
});

Deno.test("serve --stats writes totals that grow, with rates", async () => {
  const { environment } = await serve(
    "demo --simulate --address 10.6.7.7/24 --duration 2.5 --stats 0.05 --json",
  );
  const stats = environment.stdout.objects.filter(({ event }) => event === "stats");
  const later = stats.findIndex(({ received }, index) => index > 0 && received > stats[index - 1].received);
  assert(later > 0, JSON.stringify(stats));
  const [first, second] = [stats[later - 1], stats[later]];
  assert(second.seconds > first.seconds);
  const rate = (second.received - first.received) / (second.seconds - first.seconds);
  assert(Math.abs(second.receivedPerSecond - rate) < rate * 0.1, `${second.receivedPerSecond} and ${rate}`);
  const { environment: text } = await serve(
    "demo --simulate --address 10.6.7.7/24 --duration 0.6 --stats 0.05",
  );
  assertMatch(
    text.stdout.lines[0],
    /^ +0\.\d s {2}received \d+ \([\d,]+\/s, [\d.]+ k?bit\/s\) {2}replied \d+ \(/,
  );
});

Deno.test("serve --echo none watches and answers nothing", async () => {
  const { code, environment } = await serve(
    "demo --simulate --address 10.6.7.7/24 --echo none --duration 0.05 --json",
  );
  const [ready, stopped] = environment.stdout.objects;
  assertEquals([code, ready.echo, stopped.replied], [0, [], 0]);
  assert(stopped.ignored >= 1 && stopped.ignored === stopped.received);
});

Deno.test("serve passes on what the driver's library logs: notes with --verbose, warnings always", async () => {
  const prepare = (environment: FakeEnvironment): void => {
    environment.host = ({ log, dll }) => {
      log({ level: "info", message: `loaded ${dll?.path}, trusted: ${dll?.isTrusted}` });
      log({ level: "warning", message: "careful" });
      return new SimulatedHost({ pingIntervalMs: 2 });
    };
  };
  const plain = await serve("lab --address 10.6.7.7/24 --count 1 --dll x.dll", prepare);
  assertStringIncludes(plain.environment.stderr.text, "warning: careful\n");
  assert(!plain.environment.stderr.text.includes("loaded"));
  const verbose = await serve(
    "lab --address 10.6.7.7/24 --count 1 --dll /x.dll --trust-dll --verbose",
    prepare,
  );
  assertStringIncludes(
    verbose.environment.stderr.text,
    `loaded ${resolve("/x.dll")}, trusted: true\n`,
  );
});

const REFUSED: readonly [args: string, message: string][] = [
  ["", "serve needs the name of an adapter. Usage: wintun serve NAME."],
  [
    "a b",
    "serve takes one name, but 2 are given: a, b. Put a name with spaces in quotation marks, and in PowerShell a value " +
    "with commas too. Give an option once for each of its values.",
  ],
  [
    "lab --address 10.6.7.7/24 fd00::7/64",
    '--address takes one value, and "fd00::7/64" is a second one. Give --address once for each value.',
  ],
  [
    "lab --address 10.6.7.7/24,10.6.8.7/24",
    '--address takes one value, and "10.6.7.7/24,10.6.8.7/24" is a list. Give --address once for each value.',
  ],
  [
    "lab --ring 4MB",
    "--ring 4MB: MB is not a unit here; the units are KiB, MiB and GiB. Did you mean 4MiB?",
  ],
  ["lab --addr 10.6.7.7/24", "There is no option --addr. Did you mean --address?"],
  ["a:b", 'Adapter name "a:b": a name cannot contain :.'],
  ["lab --address 10.6.7.7", "--address 10.6.7.7: prefix length is missing, as in 10.6.7.7/24."],
  ["lab --address 10.6.7.7/33", "--address 10.6.7.7/33: prefix length must be 0 to 32."],
  [
    "lab --mtu 575",
    "--mtu 575: must be a whole number from 576 to 65535. It also takes default, and any value with ipv4= or ipv6= before it.",
  ],
  [
    "lab --mtu 1279 --address fd00::7/64",
    "--mtu 1279: IPv6 needs an MTU of 1280 or more, not 1279. Choose an MTU of 1280 or more, or leave out the IPv6 addresses.",
  ],
  [
    "lab --ring 100000",
    "--ring 100000: must be a power of two from 131072 (128KiB) to 67108864 (64MiB) bytes.",
  ],
  [
    "lab --echo tcp",
    "--echo tcp: must be icmp, udp, icmp,udp or none. UDP on some ports only is udp:7,5000-5010.",
  ],
  [
    "lab --echo none,icmp",
    "--echo none,icmp: must be icmp, udp, icmp,udp or none. UDP on some ports only is udp:7,5000-5010.",
  ],
  ["lab --count 0", "--count 0: must be a whole number, 1 or more."],
  ["lab --count 4 --echo none", "--count counts replies, but --echo none sends none. Use --duration."],
  ["lab --duration 0", "--duration 0: must be a number of seconds above 0 and at most 2147483, such as 2.5."],
  ["lab --stats -1", "--stats -1: must be a number of seconds above 0 and at most 2147483, such as 2.5."],
  ["lab --guid 1", "--guid 1: must be a GUID, such as deadbabe-cafe-beef-0123-456789abcdef."],
  [
    "lab --simulate --dll x.dll",
    "A simulated machine uses no driver, so --dll has no effect. Leave out --dll, or use this machine: without --simulate and WINTUN_SIMULATE.",
  ],
  ["lab --trust-dll", "--trust-dll needs --dll. Add --dll PATH."],
];

for (const [args, message] of REFUSED) {
  Deno.test(`wintun serve ${args} is a usage error`, async () => {
    const { code, environment } = await serve(args, (environment) => {
      environment.host = () => {
        throw new Error("a usage error opens nothing");
      };
    });
    assertEquals([code, environment.stdout.text, environment.stderr.text], [2, "", `error: ${message}\n`]);
  });
}
