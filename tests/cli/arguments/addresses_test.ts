import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readDnsServer, readInterfaceAddress, readRoute } from "../../../src/cli/arguments/addresses.ts";
import { formatRoute } from "../../../src/tun/settings/route.ts";
import { UsageError } from "../../../src/cli/arguments/usage_error.ts";
import { formatCidr } from "../../../src/wire/cidr.ts";

function refusal(read: (text: string) => unknown, text: string): UsageError {
  return assertThrows(() => read(text), UsageError);
}

Deno.test("readInterfaceAddress() names the text and the rule", () => {
  assertEquals(readInterfaceAddress("10.6.7.7/24").prefixLength, 24);
  assertEquals(
    refusal(readInterfaceAddress, "10.6.7.7/33").message,
    "10.6.7.7/33: prefix length must be 0 to 32.",
  );
});

Deno.test("readInterfaceAddress() takes what a host can have", () => {
  for (
    const text of [
      "10.6.7.7/24",
      "10.6.7.0/23",
      "10.6.7.255/32",
      "10.6.7.0/31",
      "10.6.7.1/31",
      "169.254.1.1/16",
      "fd00::7/64",
      "fe80::1/64",
      "::2/127",
      "fd00::ffff:a00:1/64",
    ]
  ) {
    assertEquals(formatCidr(readInterfaceAddress(text)), text);
  }
});

Deno.test("readInterfaceAddress() refuses what no host can have, and says what it is", () => {
  const kinds = [
    ["0.0.0.0/0", "unspecified"],
    ["127.0.0.1/8", "loopback"],
    ["224.0.0.1/24", "multicast"],
    ["255.255.255.255/32", "reserved"],
    ["10.6.7.255/24", "the broadcast address of its subnet"],
    ["10.6.7.3/30", "the broadcast address of its subnet"],
    ["10.6.7.0/24", "the network of its subnet"],
    ["::/0", "unspecified"],
    ["::1/128", "loopback"],
    ["ff02::1/64", "multicast"],
    ["::ffff:10.0.0.1/120", "IPv4-mapped"],
  ];
  for (const [text, kind] of kinds) {
    assertEquals(
      refusal(readInterfaceAddress, text).message,
      `${text}: must be a host's address, not ${kind}.`,
    );
  }
});

Deno.test("readDnsServer() takes a server's address, on this machine too, and no group's", () => {
  for (const text of ["10.6.7.1", "127.0.0.1", "::1", "fd00::1"]) readDnsServer(text);
  const kinds = [
    ["0.0.0.0", "unspecified"],
    ["::", "unspecified"],
    ["224.0.0.251", "multicast"],
    ["ff02::fb", "multicast"],
    ["255.255.255.255", "reserved"],
    ["::ffff:10.0.0.1", "IPv4-mapped"],
  ];
  for (const [text, kind] of kinds) {
    assertEquals(
      refusal(readDnsServer, text).message,
      `${text}: must be a server's address, not ${kind}.`,
    );
  }
  assertEquals(
    refusal(readDnsServer, "10.6.7").message,
    "10.6.7: not an IP address; IPv4 is four numbers from 0 to 255 without leading zeros, as in 10.6.7.7.",
  );
});

Deno.test("readRoute() takes networks, and all of them", () => {
  for (const text of ["10.9.0.0/16", "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "10.9.1.1/32"]) {
    readRoute(text);
  }
});

Deno.test("readRoute() refuses what is no network of other hosts, and says what it is", () => {
  const kinds = [
    ["127.0.0.0/8", "loopback"],
    ["224.0.0.0/4", "multicast"],
    ["240.0.0.0/4", "reserved"],
    ["::1/128", "loopback"],
    ["ff00::/8", "multicast"],
    ["::ffff:0.0.0.0/96", "IPv4-mapped"],
  ];
  for (const [text, kind] of kinds) {
    assertEquals(
      refusal(readRoute, text).message,
      `${text}: must be a network of other hosts, not ${kind}.`,
    );
  }
});

Deno.test("readRoute() refuses bits behind the prefix, and tells the network", () => {
  const { message, hint } = refusal(readRoute, "10.9.0.1/16");
  assertEquals([message, hint], ["10.9.0.1/16: has bits set after the prefix.", "Did you mean 10.9.0.0/16?"]);
});

Deno.test("readInterfaceAddress() refuses an address whose subnet would be everything", () => {
  for (const [text, most] of [["10.0.0.1/0", 32], ["fd00::1/0", 128]] as const) {
    const { message, hint } = refusal(readInterfaceAddress, text);
    assertEquals(message, `${text}: must have a prefix length from 1 to ${most}.`);
    assertStringIncludes(hint, "would be in the adapter's own subnet");
  }
});

Deno.test("readRoute() reads a gateway and a metric, in any order", () => {
  for (
    const text of [
      "10.9.0.0/16",
      "10.9.0.0/16,via=10.6.7.1",
      "0.0.0.0/0,via=10.6.7.1,metric=5",
      "fd09::/32,metric=9999",
      "fd09::/32,via=fe80::1,metric=1",
    ]
  ) {
    assertEquals(formatRoute(readRoute(text)), text);
  }
  assertEquals(formatRoute(readRoute("10.9.0.0/16,metric=0")), "10.9.0.0/16");
  assertEquals(
    formatRoute(readRoute("10.9.0.0/16,metric=5,via=10.6.7.1")),
    "10.9.0.0/16,via=10.6.7.1,metric=5",
  );
});

Deno.test("readRoute() refuses a gateway or metric that cannot be, and says why", () => {
  const refused = [
    ["10.9.0.0/16,via=fd00::1", "network and gateway must be of the same IP version"],
    ["10.9.0.0/16,via=0.0.0.0", "via must be a host's address, not unspecified"],
    ["10.9.0.0/16,via=224.0.0.1", "via must be a host's address, not multicast"],
    ["10.9.0.0/16,metric=10000", "metric must be a whole number from 0 to 9999"],
    ["10.9.0.0/16,metric=", "metric must be a whole number from 0 to 9999"],
    ["10.9.0.0/16,gw=10.6.7.1", '"gw=10.6.7.1" is neither via=IP nor metric=N, each once'],
    ["10.9.0.0/16,metric=5,metric=6", '"metric=6" is neither via=IP nor metric=N, each once'],
  ];
  for (const [text, rule] of refused) assertEquals(refusal(readRoute, text).message, `${text}: ${rule}.`);
});

Deno.test("readRoute() tells who writes a route as other tools do how it is written here", () => {
  const forms = [
    ["via 10.77.0.5", ",via=10.77.0.5"],
    ["metric 5", ",metric=5"],
    ["GW 10.77.0.5", ",via=10.77.0.5"],
    ["dev lab", ""],
  ];
  for (const [rest, right] of forms) {
    const { message, hint } = refusal(readRoute, `10.80.0.0/16 ${rest}`);
    assertEquals(
      message,
      `10.80.0.0/16 ${rest}: must be a network, and may have ,via=IP and ,metric=N after it.`,
    );
    assertEquals(hint, `Did you mean 10.80.0.0/16${right}?`);
  }
});
