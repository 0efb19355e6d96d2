import { assertEquals, assertMatch } from "@std/assert";
import { NetworkNamespace } from "./network_namespace.ts";
import { serve } from "./served.ts";
import { readOutput } from "../validation.ts";

Deno.test("serve of a machine without IPv6 serves IPv4, and warns of what it left out", async () => {
  await using namespace = await NetworkNamespace.create();
  await namespace.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
  const addresses = ["--address", "10.6.7.7/24", "--address", "fd06:7::7/64"];
  await using served = await serve(namespace, "lab", ...addresses, "--route", "fd99::/32");
  const output = await namespace.run("ping", "-n", "-q", "-c", "2", "-i", "0.05", "-W", "5", "10.6.7.9");
  assertMatch(output, /2 packets transmitted, 2 received/);
  const { code, stderr } = await served.stop();
  assertEquals([code, readOutput("serve", stderr).warning.message], [
    0,
    "IPv6 is off on this machine: fd06:7::7/64, fd99::/32 was left out.",
  ]);
});
