import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { resolve } from "@std/path";
import { main } from "../../src/main.ts";
import type { Adapter, Host } from "../../src/tun/host.ts";
import { SimulatedHost } from "../../src/tun/simulated_host.ts";
import type { SimulatedCondition } from "../../src/tun/simulated_device.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { FakeEnvironment } from "./fake_environment.ts";

const ALL_OPTIONS =
  "--address 10.6.7.7/24 --address fd00::7/64 --mtu 1400 --ring 256KiB --echo icmp --stats 60 --duration 60 --type Test " +
  "--guid {DEADBABE-CAFE-BEEF-0123-456789ABCDEF} --no-color --count 4";

interface Outcome {
  readonly code: number;
  readonly environment: FakeEnvironment;
}

async function serve(
  args: string,
  prepare: (environment: FakeEnvironment) => void = () => {},
): Promise<Outcome> {
  const environment = new FakeEnvironment();
  prepare(environment);
  const code = await main(["serve", ...args.split(" ").filter((word) => word !== "")], environment);
  assert(!environment.hasSignalHandlers, "signals are no longer listened for");
  return { code, environment };
}

/** Makes the environment's machine this host, which the test keeps. */
function onHost(host: Host): (environment: FakeEnvironment) => void {
  return (environment) => {
    // What serve closes at its end is its own view; the test looks at the host afterwards.
    environment.host = () => keepOpen(host);
  };
}

function keepOpen(host: Host): Host {
  return {
    list: (options) => host.list(options),
    find: (name) => host.find(name),
    check: (request) => host.check(request),
    create: (request) => host.create(request),
    open: (name) => host.open(name),
    configure: (luid, settings) => host.configure(luid, settings),
    stop: (info, timeoutMs) => host.stop(info, timeoutMs),
    remove: (info) => host.remove(info),
    driverVersion: () => host.driverVersion(),
    removeDriver: () => host.removeDriver(),
    examine: () => host.examine(),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("serve --simulate --count 4 --json writes ready and stopped, and nothing else", async () => {
  const { code, environment } = await serve("demo --simulate --count 4 --json");
  assertEquals([code, environment.stderr.text], [0, ""]);
  const [ready, stopped, ...more] = environment.stdout.objects;
  assertEquals(more, []);
  assertMatch(ready.guid, /^[0-9a-f-]{36}$/);
  assertMatch(ready.luid, /^\d{17}$/);
  delete ready.guid;
  delete ready.luid;
  assertEquals(ready, {
    schema: 1,
    event: "ready",
    name: "demo",
    type: "Wintun",
    ifIndex: 50,
    mtu: 65535,
    addresses: ["10.6.7.7/24"],
    created: true,
    simulated: true,
    ringBytes: 4194304,
    echo: ["icmp", "udp"],
  });
  assert(stopped.seconds > 0 && stopped.seconds < 30);
  delete stopped.seconds;
  assertEquals(stopped, {
    schema: 1,
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
  assertEquals(ready.guid, "deadbabe-cafe-beef-0123-456789abcdef");
  assertEquals([ready.type, ready.mtu, ready.ringBytes], ["Test", 1400, 262144]);
  assertEquals([ready.echo, ready.addresses], [["icmp"], ["10.6.7.7/24", "fd00::7/64"]]);
  assertEquals([stopped.replied, stopped.receivedBytes], [4, 2 * 60 + 2 * 80]);
});

Deno.test("serve --log-packets --json writes a packet event for each packet and each reply", async () => {
  const { environment } = await serve("demo --simulate --count 2 --log-packets --json");
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
  const { code, environment } = await serve("demo --simulate --count 2 --log-packets");
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
  const { code, environment } = await serve("demo --simulate --count 1 --quiet");
  assertEquals([code, environment.stderr.text, environment.stdout.lines.length], [0, "", 1]);
});

Deno.test("serve --duration ends by itself", async () => {
  const { code, environment } = await serve("demo --simulate --duration 0.05 --json");
  const { reason, seconds, received } = environment.stdout.objects[1];
  assertEquals([code, reason], [0, "duration"]);
  assert(seconds >= 0.045 && received >= 1, `${seconds} ${received}`);
});

Deno.test("serve --stats writes totals that grow, with rates", async () => {
  const { environment } = await serve("demo --simulate --duration 0.2 --stats 0.05 --json");
  const stats = environment.stdout.objects.filter(({ event }) => event === "stats");
  assert(stats.length >= 2, `${stats.length}`);
  const [first, second] = stats;
  assert(second.received > first.received && second.seconds > first.seconds);
  const rate = (second.received - first.received) / (second.seconds - first.seconds);
  assert(Math.abs(second.receivedPerSecond - rate) < rate * 0.1, `${second.receivedPerSecond} and ${rate}`);
  const { environment: text } = await serve("demo --simulate --duration 0.08 --stats 0.05");
  assertMatch(
    text.stdout.lines[0],
    /^ +0\.\d s {2}received \d+ \([\d,]+\/s, [\d.]+ k?bit\/s\) {2}replied \d+ \(/,
  );
});

Deno.test("serve --echo none watches and answers nothing", async () => {
  const { code, environment } = await serve("demo --simulate --echo none --duration 0.05 --json");
  const [ready, stopped] = environment.stdout.objects;
  assertEquals([code, ready.echo, stopped.replied], [0, [], 0]);
  assert(stopped.ignored >= 1 && stopped.ignored === stopped.received);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"]) {
  Deno.test(`serve ends with exit 0 on ${signal}`, async () => {
    const { code, environment } = await serve("demo --simulate --json", (environment) => {
      environment.stdout.written(/"ready"/).then(() => environment.signal(signal));
    });
    assertEquals([code, environment.stdout.objects[1].reason], [0, "signal"]);
    assertEquals(environment.stderr.text, "");
  });
}

Deno.test("serve that is interrupted before it is ready gives exit 130, and leaves no adapter", async () => {
  const host = new SimulatedHost();
  const { code, environment } = await serve("lab --address 10.6.7.7/24", (environment) => {
    environment.host = () => ({
      ...keepOpen(host),
      create: (request) => {
        environment.signal("SIGINT");
        return host.create(request);
      },
    });
  });
  assertEquals([code, environment.stdout.text], [130, ""]);
  assertEquals(environment.stderr.text, "error: Interrupted before the adapter was served.\n");
  assertEquals(await host.list(), []);
});

Deno.test("A second interrupt does not wait for an end that hangs", async () => {
  const closing = Promise.withResolvers<void>();
  const host = new SimulatedHost();
  const { code, environment } = await serve("lab --address 10.6.7.7/24 --json", (environment) => {
    environment.host = () => ({
      ...keepOpen(host),
      [Symbol.asyncDispose]: () => {
        setTimeout(() => environment.signal("SIGINT"));
        return closing.promise;
      },
    });
    environment.stdout.written(/"ready"/).then(() => environment.signal("SIGINT"));
  });
  closing.resolve();
  assertEquals([code, environment.stderr.objects[0].error.exitCode], [130, 130]);
  assertEquals(environment.stdout.objects[1].event, "stopped");
});

Deno.test("serve creates an adapter that is not there, and removes it at the end", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const { code, environment } = await serve("lab --address 10.6.7.7/24 --count 1 --json", onHost(host));
  assertEquals([code, environment.stdout.objects[0].created], [0, true]);
  assertEquals(environment.stdout.objects[0].simulated, false);
  assertEquals(await host.list(), []);
});

Deno.test("serve opens an adapter that is there, in whatever case, and leaves it", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  using adapter = await host.create({ name: "Lab", type: "Wintun" });
  const { code, environment } = await serve("LAB --address 10.6.7.7/24 --count 1 --json", onHost(host));
  const [ready] = environment.stdout.objects;
  assertEquals([code, ready.created, ready.name, ready.guid], [0, false, "Lab", adapter.info.guid]);
  assertEquals((await host.find("lab"))?.state, "down");
});

Deno.test("serve warns that --guid has no effect on an adapter that is there", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  const guid = "deadbabe-cafe-beef-0123-456789abcdef";
  const { code, environment } = await serve(
    `lab --guid ${guid} --address 10.6.7.7/24 --count 1`,
    onHost(host),
  );
  assertEquals(code, 0);
  assertStringIncludes(
    environment.stderr.text,
    `warning: Adapter "lab" exists with GUID ${adapter.info.guid}; --guid ${guid} has no effect.\n`,
  );
});

Deno.test("serve warns of an adapter without an address", async () => {
  const { code, environment } = await serve("lab --duration 0.02 --json", onHost(new SimulatedHost()));
  assertEquals(code, 0);
  assertMatch(environment.stderr.objects[0].warning.message, /^Adapter "lab" has no address/);
});

Deno.test("serve refuses the name of a network adapter that is not Wintun's", async () => {
  const host = new SimulatedHost();
  using _ = await host.create({ name: "Ethernet", type: "Wintun" });
  const { code, environment } = await serve("Ethernet", (environment) => {
    environment.host = () => ({
      ...keepOpen(host),
      find: async (name) => ({ ...(await host.find(name))!, state: "foreign" }),
    });
  });
  assertEquals([code, environment.stdout.text], [5, ""]);
});

Deno.test("serve gives exit 7 where there is no Wintun", async () => {
  const { code, environment } = await serve("lab");
  assertEquals([code, environment.stdout.text, environment.stderr.text], [
    7,
    "",
    "error: Cannot open Wintun: not here. Hint.\n",
  ]);
});

Deno.test("serve gives exit 8 when another session is open, and leaves that one alone", async () => {
  const host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  using _ = adapter.openSession(0x20000);
  const { code, environment } = await serve("lab --address 10.6.7.7/24 --json", onHost(host));
  assertEquals([code, environment.stdout.text], [8, ""]);
  assertEquals(environment.stderr.objects[0].error.operation, `Cannot open a session on adapter "lab"`);
  assertEquals((await host.find("lab"))?.state, "up");
});

Deno.test("serve gives exit 10 when the adapter is removed meanwhile, after its summary", async () => {
  const { code, environment } = await serve("demo --simulate --json", (environment) => {
    environment.stdout.written(/"ready"/).then(() => environment.simulated!.setCondition("demo", "ended"));
  });
  assertEquals([code, environment.stdout.objects[1].reason], [10, "removed"]);
  assertEquals(
    environment.stderr.objects[0].error.message,
    `Cannot go on serving adapter "demo": it was removed`,
  );
});

/** A host whose sessions are in a condition from the moment they open, as often as told. */
function misbehaving(host: SimulatedHost, condition: SimulatedCondition, times: number): Host {
  let left = times;
  const spoil = (adapter: Adapter): Adapter => ({
    info: adapter.info,
    created: adapter.created,
    stopRequested: adapter.stopRequested,
    openSession: (capacityBytes) => {
      const session = adapter.openSession(capacityBytes);
      if (left-- > 0) host.setCondition(adapter.info.name, condition);
      return session;
    },
    close: () => adapter.close(),
    [Symbol.dispose]: () => adapter.close(),
  });
  return {
    ...keepOpen(host),
    create: async (request) => spoil(await host.create(request)),
    open: async (name) => spoil(await host.open(name)),
  };
}

Deno.test("serve restarts a corrupt session on the same adapter, counts it and says it", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --count 2 --json",
    onHost(misbehaving(host, "corrupt", 3)),
  );
  const stopped = environment.stdout.objects.at(-1);
  assertEquals([code, stopped.reason, stopped.replied, stopped.restarts], [0, "count", 2, 3]);
  assertEquals(environment.stdout.objects.filter(({ event }) => event === "ready").length, 1);
  assertEquals(environment.stderr.objects.length, 3);
  assertMatch(environment.stderr.objects[2].warning.message, /restart 3 of at most 3 in a row/);
});

Deno.test("serve gives up after the fourth corrupt session in a row, with exit 1", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --json",
    onHost(misbehaving(host, "corrupt", 99)),
  );
  const stopped = environment.stdout.objects.at(-1);
  assertEquals([code, stopped.reason, stopped.restarts], [1, "corrupt", 3]);
  assertMatch(
    environment.stderr.objects.at(-1).error.message,
    /the receive ring was corrupt 4 times in a row$/,
  );
  assertEquals(await host.list(), []);
});

Deno.test("serve keeps the totals of the sessions before a restart, and counts replies over all", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --count 40 --log-packets --json",
    (environment) => {
      onHost(host)(environment);
      environment.stdout.written(/"out"/).then(() => host.setCondition("lab", "corrupt"));
    },
  );
  const stopped = environment.stdout.objects.at(-1);
  assertEquals([code, stopped.replied, stopped.restarts], [0, 40, 1]);
  const replies = environment.stdout.objects.filter(({ direction }) => direction === "out");
  assertEquals(replies.length, 40);
});

Deno.test("serve counts replies that find the send ring full, and goes on", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --duration 0.1 --json",
    onHost(misbehaving(host, "full", 1)),
  );
  const stopped = environment.stdout.objects.at(-1);
  assertEquals([code, stopped.replied], [0, 0]);
  assert(stopped.dropped >= 2 && stopped.dropped === stopped.received);
});

Deno.test("serve --simulate fails with exit 1 when a reply is wrong", async () => {
  const { code, environment } = await serve("demo --simulate --json", (environment) => {
    environment.stdout.written(/"ready"/).then(() => {
      environment.simulatedOptions!.onPeer!({ type: "wrong", reason: "the reply has a wrong byte" });
    });
  });
  assertEquals([code, environment.stdout.objects[1].reason], [1, "error"]);
  assertEquals(
    environment.stderr.objects[0].error.message,
    "Cannot trust the echo: the reply has a wrong byte",
  );
});

Deno.test("serve ends quietly when nobody reads its output any more", async () => {
  const { code, environment } = await serve("demo --simulate --log-packets", (environment) => {
    environment.stdout.written(/out/).then(() => environment.stdout.isClosed = true);
  });
  assertEquals(code, 0);
  assertStringIncludes(environment.stderr.text, "Nobody reads the output any more, so serving has ended.\n");
  assert(!environment.stderr.text.includes("error"));
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
  assertStringIncludes(plain.environment.stderr.text, "warning: wintun.dll: careful\n");
  assert(!plain.environment.stderr.text.includes("loaded"));
  const verbose = await serve(
    "lab --address 10.6.7.7/24 --count 1 --dll /x.dll --trust-dll --verbose",
    prepare,
  );
  assertStringIncludes(
    verbose.environment.stderr.text,
    `wintun.dll: loaded ${resolve("/x.dll")}, trusted: true\n`,
  );
});

Deno.test("serve gives exit 1 and the Windows code when a session cannot be opened, and removes the adapter", async () => {
  const host = new SimulatedHost();
  const { code, environment } = await serve("lab --address 10.6.7.7/24 --json", (environment) => {
    environment.host = () => ({
      ...keepOpen(host),
      create: async (request) => {
        const adapter = await host.create(request);
        adapter.openSession = () => {
          throw new Win32Error(8, `Cannot start a session on adapter "lab"`);
        };
        return adapter;
      },
    });
  });
  const [{ error }] = environment.stderr.objects;
  assertEquals([code, error.win32, error.symbol], [1, 8, "ERROR_NOT_ENOUGH_MEMORY"]);
  assertEquals([environment.stdout.text, await host.list()], ["", []]);
});

const REFUSED: readonly [args: string, message: string][] = [
  ["", "serve needs the name of an adapter. Usage: wintun serve NAME."],
  ["a b", "serve takes one name, and is given 2: a, b. Put a name with spaces in quotation marks."],
  ["a:b", 'Adapter name "a:b": a name cannot contain :.'],
  ["lab --address 10.6.7.7", "--address 10.6.7.7: prefix length is missing, as in 10.6.7.7/24."],
  ["lab --address 10.6.7.7/33", "--address 10.6.7.7/33: prefix length must be 0 to 32."],
  ["lab --mtu 575", "--mtu 575: must be a whole number from 576 to 65535."],
  ["lab --mtu 1279 --address fd00::7/64", "--mtu 1279: IPv6 needs 1280 and more, and an --address is IPv6."],
  [
    "lab --ring 100000",
    "--ring 100000: must be a power of two from 131072 (128KiB) to 67108864 (64MiB) bytes.",
  ],
  ["lab --echo tcp", "--echo tcp: must be icmp, udp, icmp,udp or none."],
  ["lab --echo none,icmp", "--echo none,icmp: must be icmp, udp, icmp,udp or none."],
  ["lab --count 0", "--count 0: must be a whole number from 1 to 9007199254740991."],
  ["lab --count 4 --echo none", "--count counts replies, and --echo none sends none. Use --duration."],
  ["lab --duration 0", "--duration 0: must be a number of seconds above 0 and at most 2147483, such as 2.5."],
  ["lab --stats -1", "--stats -1: must be a number of seconds above 0 and at most 2147483, such as 2.5."],
  ["lab --guid 1", "--guid 1: must be a GUID, such as deadbabe-cafe-beef-0123-456789abcdef."],
  ["lab --simulate --dll x.dll", "--simulate uses no driver, and --dll names one. Leave out one of them."],
  ["lab --trust-dll", "--trust-dll is about the file of --dll. Add --dll PATH."],
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
