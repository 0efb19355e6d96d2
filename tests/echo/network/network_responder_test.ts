import { assert, assertEquals } from "@std/assert";
import { TOTAL } from "../../../src/echo/network/statistics.ts";
import { internetChecksum, sumPseudoHeader } from "../../../src/wire/checksum.ts";
import { describe } from "../../../src/wire/describe.ts";
import { buildIcmpEchoRequest } from "../../../src/wire/icmp.ts";
import { buildIp, type IpFields } from "../../../src/wire/ip.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";
import { readUint16, writeUint16 } from "../../../src/wire/packet.ts";
import { fragmentsOf } from "../../wire/fragments.ts";
import { buildUdp } from "../../wire/udp_datagram.ts";
import { changed, extended } from "../responder/harness.ts";
import { type NetworkAnswer, NetworkSubject, planOf, type PlanText } from "./harness.ts";

const MACHINE4 = "10.6.7.7";
const MACHINE6 = "fd06:7::7";

const ends = (
  to: string,
  hopLimit = 64,
): Required<Pick<IpFields, "source" | "destination" | "hopLimit">> => ({
  source: parseIpAddress(to.includes(":") ? MACHINE6 : MACHINE4),
  destination: parseIpAddress(to),
  hopLimit,
});
const ping = (to: string, hopLimit = 64, bytes = 56): Uint8Array =>
  buildIcmpEchoRequest({ ...ends(to, hopLimit), identifier: 7, sequence: 1, payload: new Uint8Array(bytes) });
const udp = (to: string, destinationPort: number, bytes = 10): Uint8Array =>
  buildUdp({ ...ends(to), sourcePort: 40_000, destinationPort, payload: new Uint8Array(bytes) });

/** A TCP segment without options. */
function tcp(to: string, flags: number, sequence: number, acknowledgment: number, data = 0): Uint8Array {
  const message = new Uint8Array(20 + data);
  const view = new DataView(message.buffer);
  view.setUint16(0, 50_000);
  view.setUint16(2, 80);
  view.setUint32(4, sequence);
  view.setUint32(8, acknowledgment);
  message[12] = 5 << 4;
  message[13] = flags;
  const { source, destination } = ends(to);
  writeUint16(
    message,
    16,
    internetChecksum(
      message,
      0,
      message.length,
      sumPseudoHeader(source.bytes, destination.bytes, 6, message.length),
    ),
  );
  return buildIp(ends(to), 6, message);
}

/** With "don't fragment". */
const unfragmentable = (packet: Uint8Array): Uint8Array => changed(packet, { 6: 0x40 });

const give = (plan: PlanText, ...packets: Uint8Array[]): NetworkAnswer[] => {
  const subject = new NetworkSubject(planOf(plan));
  return packets.map((packet) => subject.give(packet));
};

/** The answer as the log writes it: that reports wrong lengths and checksums. */
const textOf = ({ outcome, bytes }: NetworkAnswer): string => {
  if (bytes.length === 0) return outcome;
  if (bytes[0] >> 4 === 4) assertEquals(internetChecksum(bytes, 0, 20), 0, "header checksum");
  return describe(bytes);
};
const texts = (plan: PlanText, ...packets: Uint8Array[]): string[] => give(plan, ...packets).map(textOf);

Deno.test("without options, a network answers as plain echo does", () => {
  assertEquals(texts({}, ping("10.6.7.9"), ping("fd06:7::9"), udp("10.6.7.9", 9), tcp("10.6.7.9", 2, 1, 0)), [
    "10.6.7.9 > 10.6.7.7 ICMP echo reply id 7 seq 1 ttl 64 length 84",
    "fd06:7::9 > fd06:7::7 ICMPv6 echo reply id 7 seq 1 hop limit 64 length 104",
    "10.6.7.9:9 > 10.6.7.7:40000 UDP data 10 ttl 64 length 38",
    "ignored",
  ]);
});

Deno.test("only the hosts of the plan answer; others are silent", () => {
  const plan = { hosts: ["10.6.7.10-10.6.7.20", "10.6.7.30", "fd06:7::10-fd06:7::20"] };
  const targets = [
    "10.6.7.9",
    "10.6.7.10",
    "10.6.7.20",
    "10.6.7.21",
    "10.6.7.30",
    "fd06:7::f",
    "fd06:7::20",
    "fd06:7::21",
  ];
  const answers = give(plan, ...targets.map((to) => ping(to)));
  assertEquals(answers.map(({ outcome }) => outcome), [
    ...["nobody", "turned", "turned", "nobody", "turned"],
    ...["nobody", "turned", "nobody"],
  ]);
});

Deno.test("the router in front of them says that other hosts are unreachable", () => {
  const plan: PlanText = { hosts: ["10.6.7.10"], unreachable: true, hops: 2 };
  assertEquals(
    texts(plan, ping("10.6.7.9"), ping("fd06:7::9"), udp("10.6.7.9", 53), tcp("10.6.7.9", 2, 1, 0)),
    [
      "10.6.7.253 > 10.6.7.7 ICMP host unreachable for 10.6.7.7 > 10.6.7.9 ICMP ttl 63 length 112",
      "fd06:7::fd > fd06:7::7 ICMPv6 address unreachable for fd06:7::7 > fd06:7::9 ICMPv6 hop limit 63 length 152",
      "10.6.7.253 > 10.6.7.7 ICMP host unreachable for 10.6.7.7 > 10.6.7.9 UDP port 40000 > 53 ttl 63 length 66",
      "10.6.7.253 > 10.6.7.7 ICMP host unreachable for 10.6.7.7 > 10.6.7.9 TCP port 50000 > 80 ttl 63 length 68",
    ],
  );
  const [{ links, bytes }] = give(plan, ping("10.6.7.9"));
  // As router 2 got it: its TTL is one less, and the quoted header has the checksum for that.
  assertEquals([links, bytes[28 + 8], internetChecksum(bytes, 28, 20)], [2, 63, 0]);
  assertEquals(texts({ ...plan, hops: 0 }, ping("10.6.7.9")), [
    "10.6.7.254 > 10.6.7.7 ICMP host unreachable for 10.6.7.7 > 10.6.7.9 ICMP ttl 64 length 112",
  ]);
});

Deno.test("routers count TTL and hop limit down, and report where they end", () => {
  const targets = [1, 2, 3].flatMap((hopLimit) => [ping("10.6.7.9", hopLimit), ping("fd06:7::9", hopLimit)]);
  assertEquals(texts({ hops: 2 }, ...targets), [
    "10.6.7.254 > 10.6.7.7 ICMP time exceeded in transit for 10.6.7.7 > 10.6.7.9 ICMP ttl 64 length 112",
    "fd06:7::fe > fd06:7::7 ICMPv6 hop limit exceeded in transit for fd06:7::7 > fd06:7::9 ICMPv6 hop limit 64 length 152",
    "10.6.7.253 > 10.6.7.7 ICMP time exceeded in transit for 10.6.7.7 > 10.6.7.9 ICMP ttl 63 length 112",
    "fd06:7::fd > fd06:7::7 ICMPv6 hop limit exceeded in transit for fd06:7::7 > fd06:7::9 ICMPv6 hop limit 63 length 152",
    "10.6.7.9 > 10.6.7.7 ICMP echo reply id 7 seq 1 ttl 62 length 84",
    "fd06:7::9 > fd06:7::7 ICMPv6 echo reply id 7 seq 1 hop limit 62 length 104",
  ]);
  // The quoted TTL is the one with which the packet reached the router.
  for (const hopLimit of [1, 2]) {
    const [{ bytes, links }] = give({ hops: 2 }, ping("10.6.7.9", hopLimit));
    assertEquals([bytes[36], links], [1, hopLimit]);
  }
});

Deno.test("whoever a packet is for takes it with any TTL", () => {
  const plan = { hops: 0, routers: ["10.6.7.254", "fd06:7::fe"] };
  const targets = ["10.6.7.9", "10.6.7.254", "fd06:7::9", "fd06:7::fe"];
  const outcomes = give(plan, ...targets.map((to) => ping(to, 0))).map(({ outcome }) => outcome);
  assertEquals(outcomes, ["turned", "turned", "turned", "turned"]);
  assertEquals(
    give({ ...plan, hops: 1 }, ping("10.6.7.254", 0), ping("10.6.7.9", 0)).map(({ outcome }) => outcome),
    [
      "turned",
      "own",
    ],
  );
});

Deno.test("routers answer pings themselves, at their distance, and refuse the rest", () => {
  const plan = { hops: 3, refuse: true };
  assertEquals(
    texts(plan, ping("10.6.7.254"), ping("10.6.7.252"), ping("10.6.7.252", 2), udp("10.6.7.253", 7)),
    [
      "10.6.7.254 > 10.6.7.7 ICMP echo reply id 7 seq 1 ttl 64 length 84",
      "10.6.7.252 > 10.6.7.7 ICMP echo reply id 7 seq 1 ttl 62 length 84",
      "10.6.7.253 > 10.6.7.7 ICMP time exceeded in transit for 10.6.7.7 > 10.6.7.252 ICMP ttl 63 length 112",
      "10.6.7.253 > 10.6.7.7 ICMP port unreachable for 10.6.7.7 > 10.6.7.253 UDP port 40000 > 7 ttl 63 length 66",
    ],
  );
});

Deno.test("an address that a router could have is a host like others while nothing needs a router", () => {
  const [echo] = give({ refuse: true }, udp("10.6.7.254", 7));
  assertEquals(echo.outcome, "turned");
  for (const plan of [{ hops: 1 }, { pathMtu: 1400 }, { unreachable: true }] satisfies PlanText[]) {
    assertEquals(give(plan, udp("10.6.7.254", 7), ping("10.6.7.254")).map(({ outcome }) => outcome), [
      "ignored",
      "turned",
    ]);
  }
  assertEquals(give({ hosts: [] }, ping("10.6.7.254"))[0].outcome, "nobody");
});

Deno.test("a packet that is too large for the path is reported if it must not be fragmented", () => {
  const plan = { hops: 2, pathMtu: 1400 };
  assertEquals(
    texts(plan, unfragmentable(ping("10.6.7.9", 64, 1373)), unfragmentable(ping("10.6.7.9", 64, 1372))),
    [
      "10.6.7.253 > 10.6.7.7 ICMP fragmentation needed for 10.6.7.7 > 10.6.7.9 ICMP ttl 63 length 576",
      "10.6.7.9 > 10.6.7.7 ICMP echo reply id 7 seq 1 ttl 62 length 1400",
    ],
  );
  assertEquals(texts(plan, ping("fd06:7::9", 64, 1353), ping("fd06:7::9", 64, 1352)), [
    "fd06:7::fd > fd06:7::7 ICMPv6 packet too big for fd06:7::7 > fd06:7::9 ICMPv6 hop limit 63 length 1280",
    "fd06:7::9 > fd06:7::7 ICMPv6 echo reply id 7 seq 1 hop limit 62 length 1400",
  ]);
  const [four, six] = give(plan, unfragmentable(ping("10.6.7.9", 64, 1400)), ping("fd06:7::9", 64, 1400));
  // RFC 1191: the low half of the second word; RFC 4443: all of it.
  assertEquals([readUint16(four.bytes, 24), readUint16(four.bytes, 26)], [0, 1400]);
  assertEquals([readUint16(six.bytes, 44), readUint16(six.bytes, 46)], [0, 1400]);
  // Routers are in front of the narrow link.
  assertEquals(give(plan, unfragmentable(ping("10.6.7.253", 64, 1400)))[0].outcome, "turned");
  // What may be fragmented passes, and the answer is told the MTU.
  const [large] = give(plan, ping("10.6.7.9", 64, 3000));
  assertEquals([large.outcome, large.mtu], ["turned", 1400]);
});

Deno.test("IPv6 has a path MTU of 1280 at least", () => {
  const plan = { pathMtu: 576 };
  const [fits, large] = give(plan, ping("fd06:7::9", 64, 1280 - 48), ping("fd06:7::9", 64, 1281 - 48));
  assertEquals([fits.outcome, large.outcome, readUint16(large.bytes, 46)], ["turned", "own", 1280]);
});

Deno.test("UDP is echoed on the open ports only, and refused elsewhere if the plan says so", () => {
  const udpPorts = [{ first: 7, last: 7 }, { first: 5000, last: 5010 }];
  const ports = [6, 7, 8, 4999, 5000, 5010, 5011];
  const outcomes = (plan: PlanText): string[] =>
    give(plan, ...ports.map((port) => udp("10.6.7.9", port))).map(({ outcome }) => outcome);
  const turned = [1, 4, 5];
  assertEquals(
    outcomes({ udpPorts }),
    ports.map((_, index) => turned.includes(index) ? "turned" : "ignored"),
  );
  assertEquals(
    outcomes({ udpPorts, refuse: true }),
    ports.map((_, index) => turned.includes(index) ? "turned" : "own"),
  );
  assertEquals(texts({ udpPorts, refuse: true, hops: 1 }, udp("10.6.7.9", 9), udp("fd06:7::9", 9)), [
    "10.6.7.9 > 10.6.7.7 ICMP port unreachable for 10.6.7.7 > 10.6.7.9 UDP port 40000 > 9 ttl 63 length 66",
    "fd06:7::9 > fd06:7::7 ICMPv6 port unreachable for fd06:7::7 > fd06:7::9 UDP port 40000 > 9 hop limit 63 length 106",
  ]);
  const noUdp = new NetworkSubject(planOf({ refuse: true }), { icmp: true, udp: false });
  assertEquals(
    textOf(noUdp.give(udp("10.6.7.9", 7))).slice(0, 45),
    "10.6.7.9 > 10.6.7.7 ICMP port unreachable for",
  );
});

Deno.test("a fragmented datagram to a closed port is refused once, and the rest of it ignored", () => {
  const fragments = fragmentsOf(udp("10.6.7.9", 9, 100), 48, 7);
  const answers = give({ udpPorts: [], refuse: true }, ...fragments);
  assertEquals(answers.map(({ outcome }) => outcome), ["own", "ignored", "ignored"]);
});

Deno.test("TCP is refused with the reset of RFC 9293", () => {
  const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];
  const plan = { refuse: true, hops: 1 };
  assertEquals(
    texts(plan, tcp("10.6.7.9", SYN, 0xffff_ffff, 0), tcp("fd06:7::9", SYN, 0x0001_ffff, 0)),
    [
      "10.6.7.9:80 > 10.6.7.7:50000 TCP RST,ACK seq 0 ack 0 win 0 data 0 ttl 63 length 40",
      "[fd06:7::9]:80 > [fd06:7::7]:50000 TCP RST,ACK seq 0 ack 131072 win 0 data 0 hop limit 63 length 60",
    ],
  );
  assertEquals(
    texts(plan, tcp("10.6.7.9", ACK, 5, 4_000_000_000, 3), tcp("10.6.7.9", FIN | SYN, 5, 9, 3)),
    [
      "10.6.7.9:80 > 10.6.7.7:50000 TCP RST seq 4000000000 win 0 data 0 ttl 63 length 40",
      "10.6.7.9:80 > 10.6.7.7:50000 TCP RST,ACK seq 0 ack 10 win 0 data 0 ttl 63 length 40",
    ],
  );
  const damaged = tcp("10.6.7.9", SYN, 1, 0, 4);
  damaged[damaged.length - 1] ^= 1;
  const badOffset = tcp("10.6.7.9", SYN, 1, 0);
  badOffset[32] = 15 << 4;
  const fragment = fragmentsOf(tcp("10.6.7.9", SYN, 1, 0, 40), 32, 7)[0];
  const outcomes = give(
    plan,
    tcp("10.6.7.9", RST, 1, 0),
    damaged,
    badOffset,
    fragment,
    buildIp(ends("10.6.7.9"), 6, new Uint8Array(19)),
  );
  assertEquals(outcomes.map(({ outcome }) => outcome), [
    "ignored",
    "malformed",
    "malformed",
    "ignored",
    "malformed",
  ]);
});

Deno.test("TCP is not refused where hosts must drop a packet because of its options", () => {
  const [segment4, segment6] = [tcp("10.6.7.9", 2, 1, 0), tcp("fd06:7::9", 2, 1, 0)];
  const withOption = (type: number): Uint8Array => {
    const packet = Uint8Array.of(...segment4.subarray(0, 20), type, 3, 4, 0, ...segment4.subarray(20));
    return changed(packet, { 0: 0x46, 3: packet.length });
  };
  const behind = (type: number, ...content: number[]): Uint8Array =>
    extended(segment6, type, [6, 0, ...content, 0, 0, 0, 0]);
  const [LOOSE_SOURCE_ROUTE, STREAM, ROUTING, DESTINATION_OPTIONS] = [131, 136, 43, 60];
  const packets = [
    withOption(STREAM),
    withOption(LOOSE_SOURCE_ROUTE),
    behind(ROUTING, 0, 0),
    behind(ROUTING, 0, 1),
    behind(DESTINATION_OPTIONS, 30, 4),
    behind(DESTINATION_OPTIONS, 94, 4),
  ];
  const answers = give({ refuse: true }, ...packets);
  assertEquals(answers.map(({ outcome }) => outcome), [
    ...["own", "ignored", "own", "ignored", "own", "ignored"],
  ]);
});

/** A packet of every kind about which no ICMP error may be sent, to an address where no host is. */
function unreportable(to: string): Record<string, Uint8Array> {
  const isV4 = !to.includes(":");
  const error = (type: number): Uint8Array => {
    const message = new Uint8Array(36);
    message[0] = type;
    return buildIp(ends(to, 1), isV4 ? 1 : 58, message);
  };
  const later = fragmentsOf(ping(to, 1, 100), 48, 7)[1];
  const errors = isV4 ? [3, 4, 5, 11, 12] : [1, 2, 3, 4, 100, 127, 137];
  return {
    "a later fragment": later,
    "ICMP that is cut short": buildIp(ends(to, 1), isV4 ? 1 : 58, new Uint8Array(7)),
    ...Object.fromEntries(errors.map((type) => [`ICMP type ${type}`, error(type)])),
  };
}

Deno.test("no error is sent about an error, a fragment that is not the first, or what nobody can read", () => {
  const plan: PlanText = { hosts: ["10.9.9.9"], unreachable: true, hops: 1 };
  for (const to of ["10.6.7.9", "fd06:7::9"]) {
    for (const [name, packet] of Object.entries(unreportable(to))) {
      assertEquals(give(plan, packet)[0].outcome, "ignored", `${name} to ${to}`);
    }
  }
  // The same addresses and TTL with a query are reported.
  assertEquals(give(plan, ping("10.6.7.9", 1))[0].outcome, "own");
});

Deno.test("no error is sent from or to addresses that are no single host", () => {
  const plan: PlanText = { hosts: [], unreachable: true, hops: 1, refuse: true };
  const from = (source: string, destination: string): Uint8Array => {
    const between = { source: parseIpAddress(source), destination: parseIpAddress(destination), hopLimit: 1 };
    return buildIcmpEchoRequest({ ...between, identifier: 1, sequence: 1 });
  };
  const pairs = [
    ["10.6.7.7", "224.0.0.1"],
    ["10.6.7.7", "10.6.7.255"],
    ["10.6.7.7", "255.255.255.255"],
    ["0.0.0.0", "10.6.7.9"],
    ["127.0.0.1", "10.6.7.9"],
    ["10.6.7.255", "10.6.7.9"],
    ["224.0.0.1", "10.6.7.9"],
    ["10.6.7.9", "10.6.7.9"],
    ["fd06:7::7", "ff02::1"],
    ["::", "fd06:7::9"],
    ["ff02::1", "fd06:7::9"],
    ["::1", "fd06:7::9"],
  ];
  for (const [source, destination] of pairs) {
    assertEquals(give(plan, from(source, destination))[0].outcome, "ignored", `${source} > ${destination}`);
  }
});

Deno.test("a family without a router sends no errors of routers", () => {
  const plan: PlanText = { hosts: [], unreachable: true, hops: 1, routers: ["10.6.7.254"] };
  assertEquals(give(plan, ping("fd06:7::9"), ping("10.6.7.9")).map(({ outcome }) => outcome), [
    "ignored",
    "own",
  ]);
});

Deno.test("what a header says wrongly is malformed, also on the way", () => {
  const wrong = ping("10.6.7.9", 1);
  wrong[10] ^= 1;
  const long = changed(ping("10.6.7.9", 1), {});
  writeUint16(long, 2, long.length + 1);
  const six = ping("fd06:7::9", 1);
  const packets = [
    wrong,
    long,
    six.subarray(0, six.length - 1),
    new Uint8Array(0),
    Uint8Array.of(0x60, ...new Uint8Array(20)),
  ];
  assertEquals(give({ hops: 3 }, ...packets).map(({ outcome }) => outcome), new Array(5).fill("malformed"));
});

Deno.test("totals count what is said about packets", () => {
  const subject = new NetworkSubject(
    planOf({
      hosts: ["10.6.7.9"],
      unreachable: true,
      hops: 1,
      refuse: true,
      pathMtu: 1300,
      udpPorts: [],
    }),
  );
  const packets = [
    ping("10.6.7.8"),
    ping("10.6.7.9", 1),
    udp("10.6.7.9", 9),
    tcp("10.6.7.9", 2, 1, 0),
    unfragmentable(ping("10.6.7.9", 64, 1400)),
  ];
  for (const packet of packets) subject.give(packet);
  const { totals } = subject;
  const names = [
    "noHost",
    "hostUnreachable",
    "timeExceeded",
    "portUnreachable",
    "tcpReset",
    "tooBig",
  ] as const;
  assertEquals(names.map((name) => totals[TOTAL[name]]), [1, 1, 1, 1, 1, 1]);
});

Deno.test("an error never exceeds 576 or 1280 bytes, and holds the packet without what lies behind it", () => {
  const addresses: [string, number, number][] = [["10.6.7.9", 576, 28], ["fd06:7::9", 1280, 48]];
  for (const [to, longest, header] of addresses) {
    for (const bytes of [0, 1, 2, 3, 500, 519, 520, 1183, 1184, 1185, 9000]) {
      const packet = ping(to, 1, bytes);
      const padded = Uint8Array.of(...packet, 1, 2, 3);
      const [{ bytes: error }] = give({ hops: 1 }, padded);
      assertEquals(error.length, Math.min(longest, header + packet.length));
      assertEquals(error.subarray(header), packet.subarray(0, error.length - header));
      assert(!describe(error).includes("checksum"), describe(error));
    }
  }
});
