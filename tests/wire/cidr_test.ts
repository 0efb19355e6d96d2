import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import {
  addressesOfNoHost,
  broadcastOf,
  containsAddress,
  formatCidr,
  networkOf,
  parseCidr,
} from "../../src/wire/cidr.ts";
import { AddressSyntaxError, formatIpAddress, parseIpAddress } from "../../src/wire/ip_address.ts";

Deno.test("parseCidr() keeps host bits", () => {
  const cidr = parseCidr("10.6.7.7/24");
  assertEquals(cidr.address.bytes, Uint8Array.of(10, 6, 7, 7));
  assertEquals(cidr.prefixLength, 24);
  assertEquals(formatCidr(parseCidr("FD00:6:7:0::7/64")), "fd00:6:7::7/64");
});

Deno.test("parseCidr() names the value and the rule it breaks", () => {
  const messages: [string, string][] = [
    ["10.6.7.7/33", "10.6.7.7/33: prefix length must be 0 to 32"],
    ["fd00::7/129", "fd00::7/129: prefix length must be 0 to 128"],
    ["10.6.7.7/", "10.6.7.7/: prefix length must be 0 to 32"],
    ["10.6.7.7/024", "10.6.7.7/024: prefix length must be 0 to 32"],
    ["10.6.7.7/-1", "10.6.7.7/-1: prefix length must be 0 to 32"],
    ["10.6.7.7/24/8", "10.6.7.7/24/8: prefix length must be 0 to 32"],
    [
      "10.6.7.7/255.255.255.0",
      "10.6.7.7/255.255.255.0: a netmask is not taken; write the prefix length, as in 10.6.7.7/24",
    ],
    [
      "10.6.7.7/255.128.0.0",
      "10.6.7.7/255.128.0.0: a netmask is not taken; write the prefix length, as in 10.6.7.7/9",
    ],
    ["10.6.7.7/255.0.255.0", "10.6.7.7/255.0.255.0: prefix length must be 0 to 32"],
    ["fd00::7/255.255.255.0", "fd00::7/255.255.255.0: prefix length must be 0 to 128"],
    ["10.6.7.7", "10.6.7.7: prefix length is missing, as in 10.6.7.7/24"],
  ];
  for (const [text, message] of messages) {
    assertEquals(assertThrows(() => parseCidr(text), AddressSyntaxError).message, message);
  }
  const error = assertThrows(() => parseCidr("10.6.7.300/24"), AddressSyntaxError);
  assert(error.message.startsWith("10.6.7.300/24: not an IP address"), error.message);
  assertThrows(() => parseCidr("/24"), AddressSyntaxError, "/24: not an IP address");
});

Deno.test("networkOf() clears the host bits at any prefix length", () => {
  const expected: [string, string][] = [
    ["10.6.7.77/24", "10.6.7.0/24"],
    ["10.6.7.77/27", "10.6.7.64/27"],
    ["255.255.255.255/0", "0.0.0.0/0"],
    ["10.6.7.77/32", "10.6.7.77/32"],
    ["fd00:6:7:ffff::7/49", "fd00:6:7:8000::/49"],
    ["fd00::7/128", "fd00::7/128"],
  ];
  for (const [cidr, network] of expected) assertEquals(formatCidr(networkOf(parseCidr(cidr))), network);
});

Deno.test("broadcastOf() gives the directed broadcast address, and none where none exists", () => {
  const broadcast = (text: string): string | undefined => {
    const address = broadcastOf(parseCidr(text));
    return address && formatIpAddress(address);
  };
  assertEquals(broadcast("10.6.7.7/24"), "10.6.7.255");
  assertEquals(broadcast("10.6.7.7/30"), "10.6.7.7");
  assertEquals(broadcast("10.6.7.7/0"), "255.255.255.255");
  assertEquals(broadcast("10.6.7.7/31"), undefined);
  assertEquals(broadcast("10.6.7.7/32"), undefined);
  assertEquals(broadcast("fd00::7/64"), undefined);
});

Deno.test("containsAddress() compares the prefix and the family", () => {
  const cidr = parseCidr("10.6.7.7/23");
  assert(containsAddress(cidr, parseIpAddress("10.6.6.0")));
  assert(containsAddress(cidr, parseIpAddress("10.6.7.255")));
  assertFalse(containsAddress(cidr, parseIpAddress("10.6.8.0")));
  assertFalse(containsAddress(parseCidr("0.0.0.0/0"), parseIpAddress("::")));
  assert(containsAddress(parseCidr("0.0.0.0/0"), parseIpAddress("203.0.113.9")));
});

Deno.test("addressesOfNoHost() gives the ends of an IPv4 network and the start of an IPv6 one, where there are any", () => {
  const cases: [string, string[]][] = [
    ["10.6.7.7/24", ["10.6.7.0", "10.6.7.255"]],
    ["10.6.7.7/30", ["10.6.7.4", "10.6.7.7"]],
    ["10.6.7.7/31", []],
    ["10.6.7.7/32", []],
    ["fd00:6:7::7/64", ["fd00:6:7::"]],
    ["fd00::7/126", ["fd00::4"]],
    ["fd00::7/127", []],
    ["fd00::7/128", []],
  ];
  for (const [text, addresses] of cases) {
    assertEquals(addressesOfNoHost(parseCidr(text)).map(formatIpAddress), addresses, text);
  }
});
