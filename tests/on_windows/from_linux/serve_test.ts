import { assert, assertEquals, assertMatch } from "@std/assert";
import { Serving } from "../../serving.ts";
import { eventually } from "../eventually.ts";
import {
  assertNothingLeft,
  enterWorld,
  linuxDevices,
  registeredDevices,
  worldTest,
} from "../world_under_test.ts";

const world = await enterWorld();
const DUAL_STACK = ["--address", "10.6.7.7/24", "--address", "fd06:7::7/64"];

const piped = { stdin: "null", stdout: "piped", stderr: "piped" } as const;

const serve = (...args: string[]): Promise<Serving> =>
  Serving.start(world.wintun(["serve", ...args, "--json"], piped));

async function assertAnswered(target: string, count: number, ...options: string[]): Promise<void> {
  const family = target.includes(":") ? "-6" : "-4";
  const args = [family, "-n", "-q", "-c", `${count}`, "-W", "5", ...options, target];
  const { stdout } = await world.linux("ping", args).output();
  const text = new TextDecoder().decode(stdout);
  assertMatch(text, new RegExp(`${count} packets transmitted, ${count} received, 0% packet loss`), text);
  assert(!/duplicates|corrupted|DUP/.test(text), text);
}

for (const target of ["10.6.7.9", "fd06:7::9"]) {
  worldTest(`serve answers ping of ${target}, small, big and fragmented`, async () => {
    await using serving = await serve("lab", ...DUAL_STACK, "--mtu", "1500");
    for (const size of ["56", "1400", "20000"]) await assertAnswered(target, 5, "-i", "0.05", "-s", size);
    await world.interrupt(serving.child);
    const { code, stopped, stderr } = await serving.ended;
    assertEquals(code, 0, stderr);
    assertEquals([stopped?.malformed, stopped?.dropped], [0, 0]);
    await assertNothingLeft(world);
  });

  worldTest(`serve loses none of a flood of 5000 pings to ${target}`, async () => {
    await using serving = await serve("lab", ...DUAL_STACK);
    await assertAnswered(target, 5000, "-f");
    await world.interrupt(serving.child);
    const { stopped } = await serving.ended;
    assert(stopped!.replied >= 5000, JSON.stringify(stopped));
  });
}

worldTest("serve gives the Linux side the address, the prefix and the MTU that it was told", async () => {
  await using serving = await serve("lab", "--address", "10.6.7.7/23", "--mtu", "1412");
  const { stdout } = await world.linux("ip", ["-json", "address", "show"]).output();
  // deno-lint-ignore no-explicit-any
  const links: any[] = JSON.parse(new TextDecoder().decode(stdout));
  const { mtu, addr_info } = links.find(({ ifname }) => ifname !== "lo");
  assertEquals(mtu, 1412);
  assertEquals([addr_info[0].local, addr_info[0].prefixlen], ["10.6.7.7", 23]);
  await world.interrupt(serving.child);
  await serving.ended;
});

worldTest("Ctrl-C ends serve with 0, and says so", async () => {
  await using serving = await serve("lab", ...DUAL_STACK);
  await world.interrupt(serving.child);
  const { code, stopped, stderr } = await serving.ended;
  assertEquals(code, 0, stderr);
  assertEquals(stopped?.reason, "signal");
  await assertNothingLeft(world);
});

worldTest(
  "of a killed serve Windows only remembers the device, until wintun.dll makes the next adapter",
  async () => {
    await using killed = await serve("killed", ...DUAL_STACK);
    const [device, ...others] = await registeredDevices(world);
    assertEquals(others, []);
    killed.child.kill("SIGKILL");
    await killed.ended;
    assert(await eventually(async () => (await linuxDevices(world)).length === 0), "the adapter is left");
    assertEquals(await registeredDevices(world), [device]);
    await using next = await serve("next", ...DUAL_STACK, "--duration", "0.2");
    assertEquals((await next.ended).code, 0);
    await assertNothingLeft(world);
  },
);

worldTest("serve takes over the name of a killed serve at once", async () => {
  {
    await using serving = await serve("killed", ...DUAL_STACK);
    serving.child.kill("SIGKILL");
    await serving.ended;
  }
  await using again = await serve("killed", ...DUAL_STACK, "--duration", "0.2");
  assertEquals((await again.ended).code, 0);
  await assertNothingLeft(world);
});

worldTest("serve without elevation ends with 3, and says so", async () => {
  const command = world.wintun(["serve", "lab", "--address", "10.77.7.7/24"], {
    elevated: false,
    ...piped,
  });
  const { code, stderr } = await command.output();
  assertEquals(code, 3);
  assertMatch(new TextDecoder().decode(stderr), /elevated/);
});
