import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { routesOf } from "./device_routes.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { serve } from "./served.ts";

const ROUTE_STEPS = fromFileUrl(new URL("./route_steps.ts", import.meta.url));

Deno.test("serve --route answers pings of addresses that only the routes lead to, and leaves no route", async () => {
  await using namespace = await NetworkNamespace.create();
  const addresses = ["--address", "10.6.7.7/24", "--address", "fd06:7::7/64"];
  const behind = ["--route", "10.97.0.0/16,via=10.6.7.9,metric=5", "--route", "fd97::/32,via=fd06:7::9"];
  const routes = ["--route", "10.99.0.0/16", "--route", "fd99::/32", ...behind];
  await using served = await serve(namespace, "lab", ...addresses, ...routes);
  assertEquals(await routesOf("lab", namespace.name), [
    "10.97.0.0/16",
    "10.99.0.0/16",
    "fd97::/32",
    "fd99::/32",
  ]);
  assertMatch(await namespace.run("ip", "route", "show", "10.97.0.0/16"), /via 10\.6\.7\.9 .*metric 5/);
  for (const target of ["10.99.1.2", "fd99:0:1::2", "10.97.1.2", "fd97:0:1::2"]) {
    const output = await namespace.run("ping", "-n", "-q", "-c", "3", "-i", "0.05", "-W", "5", target);
    assertMatch(output, /3 packets transmitted, 3 received, 0% packet loss/);
  }
  for (const [target, routed] of [["10.99.1.2", true], ["10.98.1.2", false]] as const) {
    const { success } = await namespace.command("ip", ["route", "get", target], {
      stdout: "null",
      stderr: "null",
    }).output();
    assertEquals(success, routed, target);
  }
  const { code, stopped } = await served.stop();
  assertEquals([code, stopped?.replied], [0, 12]);
  assertEquals(await namespace.devices(), []);
  assertEquals(await namespace.run("ip", "-4", "route", "show"), "");
});

Deno.test("routes of the device follow what configure() sets, and outlive the last IPv4 address", async () => {
  await using namespace = await NetworkNamespace.create();
  const output = await namespace.run(Deno.execPath(), "run", "-A", "--no-check", ROUTE_STEPS);
  assertEquals(JSON.parse(output), [
    ["10.98.0.0/16", "10.99.0.0/16", "fd98::/32", "fd99::/32"],
    ["10.99.0.0/16", "fd98::/32"],
    ["10.99.0.0/16", "fd98::/32"],
    [],
  ]);
});
