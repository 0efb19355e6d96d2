import { assert, assertEquals, assertMatch } from "@std/assert";
import { main } from "../validated_main.ts";
import type { Host } from "../../../src/tun/host.ts";
import { HostError, notElevated } from "../../../src/tun/host_error.ts";
import type { PingOutcome, PingSeries } from "../../../src/windows/network/ping_series.ts";
import { ChosenMachine } from "../chosen_machine.ts";
import { FakeEnvironment } from "../fake_environment.ts";
import { type Machine, machineTest } from "../machine.ts";

const SELF_TEST = ["doctor", "--self-test"];

/** The outcome of a series in which all pings were answered. */
const answered = { sent: 5, answered: 5, wrong: 0, seconds: 0.01, failures: [] } as const;
const roundTripUs = { min: 100, median: 120, p99: 4321 };

/** Gives the machine a ping that answers at once. */
function answerPings(machine: Machine, outcome: Partial<PingOutcome> = {}): PingSeries[] {
  const asked: PingSeries[] = [];
  machine.host.ping = (series) => {
    asked.push(series);
    return Promise.resolve({ ...answered, roundTripUs, ...outcome });
  };
  return asked;
}

function replace({ host }: Machine, methods: Partial<Host>): void {
  Object.assign(host, methods);
}

// deno-lint-ignore no-explicit-any
function resultsOf(object: any): Record<string, string> {
  return Object.fromEntries(
    // deno-lint-ignore no-explicit-any
    object.findings.map(({ check, result }: any) => [check.replace("self-test-", ""), result]),
  );
}

Deno.test("doctor --self-test --simulate serves an adapter, pings it and removes it", async () => {
  const environment = new FakeEnvironment();
  assertEquals(await main([...SELF_TEST, "--simulate", "--json"], environment), 0, environment.stdout.text);
  const [object, ...more] = environment.stdout.objects;
  assertEquals([more, environment.stderr.text], [[], ""]);
  assertEquals(object.result, "ok");
  assertEquals(resultsOf(object), {
    "platform": "ok",
    "elevation": "ok",
    "devices": "ok",
    "legacy": "ok",
    "owners": "ok",
    "dns-rules": "ok",
    "services": "ok",
    "driver": "ok",
    "adapter": "ok",
    "settings": "ok",
    "ipv4": "ok",
    "rate-ipv4": "ok",
    "ipv6": "ok",
    "rate-ipv6": "ok",
    "removal": "ok",
  });
  const { adapter, settings, pings, echo } = object.selfTest;
  assertEquals(adapter.name, "wintun-self-test");
  assertEquals([settings.given[0], settings.differences], [{ setting: "mtu", values: ["1400"] }, []]);
  for (const family of [pings.ipv4, pings.ipv6]) {
    assertEquals(family.large.payloadBytes, 20_000);
    for (const name of ["small", "large", "routed", "parallel"]) {
      assert(family[name].sent > 0);
      assertEquals(family[name].answered, family[name].sent, name);
    }
    const { min, median, p99 } = family.small.roundTripUs;
    assert(0 < min && min <= median && median <= p99);
  }
  assert(echo.replied > 0);
  assertEquals([echo.malformed, echo.dropped], [0, 0]);
});

Deno.test("two self-tests at once on one machine take adapters and networks of their own", async () => {
  const machine = new ChosenMachine();
  const run = async (): Promise<string> => {
    const ended = machine.run(...SELF_TEST, "--strict", "--json");
    const { stdout } = machine.environment;
    assertEquals(await ended, 0, stdout.text);
    return stdout.objects[0].selfTest.adapter.name;
  };
  assertEquals((await Promise.all([run(), run()])).sort(), ["wintun-self-test", "wintun-self-test-2"]);
});

machineTest("the self-test says what it saw, a line for each check", async (machine) => {
  answerPings(machine);
  assertEquals(await machine.run(...SELF_TEST), 0);
  const lines = machine.environment.stdout.lines;
  const [adapter, settings, ipv4, rate] = lines.slice(lines.findIndex((line) => line.includes("self-test")));
  assertMatch(adapter, /^ok {7}Adapter "wintun-self-test" was created in 0\.\d s\. It is served, and up\.$/);
  assertMatch(settings, /^ok .* MTU, metric and DNS servers, as they were given\.$/);
  assertMatch(
    ipv4,
    /^ok .*IPv4: 5 of 5 pings of 32 bytes .*at least 0\.10 ms, median 0\.12 ms, .* 4\.32 ms\)/,
  );
  assertMatch(
    rate,
    /^ok .*IPv4: Windows got 500 replies a second, 4 Mbit\/s each way, with 16 pings of 1000 bytes/,
  );
  assertMatch(machine.environment.stdout.lines.at(-1)!, /removed in \d+ ms, and nothing of it is left\.$/);
  assertEquals(await machine.host.list(), []);
});

machineTest("doctor --quiet writes only what is not ok", async (machine) => {
  answerPings(machine);
  assertEquals(await machine.run(...SELF_TEST, "--quiet"), 0);
  assertEquals(machine.environment.stdout.text + machine.environment.stderr.text, "");
  answerPings(machine, { answered: 4, failures: [{ status: 11_010, count: 1 }] });
  assertEquals(await machine.run(...SELF_TEST, "--quiet"), 0);
  const lines = machine.environment.stdout.lines.filter((line) => !line.startsWith(" "));
  assertEquals(lines.length, 4);
  for (const line of lines) assertMatch(line, /^warning {2}IPv[46]: .*\(1 timed out\)/);
});

machineTest(
  "doctor --strict ends with 1 after a warning, and result is the worst of all findings",
  async (machine) => {
    assertEquals((await machine.ask("doctor", "--strict")).result, "ok");
    const finding = { check: "driver", result: "warning", message: "Old.", hint: "" } as const;
    machine.host.examine = () => Promise.resolve([finding]);
    assertEquals((await machine.ask("doctor")).result, "warning");
    assertEquals(await machine.run("doctor", "--strict", "--json"), 1);
    assertEquals(machine.environment.stdout.objects[0].result, "warning");
    machine.host.examine = () => Promise.resolve([finding, { ...finding, result: "failed" }]);
    assertEquals(await machine.run("doctor", "--json"), 1);
    assertEquals(machine.environment.stdout.objects[0].result, "failed");
  },
);

/** Returns what doctor says of one check. */
// deno-lint-ignore no-explicit-any
async function findingOf(machine: ChosenMachine, check: string, code: number): Promise<any> {
  assertEquals(await machine.run("doctor", "--strict", "--json"), code);
  return machine.environment.stdout.objects[0].findings.find((one: { check: string }) => one.check === check);
}

Deno.test("doctor warns of a persistent adapter that is stopped, with the reason and what starts it", async () => {
  const machine = new ChosenMachine();
  await machine.run("create", "lab", "--persistent");
  assertEquals((await findingOf(machine, "services", 0)).message, "Services that hold adapters: 1.");
  await machine.run("simulate", "stopped", "lab");
  const { result, message, hint } = await findingOf(machine, "services", 1);
  assertEquals([result, message, hint], [
    "warning",
    'Adapter "lab" is stopped: somebody stopped its service.',
    'wintun create "lab" --if-not-exists starts it, and wintun delete removes it.',
  ]);
  assertEquals(await machine.run("create", "lab", "--if-not-exists"), 0);
  assertEquals((await findingOf(machine, "services", 0)).result, "ok");
});

Deno.test("doctor shows DNS rules of an adapter that is gone, and the next creation or deletion removes them", async () => {
  for (const state of ["orphaned", "lost"]) {
    for (const next of [["create", "other"], ["delete", "kept"]]) {
      const machine = new ChosenMachine();
      await machine.run("create", "kept");
      await machine.run("create", "lab", "--dns-for", "lab.example=10.6.7.1");
      assertEquals(
        (await findingOf(machine, "dns-rules", 0)).message,
        "Rules of --dns-for: 1. Each belongs to an adapter.",
      );
      await machine.run("simulate", state, "lab");
      const { result, message } = await findingOf(machine, "dns-rules", 1);
      assertEquals(result, "warning");
      assertMatch(
        message,
        /^Rules of --dns-for are left of adapters that are gone: lab\.example \(adapter "lab" \S+\)\.$/,
      );
      assertEquals(await machine.run(...next), 0);
      await machine.run("doctor", "--json");
      const [{ findings }] = machine.environment.stdout.objects;
      const rules = findings.find(({ check }: { check: string }) => check === "dns-rules");
      assertEquals(rules.message, "Rules of --dns-for: 0. Each belongs to an adapter.", `${state}, ${next}`);
    }
  }
});

machineTest("a Windows that cannot send IPv6 pings is a warning, and IPv4 is tested", async (machine) => {
  const asked = answerPings(machine);
  const { ping } = machine.host;
  replace(machine, {
    ping: (series, stop) => series.target.family === 6 ? Promise.resolve(undefined) : ping(series, stop),
  });
  const object = await machine.ask(...SELF_TEST);
  const { ipv4, ipv6, removal } = resultsOf(object);
  assertEquals([object.result, ipv4, ipv6, removal], ["warning", "ok", "warning", "ok"]);
  assertEquals(object.selfTest.pings.ipv6, null);
  assertEquals(asked.length, 5);
});

machineTest("lost and wrong replies fail the self-test", async (machine) => {
  for (const outcome of [{ answered: 0, wrong: 5 }, { answered: 4, wrong: 1 }]) {
    const asked: PingSeries[] = [];
    machine.host.ping = (series) => {
      asked.push(series);
      return Promise.resolve({ ...answered, roundTripUs, ...(asked.length % 5 === 1 ? {} : outcome) });
    };
    assertEquals(await machine.run(...SELF_TEST, "--strict", "--json"), 1);
    const [object] = machine.environment.stdout.objects;
    assertEquals(resultsOf(object).ipv4, outcome.answered === 0 ? "failed" : "warning");
    // deno-lint-ignore no-explicit-any
    const { message } = object.findings.find(({ check }: any) => check === "self-test-ipv4");
    assertMatch(message, /with wrong bytes/);
  }
});

machineTest("settings that did not arrive fail the self-test", async (machine) => {
  answerPings(machine);
  const { configure } = machine.host;
  machine.host.configure = (luid, settings, options) =>
    configure.call(machine.host, luid, options?.dryRun ? settings : { ...settings, mtu: 1500 }, options);
  assertEquals(await machine.run(...SELF_TEST, "--json"), 1);
  const [object] = machine.environment.stdout.objects;
  assertEquals(resultsOf(object).settings, "failed");
  assertEquals(object.selfTest.settings.differences, [{ setting: "mtu", before: ["1500"], after: ["1400"] }]);
});

machineTest("what is left of the adapter fails the self-test", async (machine) => {
  answerPings(machine);
  machine.host.remains = () => Promise.resolve(["its device"]);
  let now = 0;
  const environment = new FakeEnvironment();
  environment.now = () => now += 1000;
  environment.host = () => machine.host;
  assertEquals(await main([...SELF_TEST, "--quiet"], environment), 1);
  assertMatch(
    environment.stdout.text,
    /^failed {3}The adapter was removed, but this is left: its device\.\n/,
  );
});

machineTest("Ctrl-C ends the self-test with 130, and its adapter is removed", async (machine) => {
  machine.host.ping = (_series, stop) => {
    machine.environment.signal("SIGINT");
    assert(stop.aborted);
    return Promise.resolve({ ...answered, answered: 0, roundTripUs: undefined });
  };
  assertEquals(await machine.run(...SELF_TEST), 130);
  assertMatch(
    machine.environment.stderr.text,
    /Interrupted before the self-test was done\. Its adapter was removed\./,
  );
  assertEquals(await machine.host.list(), []);
});

machineTest("--timeout ends the self-test with 9, and its adapter is removed", async (machine) => {
  machine.host.ping = (_series, stop) =>
    new Promise((resolve) =>
      stop.addEventListener("abort", () => resolve({ ...answered, answered: 0, roundTripUs: undefined }))
    );
  assertEquals(await machine.run(...SELF_TEST, "--timeout", "0.2", "--json"), 9);
  const [object] = machine.environment.stdout.objects;
  assertEquals(object.result, "failed");
  assertMatch(object.findings.at(-1).message, /Cannot finish the self-test: it was not done in 0\.2 s\./);
  assertEquals(resultsOf(object).removal, "ok");
  assertEquals(await machine.host.list(), []);
});

machineTest("an adapter that is removed meanwhile ends the self-test with 10", async (machine) => {
  machine.host.ping = async () => {
    for (const info of await machine.host.list()) await machine.host.remove(info);
    return { ...answered, roundTripUs };
  };
  assertEquals(await machine.run(...SELF_TEST, "--json"), 10);
  assertEquals(machine.environment.stdout.objects[0].result, "failed");
});

machineTest("wintun stop ends the self-test with 1, and its adapter is removed", async (machine) => {
  const stopped: Promise<unknown>[] = [];
  machine.host.ping = async () => {
    for (const info of await machine.host.list()) stopped.push(machine.host.stopSession(info, 1000));
    await Promise.resolve();
    return { ...answered, roundTripUs };
  };
  assertEquals(await machine.run(...SELF_TEST, "--json"), 1);
  await Promise.all(stopped);
  const [object] = machine.environment.stdout.objects;
  assertMatch(object.findings.at(-1).message, /another process asked the adapter's session to end\.$/);
  assertEquals(await machine.host.list(), []);
});

machineTest("an error of a later step has its own code, and the adapter is removed", async (machine) => {
  const error = new HostError("busy", "Cannot ping", "another program has the session");
  machine.host.ping = () => Promise.reject(error);
  assertEquals(await machine.run(...SELF_TEST, "--json"), 8);
  assertEquals(machine.environment.stdout.objects[0].findings.at(-1).message, `${error.message}.`);
  assertEquals(await machine.host.list(), []);
});

machineTest("the self-test needs elevation: 3, and nothing is examined", async (machine) => {
  replace(machine, {
    requireElevation: (operation) => {
      throw notElevated(operation);
    },
  });
  assertEquals(await machine.run(...SELF_TEST), 3);
  assertEquals(machine.environment.stdout.text, "");
  assertEquals(await machine.run("doctor"), 0);
});

machineTest("the self-test uses another name if an adapter has its usual one", async (machine) => {
  answerPings(machine);
  assertEquals(await machine.run("create", "wintun-self-test", "--address", "10.6.7.7/24"), 0);
  assertEquals((await machine.ask(...SELF_TEST)).selfTest.adapter.name, "wintun-self-test-2");
  assertEquals((await machine.host.list()).map(({ name }) => name), ["wintun-self-test"]);
});

machineTest("--timeout without --self-test is a usage error", async (machine) => {
  assertEquals(await machine.run("doctor", "--timeout", "5"), 2);
});
