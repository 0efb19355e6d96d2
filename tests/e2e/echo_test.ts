import { assert, assertEquals, assertMatch } from "@std/assert";
import { echoUdp, Flood, isAnswered, pause } from "./load.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { serve } from "./served.ts";

const DUAL_STACK = ["--address", "10.6.7.7/24", "--address", "fd06:7::7/64"];

/** Pings, and asserts that every request was answered without damage. */
async function assertAnswered(
  namespace: NetworkNamespace,
  target: string,
  count: number,
  ...options: string[]
): Promise<void> {
  const family = target.includes(":") ? "-6" : "-4";
  const output = await namespace.run(
    "ping",
    family,
    "-n",
    "-q",
    "-c",
    `${count}`,
    "-W",
    "5",
    ...options,
    target,
  );
  assertMatch(output, new RegExp(`${count} packets transmitted, ${count} received, 0% packet loss`));
  assert(!/duplicates|corrupted|DUP/.test(output), output);
}

for (const target of ["10.6.7.9", "fd06:7::9"]) {
  Deno.test(`serve answers ping of ${target} at 56 and 1400 bytes, and 20000 bytes in fragments`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using served = await serve(namespace, "lab", ...DUAL_STACK);
    for (const size of ["56", "1400", "20000"]) {
      await assertAnswered(namespace, target, 5, "-i", "0.05", "-s", size);
    }
    const { code, stopped } = await served.stop();
    assertEquals(code, 0);
    assertEquals(stopped?.malformed, 0);
    assertEquals(stopped?.dropped, 0);
  });

  Deno.test(`serve loses none of a flood of 20000 pings to ${target}`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using served = await serve(namespace, "lab", ...DUAL_STACK);
    await assertAnswered(namespace, target, 20_000, "-f");
    const { stopped } = await served.stop();
    assert(stopped!.replied >= 20_000, `${stopped!.replied} replies`);
  });

  Deno.test(`serve echoes UDP from a client to ${target}, whole and in fragments`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using _served = await serve(namespace, "lab", ...DUAL_STACK);
    for (const bytes of [0, 1, 512, 1400, 9000]) await echoUdp(namespace, target, bytes, 20);
  });
}

Deno.test("serve does not answer what it was told not to echo", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serve(namespace, "lab", "--address", "10.6.7.7/24", "--echo", "udp");
  assert(!await isAnswered(namespace, "10.6.7.9", 1));
  const { stopped } = await served.stop();
  assertEquals(stopped?.replied, 0);
  assert(stopped!.ignored >= 1);
});

Deno.test("serve never answers a ping of its subnet's broadcast address", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serve(namespace, "lab", "--address", "10.6.7.7/24", "--log-packets");
  const ping = ["-b", "-n", "-c", "2", "-i", "0.2", "-W", "1", "10.6.7.255"];
  const { code } = await namespace.command("ping", ping, { stdout: "null", stderr: "null" }).output();
  assertEquals(code, 1);
  const { stopped } = await served.stop();
  const broadcast = served.events.filter(({ summary }) =>
    summary?.includes("> 10.6.7.255 ICMP echo request")
  );
  assertEquals([broadcast.map(({ verdict }) => verdict), stopped?.replied], [["ignored", "ignored"], 0]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`serve ends on ${signal} with exit 0 and leaves no device`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using served = await serve(namespace, "lab", "--address", "10.6.7.7/24");
    assertEquals(await namespace.devices(), ["lab"]);
    const { code, stopped } = await served.stop(signal);
    assertEquals(code, 0);
    assertEquals(stopped?.reason, "signal");
    assertEquals(await namespace.devices(), []);
  });
}

Deno.test("serve ends on Ctrl-C under a flood, and its counters add up", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serve(namespace, "lab", "--address", "10.6.7.7/24");
  await using _flood = new Flood(namespace, "10.6.7.9");
  await pause(1000);
  const { code, stopped } = await served.stop();
  assertEquals(code, 0);
  assertEquals(await namespace.devices(), []);
  const { received, replied, ignored, malformed, dropped } = stopped!;
  assertEquals(received, replied + ignored + malformed + dropped);
  assert(replied > 100, `${replied} replies`);
});

Deno.test("serve --count ends after that many replies", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serve(namespace, "lab", "--address", "10.6.7.7/24", "--count", "3");
  await assertAnswered(namespace, "10.6.7.9", 3, "-i", "0.05");
  const { code, stopped } = await served.ended;
  assertEquals(code, 0);
  assertEquals(stopped?.replied, 3);
  assertEquals(stopped?.reason, "count");
});
