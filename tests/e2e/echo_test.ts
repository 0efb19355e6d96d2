import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { NetworkNamespace } from "./network_namespace.ts";
import { Served } from "./served.ts";

const UDP_CLIENT = fromFileUrl(new URL("./udp_client.ts", import.meta.url));
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
    await using served = await Served.start(namespace, "lab", ...DUAL_STACK);
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
    await using served = await Served.start(namespace, "lab", ...DUAL_STACK);
    await assertAnswered(namespace, target, 20_000, "-f");
    const { stopped } = await served.stop();
    assert(stopped!.replied >= 20_000, `${stopped!.replied} replies`);
  });

  Deno.test(`serve echoes UDP from a client to ${target}, whole and in fragments`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using _served = await Served.start(namespace, "lab", ...DUAL_STACK);
    for (const size of ["0", "1", "512", "1400", "9000"]) {
      await namespace.run(
        Deno.execPath(),
        "run",
        "--allow-net",
        "--unstable-net",
        UDP_CLIENT,
        target,
        "4242",
        size,
        "20",
      );
    }
  });
}

Deno.test("serve does not answer what it was told not to echo", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await Served.start(namespace, "lab", "--address", "10.6.7.7/24", "--echo", "udp");
  const { code } = await namespace.command("ping", ["-4", "-c", "2", "-i", "0.2", "-W", "1", "10.6.7.9"], {
    stdout: "null",
  }).output();
  assertEquals(code, 1);
  const { stopped } = await served.stop();
  assertEquals(stopped?.replied, 0);
  assert(stopped!.ignored >= 2);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`serve ends on ${signal} with exit 0 and leaves no device`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using served = await Served.start(namespace, "lab", "--address", "10.6.7.7/24");
    assertEquals(await namespace.devices(), ["lab"]);
    const { code, stopped } = await served.stop(signal);
    assertEquals(code, 0);
    assertEquals(stopped?.reason, "signal");
    assertEquals(await namespace.devices(), []);
  });
}

Deno.test("serve ends on Ctrl-C under a flood, and its counters add up", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await Served.start(namespace, "lab", "--address", "10.6.7.7/24");
  const flood = namespace.command("ping", ["-f", "-q", "-c", "1000000", "-w", "20", "10.6.7.9"], {
    stdout: "null",
  })
    .spawn();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { code, stopped } = await served.stop();
  flood.kill("SIGINT");
  await flood.status;
  assertEquals(code, 0);
  assertEquals(await namespace.devices(), []);
  const { received, replied, ignored, malformed, dropped } = stopped!;
  assertEquals(received, replied + ignored + malformed + dropped);
  assert(replied > 100, `${replied} replies`);
});

Deno.test("serve --count ends after that many replies", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await Served.start(namespace, "lab", "--address", "10.6.7.7/24", "--count", "3");
  await assertAnswered(namespace, "10.6.7.9", 3, "-i", "0.05");
  const { code, stopped } = await served.ended();
  assertEquals(code, 0);
  assertEquals(stopped?.replied, 3);
  assertEquals(stopped?.reason, "count");
});
