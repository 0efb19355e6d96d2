import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { createPlaces, type Place, type Places } from "../../../src/echo/network/places.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";
import { planOf, type PlanText } from "./harness.ts";

const find = (places: Places, text: string): Place => {
  const { family, bytes } = parseIpAddress(text);
  return places.find(new Int32Array(Uint8Array.of(0, 0, 0, 0, ...bytes).buffer), 1, family);
};
const upAt = (plan: PlanText, ms: number, ...addresses: string[]): boolean[] => {
  const places = createPlaces(planOf(plan));
  places.advance(ms);
  return addresses.map((address) => find(places, address).isUp);
};

Deno.test("every address is a host, unless the plan names the hosts", () => {
  const ends = ["0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "128.0.0.0"];
  assertEquals(upAt({}, 0, ...ends), [true, true, true, true, true]);
  assertEquals(upAt({ hosts: ["10.0.0.1"] }, 0, ...ends), [false, false, false, false, false]);
});

Deno.test("ranges of hosts may touch, lie in each other, and reach the ends of the addresses", () => {
  const hosts = [
    "0.0.0.0-0.0.0.9",
    "0.0.0.10-0.0.0.19",
    "0.0.0.5-0.0.0.12",
    "127.255.255.255-128.0.0.0",
    "255.255.255.254-255.255.255.255",
  ];
  assertEquals(upAt({ hosts, routers: [] }, 0, "0.0.0.0", "0.0.0.9", "0.0.0.10", "0.0.0.19", "0.0.0.20"), [
    true,
    true,
    true,
    true,
    false,
  ]);
  assertEquals(
    upAt({ hosts, routers: [] }, 0, "127.255.255.254", "127.255.255.255", "128.0.0.0", "128.0.0.1"),
    [false, true, true, false],
  );
  assertEquals(upAt({ hosts, routers: [] }, 0, "255.255.255.253", "255.255.255.254", "255.255.255.255"), [
    false,
    true,
    true,
  ]);
  const six = ["fd00::ffff:ffff-fd00::1:0:1", "fd00::8000:0:0:0"];
  assertEquals(
    upAt(
      { hosts: six, routers: [] },
      0,
      "fd00::ffff:fffe",
      "fd00::ffff:ffff",
      "fd00::1:0:1",
      "fd00::1:0:2",
      "fd00::8000:0:0:0",
    ),
    [false, true, true, false, true],
  );
});

Deno.test("changes happen at their times, and the latest counts", () => {
  const plan: PlanText = {
    hosts: ["10.6.7.10-10.6.7.20"],
    changes: [
      { atMs: 2000, hosts: ["10.6.7.12"], isUp: true },
      { atMs: 1000, hosts: ["10.6.7.11-10.6.7.12"], isUp: false },
      { atMs: 1000, hosts: ["10.6.7.40"], isUp: true },
    ],
  };
  const hosts = ["10.6.7.10", "10.6.7.11", "10.6.7.12", "10.6.7.40"];
  assertEquals(upAt(plan, 0, ...hosts), [true, true, true, false]);
  assertEquals(upAt(plan, 999.9, ...hosts), [true, true, true, false]);
  assertEquals(upAt(plan, 1000, ...hosts), [true, false, false, true]);
  assertEquals(upAt(plan, 2000, ...hosts), [true, false, true, true]);
  const places = createPlaces(planOf(plan));
  const host = find(places, "10.6.7.12");
  for (const [ms, isUp] of [[500, true], [1500, false], [1600, false], [9000, true]] as const) {
    places.advance(ms);
    assertEquals(host.isUp, isUp, `${ms}`);
  }
});

Deno.test("changes of one time count in the order of the list, property by property", () => {
  const places = createPlaces(planOf({
    link: { delayUs: 1000, loss: 0.5 },
    pathMtu: 1400,
    changes: [
      { atMs: 0, hops: 2, link: { delayUs: 9000 } },
      {
        atMs: 0,
        hosts: ["10.6.7.9"],
        hops: 3,
        pathMtu: null,
        link: { loss: 0, rateBitsPerSecond: 8_000_000 },
      },
    ],
  }));
  const [one, all] = [find(places, "10.6.7.9"), find(places, "10.6.7.8")];
  assertEquals([one.hops, one.mtu4, one.link.delayUs.at(-1), one.link.loss.at(-1), one.link.usPerByte], [
    3,
    65535,
    9000,
    0,
    1,
  ]);
  assertEquals([all.hops, all.mtu4, all.link.delayUs.at(-1), all.link.usPerByte], [2, 1400, 9000, 0]);
});

Deno.test("hosts with the same changes share a link, and others have their own", () => {
  const places = createPlaces(planOf({
    changes: [{ atMs: 0, hosts: ["10.6.7.10-10.6.7.20", "10.6.7.30"], link: { rateBitsPerSecond: 1000 } }],
  }));
  assertStrictEquals(find(places, "10.6.7.10"), find(places, "10.6.7.30"));
  assertStrictEquals(find(places, "10.6.7.9"), find(places, "10.6.7.200"));
  assert(find(places, "10.6.7.9").busyUntilUs !== find(places, "10.6.7.10").busyUntilUs);
});

Deno.test("routers are there whatever the hosts are, in their order, in front of the narrow link", () => {
  const places = createPlaces(planOf({ hosts: [], hops: 2, pathMtu: 600 }));
  const [first, second, spare] = ["10.6.7.254", "10.6.7.253", "10.6.7.252"].map((text) => find(places, text));
  assertEquals([first.router, first.hops, first.isUp, first.mtu4], [1, 0, true, 65535]);
  assertEquals([second.router, second.hops, second.isUp], [2, 1, true]);
  // No hop leads there.
  assertEquals([spare.router, spare.isUp], [0, false]);
  assertEquals([find(places, "fd06:7::fd").router, find(places, "fd06:7::9").mtu6], [2, 1280]);
  const fewer = createPlaces(planOf({ changes: [{ atMs: 0, hosts: ["10.6.7.252"], isUp: false, hops: 3 }] }));
  assertEquals([find(fewer, "10.6.7.252").router, find(fewer, "10.6.7.252").isUp], [3, false]);
});

Deno.test("a link divides its delay, jitter and loss among the links on the way", () => {
  const { link } = find(
    createPlaces(planOf({ hops: 3, link: { delayUs: 20_000, jitterUs: 1000, loss: 0.19 } })),
    "10.6.7.9",
  );
  assertEquals([...link.delayUs], [0, 5000, 10_000, 15_000, 20_000]);
  assertEquals([...link.jitterUs], [0, 250, 500, 750, 1000]);
  const loss = [...link.loss].map((chance) => chance / 2 ** 31);
  assertEquals(loss[0], 0);
  assert(Math.abs(loss[4] - 0.19) < 1e-9, `${loss}`);
  // Two halves of the way lose as much as the whole.
  assert(Math.abs(1 - (1 - loss[2]) ** 2 - 0.19) < 1e-8, `${loss}`);
});
