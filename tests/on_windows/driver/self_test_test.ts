import { assert, assertEquals } from "@std/assert";
import { run } from "../program.ts";

Deno.test("doctor --self-test pings its adapter through Windows' own ICMP, IPv4 and IPv6, and leaves nothing", async () => {
  const { code, stdout, stderr } = await run(["doctor", "--self-test", "--json"]);
  assertEquals(code, 0, stdout + stderr);
  const { findings, selfTest: { adapter, pings, settings } } = JSON.parse(stdout);
  for (const { check, result, message } of findings) {
    // A machine with much to do may lose a ping.
    const isPing = /^self-test-.*ipv[46]$/.test(check);
    if (check.startsWith("self-test") && !isPing) assertEquals([check, result], [check, "ok"], message);
  }
  assertEquals(settings.differences, []);
  for (const family of [pings.ipv4, pings.ipv6]) {
    for (const name of ["small", "large", "routed", "parallel"]) {
      const { answered, wrong } = family[name];
      assert(answered > 0 && wrong === 0, JSON.stringify(family));
    }
  }
  const list = JSON.parse((await run(["list", "--all", "--json"])).stdout);
  const names = list.adapters.map(({ name }: { name: string }) => name);
  assert(!names.includes(adapter.name), names.join());
});
