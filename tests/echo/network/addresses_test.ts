import { assertEquals } from "@std/assert";
import { chooseRouters, pingSource, routersNeeded } from "../../../src/echo/network/addresses.ts";
import { type Cidr, parseCidr } from "../../../src/wire/cidr.ts";
import { formatIpAddress, parseIpAddress } from "../../../src/wire/ip_address.ts";

const subnets = (...texts: string[]): Cidr[] => texts.map(parseCidr);
const routers = (cidrs: Cidr[], count: number, ...named: string[]): string[] =>
  chooseRouters(cidrs, count, named.map((text) => parseIpAddress(text))).map(formatIpAddress);

Deno.test("chooseRouters() takes the highest addresses of the first subnet of each family, downwards", () => {
  assertEquals(
    routers(subnets("10.77.0.1/24", "10.78.0.1/24", "fd77::1/64"), 2),
    ["10.77.0.254", "10.77.0.253", "fd77::ffff:ffff:ffff:ff7f", "fd77::ffff:ffff:ffff:ff7e"],
  );
});

Deno.test("chooseRouters() leaves out the adapter's address, and begins with the routers that are named", () => {
  assertEquals(routers(subnets("10.77.0.254/24"), 2), ["10.77.0.253", "10.77.0.252"]);
  assertEquals(routers(subnets("10.77.0.1/24"), 3, "10.0.0.1", "10.77.0.254"), [
    "10.0.0.1",
    "10.77.0.254",
    "10.77.0.253",
  ]);
  assertEquals(routers(subnets("10.77.0.1/24"), 1, "10.0.0.1", "10.0.0.2"), ["10.0.0.1", "10.0.0.2"]);
  assertEquals(routers(subnets("10.77.0.1/24"), 1, "fd00::1"), ["10.77.0.254", "fd00::1"]);
});

Deno.test("chooseRouters() returns what a small subnet has", () => {
  assertEquals(routers(subnets("10.77.0.1/30"), 5), ["10.77.0.2"]);
  assertEquals(routers(subnets("10.77.0.0/31"), 5), ["10.77.0.1"]);
  assertEquals(routers(subnets("10.77.0.1/32"), 5), []);
  assertEquals(routers(subnets("0.0.0.1/0"), 1), ["255.255.255.254"]);
  assertEquals(routers(subnets("fd77::1/126"), 5), ["fd77::3", "fd77::2"]);
});

Deno.test("routersNeeded() counts the hops of every host, and a router that reports something", () => {
  const plain = { hops: 0, unreachable: false, changes: [] } as const;
  assertEquals(routersNeeded(plain), 0);
  assertEquals(routersNeeded({ ...plain, unreachable: true }), 1);
  assertEquals(routersNeeded({ ...plain, pathMtu: 1400 }), 1);
  assertEquals(routersNeeded({ ...plain, changes: [{ atMs: 9, pathMtu: 1400 }] }), 1);
  assertEquals(
    routersNeeded({ ...plain, hops: 3, changes: [{ atMs: 0, hops: 5 }, { atMs: 9, hops: 1 }] }),
    5,
  );
});

Deno.test("pingSource() takes the next free address above the adapter's own, or below it", () => {
  const source = (cidrs: Cidr[], target: string, ...taken: string[]): string | undefined => {
    const address = pingSource(cidrs, parseIpAddress(target), taken.map((text) => parseIpAddress(text)));
    return address && formatIpAddress(address);
  };
  assertEquals(source(subnets("10.6.7.7/24"), "10.6.7.7"), "10.6.7.8");
  assertEquals(source(subnets("10.6.7.7/24"), "10.6.7.8", "10.6.7.9"), "10.6.7.10");
  assertEquals(source(subnets("10.6.7.254/24"), "10.6.7.254"), "10.6.7.253");
  assertEquals(source(subnets("10.6.7.7/24", "10.8.0.1/16", "fd00::7/64"), "10.8.3.4"), "10.8.0.2");
  assertEquals(source(subnets("10.6.7.7/24", "fd00::7/64"), "2001:db8::1"), "fd00::8");
  assertEquals(source(subnets("10.6.7.7/32"), "10.6.7.7"), undefined);
  assertEquals(source(subnets("10.6.7.7/24"), "fd00::1"), undefined);
});
