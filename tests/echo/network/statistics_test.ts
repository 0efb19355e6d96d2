import { assert, assertEquals } from "@std/assert";
import {
  createNetworkStatistics,
  HOST_ANSWERED,
  HOST_LOST,
  MOST_HOSTS,
  NetworkTally,
  readNetworkStatistics,
  TOTAL,
} from "../../../src/echo/network/statistics.ts";
import { formatIpAddress, parseIpAddress } from "../../../src/wire/ip_address.ts";

const wordsOf = (address: string): Int32Array => new Int32Array(parseIpAddress(address).bytes.slice().buffer);

Deno.test("statistics count what goes to each address of either family", () => {
  const memory = createNetworkStatistics();
  const tally = new NetworkTally(memory);
  for (const size of [84, 100]) tally.floats[tally.count(wordsOf("10.6.7.9"), 0, 4, size) + HOST_ANSWERED]++;
  tally.floats[tally.count(Int32Array.of(0, ...wordsOf("fd06:7::9")), 1, 6, 60) + HOST_LOST]++;
  tally.floats[TOTAL.lost]++;
  const { totals, hosts, forgotten } = readNetworkStatistics(memory);
  const byAddress = Object.fromEntries(hosts.map(({ address, ...rest }) => [formatIpAddress(address), rest]));
  assertEquals(byAddress, {
    "10.6.7.9": { packets: 2, bytes: 184, answered: 2, lost: 0, dropped: 0 },
    "fd06:7::9": { packets: 1, bytes: 60, answered: 0, lost: 1, dropped: 0 },
  });
  assertEquals([totals.lost, totals.delayed, forgotten], [1, 0, 0]);
});

Deno.test("statistics are bounded: a new address takes the place of one with few packets, never of a busy one", () => {
  const memory = createNetworkStatistics();
  const tally = new NetworkTally(memory);
  const busy = wordsOf("10.0.0.1");
  for (let i = 0; i < 1000; i++) tally.count(busy, 0, 4, 20);
  for (let i = 0; i < 20 * MOST_HOSTS; i++) tally.count(Int32Array.of(i + 0x1000), 0, 4, 20);
  const { hosts, forgotten } = readNetworkStatistics(memory);
  assert(hosts.length > MOST_HOSTS * 0.95 && hosts.length <= MOST_HOSTS, `${hosts.length} hosts`);
  assertEquals(forgotten, 20 * MOST_HOSTS + 1 - hosts.length);
  const found = hosts.find(({ address }) => formatIpAddress(address) === "10.0.0.1");
  assertEquals(found?.packets, 1000);
});

Deno.test("readNetworkStatistics() leaves out an address that is about to be replaced", () => {
  const memory = createNetworkStatistics();
  const tally = new NetworkTally(memory);
  const entry = tally.count(wordsOf("10.6.7.9"), 0, 4, 84);
  // The generation is odd while the words of the entry change.
  new Int32Array(memory)[2 * entry]++;
  assertEquals(readNetworkStatistics(memory).hosts, []);
});
