import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually } from "../eventually.ts";
import { assertNothingLeft, enterWorld, linuxDevices, worldTest } from "../world_under_test.ts";

const world = await enterWorld();
const decoder = new TextDecoder();

worldTest("a C program written against wintun.h alone passes packets through the emulator", async () => {
  const child = world.wine("/world/wintun_client.exe", ["Z:\\world\\wintun.dll", "C client", "20"], {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.stdout.getReader();
  assertEquals(decoder.decode((await output.read()).value).trim(), "ready");
  const [device] = await linuxDevices(world);
  await world.linux("ip", ["address", "add", "10.99.0.1/24", "dev", device]).output();
  const { stdout } = await world.linux("ping", ["-n", "-q", "-c", "20", "-i", "0.02", "-W", "5", "10.99.0.9"])
    .output();
  assertMatch(decoder.decode(stdout), /20 packets transmitted, 20 received/);
  assertEquals(decoder.decode((await output.read()).value).trim(), "answered 20");
  await output.cancel();
  assertEquals((await child.status).code, 0);
  await child.stderr.cancel();
  await assertNothingLeft(world);
});

worldTest("packets that a C program sends of itself arrive in Linux", async () => {
  const child = world.wine("/world/wintun_client.exe", ["Z:\\world\\wintun.dll", "C sender"], {
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = new Response(child.stdout).text();
  let received = 0;
  const counted = await eventually(async () => {
    const { stdout } = await world.linux("ip", ["-json", "-statistics", "link", "show"]).output();
    // deno-lint-ignore no-explicit-any
    const links: any[] = JSON.parse(decoder.decode(stdout));
    received = links.find(({ ifname }) => ifname !== "lo")?.stats64.rx.packets ?? 0;
    return received >= 100;
  });
  assert(counted, `${received} packets arrived`);
  await child.stdin.close();
  assertMatch(await output, /sent \d{3,}/);
  assertEquals((await child.status).code, 0);
});
