import type { Random } from "./fuzz_random.ts";

/*
 * Makes packets that are nearly right: well-formed packets of every kind that the responder distinguishes, most of them
 * then damaged in ways that matter. This file shares no code with src/wire, so that an error there cannot hide here.
 */

const ICMP = 1;
const UDP = 17;
const ICMPV6 = 58;

const ADDRESSES4: readonly (readonly number[])[] = [
  [10, 6, 7, 7],
  [10, 6, 7, 8],
  [10, 6, 7, 9],
  [192, 168, 255, 4],
];
const SPECIAL4: readonly (readonly number[])[] = [
  [0, 0, 0, 0],
  [0, 1, 2, 3],
  [127, 0, 0, 1],
  [224, 0, 0, 1],
  [239, 255, 255, 255],
  [240, 0, 0, 1],
  [255, 255, 255, 255],
  [10, 6, 7, 255],
  [10, 6, 7, 0],
  [192, 168, 255, 3],
  [223, 255, 255, 255],
  [1, 0, 0, 0],
];

const address6 = (prefix: readonly number[], suffix: readonly number[]): readonly number[] => [
  ...prefix,
  ...new Array(16 - prefix.length - suffix.length).fill(0),
  ...suffix,
];
const ADDRESSES6 = [
  address6([0xfd], [7]),
  address6([0xfd], [8]),
  address6([0xfe, 0x80], [9]),
  address6([0x20, 1], [1]),
];
const SPECIAL6 = [
  address6([0xfd], []),
  address6([], []),
  address6([], [1]),
  address6([], [2]),
  address6([0xff, 2], [1]),
  address6([], [0xff, 0xff, 10, 6, 7, 8]),
  address6([], [1, 0, 0]),
  address6([0, 0, 0, 0, 0, 0, 0, 1], []),
];

/** Makes the next packets of a run: one packet, or the fragments of one in order. */
export function generate(random: Random): Uint8Array[] {
  if (random.percent(1)) return [random.bytes(random.below(128))];
  const packets = random.percent(55) ? generate4(random) : generate6(random);
  return packets.map((packet) => random.percent(45) ? damage(random, packet) : packet);
}

function generate4(random: Random): Uint8Array[] {
  const [source, destination] = addresses(random, ADDRESSES4, SPECIAL4);
  const protocol = random.percent(92) ? random.pick([ICMP, ICMP, UDP]) : random.below(256);
  const message = upperLayer(random, protocol, source, destination);
  const options = random.percent(20) ? options4(random) : [];
  const identification = random.below(4);
  const build = (data: Uint8Array, flagsAndOffset: number): Uint8Array => {
    const headerLength = 20 + options.length;
    const packet = new Uint8Array(headerLength + data.length);
    packet[0] = 0x40 | headerLength / 4;
    packet[1] = random.percent(90) ? 0 : random.bits();
    put16(packet, 2, packet.length);
    put16(packet, 4, identification);
    put16(packet, 6, flagsAndOffset);
    packet[8] = random.pick([64, 128, 255, 1, 0, random.below(256)]);
    packet[9] = protocol;
    packet.set(source, 12);
    packet.set(destination, 16);
    packet.set(options, 20);
    packet.set(data, headerLength);
    fixHeader(packet);
    if (random.percent(10) && flagsAndOffset === 0) steerChecksum(packet, random.below(3) - 1);
    return packet;
  };
  if (!random.percent(20)) return [build(message, random.pick([0, 0x4000, 0x8000]))];
  return fragments(random, message).map(({ data, offset, hasMore }) =>
    build(data, offset / 8 | (hasMore ? 0x2000 : 0))
  );
}

function generate6(random: Random): Uint8Array[] {
  const [source, destination] = addresses(random, ADDRESSES6, SPECIAL6);
  const protocol = random.percent(92) ? random.pick([ICMPV6, ICMPV6, UDP]) : random.below(256);
  const message = upperLayer(random, protocol, source, destination);
  const build = (first: number, data: readonly number[] | Uint8Array): Uint8Array => {
    const packet = new Uint8Array(40 + data.length);
    packet.set([0x60 | random.below(2), random.percent(80) ? 0 : random.bits(), 0, 0]);
    put16(packet, 4, data.length);
    packet[6] = first;
    packet[7] = random.pick([64, 128, 255, 1, 0]);
    packet.set(source, 8);
    packet.set(destination, 24);
    packet.set(data, 40);
    return packet;
  };
  const inner = extensions(random, protocol, random.percent(15) ? random.below(4) : 0);
  const whole = Uint8Array.from([...inner.headers, ...message]);
  if (!random.percent(20)) {
    const { first, headers } = extensions(
      random,
      inner.first,
      random.percent(15) ? random.below(10) : 0,
      true,
    );
    return [build(first, [...headers, ...whole])];
  }
  const identification = [0, 0, 0, random.below(4)];
  const { first, headers } = extensions(random, 44, random.percent(20) ? random.below(3) : 0, true);
  return fragments(random, whole).map(({ data, offset, hasMore }) => {
    const offsetAndFlag = offset | (hasMore ? 1 : 0);
    const header = [inner.first, 0, offsetAndFlag >> 8, offsetAndFlag & 0xff, ...identification];
    return build(first, [...headers, ...header, ...data]);
  });
}

/** Returns a source and a destination, mostly two different ordinary addresses. */
function addresses<T>(random: Random, ordinary: readonly T[], special: readonly T[]): [T, T] {
  const first = random.below(ordinary.length);
  const second = (first + (random.percent(98) ? 1 + random.below(ordinary.length - 1) : 0)) % ordinary.length;
  const pair: [T, T] = [ordinary[first], ordinary[second]];
  if (random.percent(8)) pair[random.below(2)] = random.pick(special);
  return pair;
}

/** Returns the message above IP: mostly an echo request or a UDP datagram, mostly with the right checksum. */
function upperLayer(
  random: Random,
  protocol: number,
  source: readonly number[],
  destination: readonly number[],
): Uint8Array {
  const longest = random.percent(99) ? random.pick([1, 2, 9, 64]) : random.pick([1500, 9000, 65535 - 28]);
  const message = new Uint8Array(8 + random.below(longest));
  // Zeros make the corner cases of checksums.
  if (random.percent(80)) message.set(random.bytes(Math.min(64, message.length)));
  const pseudoHeader = Uint8Array.from([
    ...source,
    ...destination,
    ...[0, protocol, message.length >> 8, message.length & 0xff],
  ]);
  if (protocol === UDP) {
    put16(
      message,
      0,
      random.pick(random.percent(90) ? [40000, 53, 38, random.below(65536)] : [7, 0, 37, 13]),
    );
    put16(message, 2, random.pick(random.percent(95) ? [7, 4000, random.below(65536)] : [0]));
    put16(
      message,
      4,
      random.percent(95) ? message.length : random.pick([0, 7, 8, message.length - 1, 65535]),
    );
    put16(message, 6, 0);
    if (random.percent(90)) put16(message, 6, checksum(pseudoHeader, message) || 0xffff);
  } else if (protocol === ICMP || protocol === ICMPV6) {
    const request = protocol === ICMP ? 8 : 128;
    message[0] = random.percent(85) ? request : random.pick([0, 3, 8, 11, 128, 129, 135, random.below(256)]);
    message[1] = random.percent(95) ? 0 : random.below(3);
    put16(message, 2, 0);
    put16(message, 2, checksum(protocol === ICMP ? new Uint8Array(0) : pseudoHeader, message));
  }
  return message;
}

function options4(random: Random): number[] {
  const options: number[] = [];
  const choices = [[1], [7, 7, 4, 0, 0, 0, 0], [0x94, 4, 0, 0], [68, 8, 5, 0, 0, 0, 0, 0], [
    131,
    7,
    4,
    10,
    6,
    7,
    1,
  ]];
  const zeros = (count: number): number[] => new Array(count).fill(0);
  const pointer = random.pick([4, 5, 6, 8, 9, 12, 13, 0, 255]);
  choices.push([7, 11, pointer, ...zeros(8)], [68, 12, pointer, random.below(256), ...zeros(8)]);
  choices.push([68, 12, 5, 3, ...random.pick(ADDRESSES4), ...zeros(4)], [68, 8, pointer, 0xf0, ...zeros(4)]);
  choices.push([137, 3, 4], [0], [random.below(256), random.below(12)], [30, 2], [130, 5, 1, 2, 3]);
  while (random.percent(60) && options.length < 28) options.push(...random.pick(choices));
  while (options.length % 4 !== 0) options.push(random.percent(90) ? 0 : random.below(256));
  return options.slice(0, 40);
}

/** Returns so many extension headers, which lead to `last`. */
function extensions(
  random: Random,
  last: number,
  count: number,
  atStart = false,
): { first: number; headers: number[] } {
  const headers: number[] = [];
  let next = last;
  for (let i = 0; i < count; i++) {
    const isFirst = i === count - 1;
    const kind = isFirst && atStart && random.percent(30)
      ? 0
      : random.pick(random.percent(90) ? [60, 60, 43, 44] : [0, 50, 51, 59, 135]);
    headers.unshift(...extension(random, kind, next));
    next = kind;
  }
  return { first: next, headers };
}

function extension(random: Random, kind: number, next: number): number[] {
  if (kind === 44) return [next, 0, 0, random.percent(90) ? 0 : random.below(256), ...random.bytes(4)];
  if (kind === 43) return [next, 0, random.below(5), random.percent(80) ? 0 : random.below(256), 0, 0, 0, 0];
  const units = random.percent(80) ? 0 : random.below(3);
  const header = [next, random.percent(97) ? units : random.below(256)];
  const end = 8 * (units + 1);
  while (header.length < end) {
    const room = end - header.length;
    const type = random.percent(85) ? random.pick([0, 1, 5, 0x1e]) : random.pick([0x40, 0xc2, 0xc9, 0x80]);
    if (type === 0 || room === 1) header.push(0);
    else {
      const length = random.percent(97) ? random.below(room - 1) : random.below(256);
      header.push(type, length, ...new Array(Math.min(length, room - 2)).fill(0));
    }
  }
  return header;
}

function fragments(
  random: Random,
  message: Uint8Array,
): { data: Uint8Array; offset: number; hasMore: boolean }[] {
  const step = 8 * (1 + random.below(random.pick([2, 8, 100])));
  const parts: { data: Uint8Array; offset: number; hasMore: boolean }[] = [];
  // Twelve fragments of a datagram are enough, and some datagrams end early.
  for (let offset = 0; offset < message.length && parts.length < 12; offset += step) {
    const data = message.slice(offset, offset + step);
    parts.push({ data, offset, hasMore: offset + step < message.length });
  }
  if (random.percent(10)) parts.reverse();
  if (random.percent(10)) parts.shift();
  if (random.percent(5) && parts.length > 0) {
    const last = parts[parts.length - 1];
    // An offset around the end of the longest datagram, or anywhere.
    const end = 65535 - last.data.length - random.below(120);
    last.offset = random.percent(50) ? end - end % 8 : 8 * random.below(8192);
  }
  return parts;
}

/** Returns a copy with a change that a faulty sender or an attacker could make. */
function damage(random: Random, packet: Uint8Array): Uint8Array {
  let copy: Uint8Array = packet.slice();
  const times = 1 + random.below(3);
  for (let i = 0; i < times && copy.length > 0; i++) {
    const header = Math.min(copy.length, 80);
    switch (random.below(7)) {
      case 0:
        copy[random.below(header)] ^= 1 << random.below(8);
        break;
      case 1:
        copy[random.below(header)] = random.pick([
          0,
          1,
          7,
          8,
          0x45,
          0x60,
          0x7f,
          0x80,
          0xfe,
          0xff,
          random.below(256),
        ]);
        break;
      case 2:
        copy = copy.slice(0, random.below(copy.length + 1));
        break;
      case 3: {
        const longer = random.bytes(copy.length + random.below(12));
        longer.set(copy);
        copy = longer;
        break;
      }
      case 4:
        // A length field of any header, with a small or a large error.
        if (copy.length >= 48) {
          const at = random.pick(copy[0] >> 4 === 4 ? [2, 24] : [4, 44]);
          put16(
            copy,
            at,
            random.percent(70) ? (copy[at] << 8 | copy[at + 1]) + random.below(17) - 8 : random.bits(),
          );
        }
        break;
      case 5:
        if (copy.length >= 20) put16(copy, random.pick([6, 10, 42]), random.bits());
        break;
      default:
        if (copy.length >= 20) copy[0] = random.pick([0x40, 0x60]) | random.below(16);
    }
  }
  // Otherwise the header checksum alone would show most damage.
  if (random.percent(75) && copy.length >= 20 && copy[0] >> 4 === 4) fixHeader(copy);
  return copy;
}

function fixHeader(packet: Uint8Array): void {
  put16(packet, 10, 0);
  put16(packet, 10, checksum(new Uint8Array(0), packet.subarray(0, 4 * (packet[0] & 15))));
}

/** Chooses the identification so that the header checksum will be around zero when the TTL has become 64. */
function steerChecksum(packet: Uint8Array, distance: number): void {
  const wanted = (64 - packet[8]) * 256 + distance;
  const identification = (packet[4] << 8 | packet[5]) + (packet[10] << 8 | packet[11]) - wanted;
  put16(packet, 4, (identification % 0xffff + 0xffff) % 0xffff);
  fixHeader(packet);
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  if (at + 1 >= bytes.length) return;
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

function checksum(first: Uint8Array, second: Uint8Array): number {
  let sum = 0;
  for (const part of [first, second]) {
    for (let i = 0; i < part.length; i++) sum += i % 2 === 0 ? part[i] * 256 : part[i];
  }
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return 0xffff - sum;
}
