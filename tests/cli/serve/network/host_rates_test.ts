import { assertEquals } from "@std/assert";
import { busiestHosts } from "../../../../src/cli/serve/network/host_rates.ts";
import type { HostTotals } from "../../../../src/echo/network/statistics.ts";
import { parseIpAddress } from "../../../../src/wire/ip_address.ts";

const host = (address: string, packets: number): HostTotals => ({
  address: parseIpAddress(address),
  packets,
  bytes: 60 * packets,
  answered: packets,
  lost: 0,
  dropped: 0,
});

const namesAndRates = (...args: Parameters<typeof busiestHosts>): [string, number][] =>
  busiestHosts(...args).map(({ name, packetsPerSecond }) => [name, packetsPerSecond]);

Deno.test("busiestHosts() orders by the packets since the state before", () => {
  const before = [host("10.77.0.9", 1000), host("10.77.0.10", 10)];
  const now = [host("10.77.0.9", 1004), host("10.77.0.10", 30), host("fd00::9", 2)];
  assertEquals(namesAndRates(before, now, 2, 10), [["10.77.0.10", 10], ["10.77.0.9", 2], ["fd00::9", 1]]);
  assertEquals(namesAndRates(before, now, 2, 1), [["10.77.0.10", 10]]);
});

Deno.test("busiestHosts() orders equal ones by their totals, then by the address as a number", () => {
  const now = [host("fd00::1", 5), host("10.77.0.10", 5), host("10.77.0.9", 5), host("10.77.0.200", 6)];
  assertEquals(
    busiestHosts(now, now, 1, 10).map(({ name }) => name),
    ["10.77.0.200", "10.77.0.9", "10.77.0.10", "fd00::1"],
  );
});

Deno.test("busiestHosts() takes an address that had lost its place as one that starts again", () => {
  assertEquals(namesAndRates([host("10.77.0.9", 1000)], [host("10.77.0.9", 3)], 1, 10), [["10.77.0.9", 3]]);
});
