import { assert, assertEquals, assertThrows } from "@std/assert";
import { chooseNetworks } from "../../../../src/cli/program/self_test/networks.ts";
import { HostError } from "../../../../src/tun/host_error.ts";
import { encodeSettings } from "../../../../src/tun/settings/settings.ts";
import { containsAddress, parseCidr } from "../../../../src/wire/cidr.ts";
import { formatIpAddress } from "../../../../src/wire/ip_address.ts";

const chosen = (...used: string[]): string[] => {
  const { settings } = chooseNetworks(used.map(parseCidr));
  return [...encodeSettings(settings).addresses];
};

Deno.test("chooseNetworks() takes a network for documentation and unique local addresses", () => {
  const { settings, targets } = chooseNetworks([]);
  const { addresses, routes } = settings;
  assertEquals(encodeSettings(settings).addresses[0], "192.0.2.1/25");
  assertEquals(formatIpAddress(targets[4].routed), "192.0.2.200");
  assertEquals(addresses![1].address.bytes[0], 0xfd);
  for (const [index, family] of [4, 6].entries()) {
    const { near, routed } = targets[family as 4 | 6];
    assert(containsAddress(addresses![index], near) && !containsAddress(addresses![index], routed));
    assert(containsAddress(routes![index], routed) && !containsAddress(routes![index], near));
  }
});

Deno.test("chooseNetworks() chooses other unique local addresses each time", () => {
  assert(chosen()[1] !== chosen()[1]);
});

Deno.test("chooseNetworks() avoids the networks of addresses and routes, larger and smaller ones", () => {
  assertEquals(chosen("192.0.2.77/32")[0], "198.51.100.1/25");
  assertEquals(chosen("192.0.0.0/16", "198.51.100.128/26")[0], "203.0.113.1/25");
  assertEquals(chosen("fd00::/8")[1], "2001:db8:5e1f::1/64");
});

Deno.test("chooseNetworks() does not mind default routes and their halves", () => {
  assertEquals(chosen("0.0.0.0/0", "128.0.0.0/1", "::/0", "2000::/3")[0], "192.0.2.1/25");
});

Deno.test("chooseNetworks() fails if the machine uses every network", () => {
  const error = assertThrows(() => chosen("192.0.0.0/8", "198.0.0.0/8", "203.0.113.5/32"), HostError);
  assertEquals(error.kind, "failed");
});
