/*
 * Computes the required result for a packet. This is a second implementation of the responder, written from the RFCs to be
 * simple instead of fast. It shares no code with src/, copies freely, and computes every checksum anew.
 */

export interface OracleOptions {
  readonly icmp: boolean;
  readonly udp: boolean;
  /** Whether the checksums of messages are verified. */
  readonly verifies: boolean;
  /** The bytes of each, joined by commas. */
  readonly noHosts: readonly string[];
  /** Milliseconds since 1970-01-01 UTC. */
  readonly nowMs: () => number;
}

/** The required result for a packet. If there are reasons of both kinds, either verdict is right. */
export type Expectation =
  /** A reply, and the replies of the fragments that came before it. */
  | {
    readonly kind: "reply";
    readonly reply: Uint8Array;
    readonly followers: readonly Uint8Array[];
    /** The datagram of which the responder may have forgotten the first fragment, so that this one is held. */
    readonly mayBeForgotten?: string;
    readonly isRightRequest: boolean;
  }
  /** A fragment that is held as this reply. */
  | { readonly kind: "held"; readonly reply: Uint8Array }
  | {
    readonly kind: "none";
    readonly ignored?: string | undefined;
    readonly malformed?: string | undefined;
    readonly mayBeForgotten?: string | undefined;
  };

class NoReply extends Error {
  readonly kind: "ignored" | "malformed";
  readonly mayBeForgotten: string | undefined;
  constructor(kind: "ignored" | "malformed", reason: string, mayBeForgotten?: string) {
    super(reason);
    this.kind = kind;
    this.mayBeForgotten = mayBeForgotten;
  }
}

const ignored = (reason: string): NoReply => new NoReply("ignored", reason);
const malformed = (reason: string): NoReply => new NoReply("malformed", reason);

/** The fields of a fragment header of either family. */
interface FragmentFields {
  readonly key: string;
  readonly offset: number;
  readonly more: boolean;
}

/** A fragment that came before its first one. */
interface Waiting {
  readonly offset: number;
  readonly reply: Uint8Array;
}

export class Oracle {
  readonly #options: OracleOptions;
  /** Whether the first fragment of a datagram was answered. */
  readonly #decided = new Map<string, boolean>();
  readonly #waiting = new Map<string, Waiting[]>();
  /** Set while a packet is examined that is ignored for its addresses. It changes nothing that is remembered. */
  #isDry = false;

  constructor(options: OracleOptions) {
    this.#options = options;
  }

  /** Forgets all fragments, as after their lifetime. */
  forget(): void {
    this.#decided.clear();
    this.#waiting.clear();
  }

  /** Forgets the first fragment of one datagram. */
  forgetFirst(datagram: string): void {
    this.#decided.delete(datagram);
  }

  expect(packet: Uint8Array): Expectation {
    const reasons: { ignored?: string; malformed?: string; mayBeForgotten?: string | undefined } = {};
    try {
      const version = packet.length > 0 ? packet[0] >> 4 : 0;
      if (packet.length < 20) throw malformed("too short");
      if (version === 4) return this.#expect4(packet);
      if (version === 6) return this.#expect6(packet);
      throw malformed("version");
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      reasons[error.kind] = error.message;
      reasons.mayBeForgotten = error.mayBeForgotten;
    }
    return { kind: "none", ...reasons };
  }

  #expect4(packet: Uint8Array): Expectation {
    const headerLength = (packet[0] % 16) * 4;
    const total = word(packet, 2);
    if (headerLength < 20) throw malformed("header length");
    if (total < headerLength) throw malformed("total length below header");
    if (total > packet.length) throw malformed("total length above size");
    if (onesSum(packet.subarray(0, headerLength)) !== 0xffff) throw malformed("header checksum");
    const source = packet.subarray(12, 16);
    const destination = packet.subarray(16, 20);
    const address = this.#addressReason4(source) ?? this.#addressReason4(destination) ??
      (source.join() === destination.join() ? "same address" : undefined);
    const reply = packet.slice(0, total);
    reply.set(destination, 12);
    reply.set(source, 16);
    reply[8] = 64;
    const flags = word(packet, 6);
    const fragment: FragmentFields = {
      key: `4 ${packet[9]} ${word(packet, 4)} ${source} ${destination}`,
      offset: (flags % 0x2000) * 8,
      more: Math.floor(flags / 0x2000) % 2 === 1,
    };
    return this.#withReasons(address, () => {
      reply.set(newOptions4(packet.subarray(20, headerLength), destination, this.#options.nowMs()), 20);
      setChecksum(reply, 10, reply.subarray(0, headerLength));
      const isFragment = fragment.more || fragment.offset > 0;
      const turn = (): boolean =>
        this.#turn(packet[9], 4, reply, headerLength, total, packet.subarray(12, 20), !isFragment);
      if (isFragment) return this.#fragment(fragment, headerLength, total - headerLength, reply, turn);
      return whole(reply, turn());
    });
  }

  #addressReason4(address: Uint8Array): string | undefined {
    if (address[0] === 0 || address[0] === 127 || address[0] >= 224) return `address ${address.join(".")}`;
    return this.#noHostReason(address);
  }

  #noHostReason(address: Uint8Array): string | undefined {
    return this.#options.noHosts.includes(address.join()) ? "no host" : undefined;
  }

  #expect6(packet: Uint8Array): Expectation {
    if (packet.length < 40) throw malformed("too short for IPv6");
    const end = 40 + word(packet, 4);
    if (end > packet.length) throw malformed("payload length");
    const source = packet.subarray(8, 24);
    const destination = packet.subarray(24, 40);
    const address = addressReason6(source) ?? addressReason6(destination) ?? this.#noHostReason(source) ??
      this.#noHostReason(destination) ??
      (source.join() === destination.join() ? "same address" : undefined);
    const reply = packet.slice(0, end);
    reply.set(destination, 8);
    reply.set(source, 24);
    reply[7] = 64;
    return this.#withReasons(address, () => this.#chain6(packet, reply, end));
  }

  #chain6(packet: Uint8Array, reply: Uint8Array, end: number): Expectation {
    let next = packet[6];
    let at = 40;
    let fragment: FragmentFields | undefined;
    let fragmentData = 0;
    let sawFragmentHeader = false;
    const body = (): boolean => {
      for (let headers = 0;; headers++) {
        // The count starts again after the fragment header.
        if (headers > 8) throw ignored("too many extension headers");
        if (next === 58 || next === 17) {
          return this.#turn(next, 6, reply, at, end, packet.subarray(8, 40), fragment === undefined);
        }
        if (next === 44) {
          if (sawFragmentHeader) throw ignored("fragment in a fragment");
          if (at + 8 > end) throw malformed("fragment header cut short");
          sawFragmentHeader = true;
          headers = -1;
          const offset = word(packet, at + 2) - word(packet, at + 2) % 8;
          const more = packet[at + 3] % 2 === 1;
          next = packet[at];
          const identification = packet.subarray(at + 4, at + 8).join();
          at += 8;
          if (offset > 0 || more) {
            fragment = { key: `6 ${identification} ${packet.subarray(8, 40).join()}`, offset, more };
            fragmentData = at;
            // The meaning of the bytes behind the header depends on the fragment.
            return false;
          }
          continue;
        }
        if (next !== 0 && next !== 43 && next !== 60) throw ignored(`next header ${next}`);
        if (next === 0 && at !== 40) throw malformed("late hop-by-hop options");
        if (at + 8 > end) throw malformed("extension header cut short");
        const length = (packet[at + 1] + 1) * 8;
        if (at + length > end) throw malformed("extension header too long");
        if (next === 43 && packet[at + 3] > 0) throw ignored("segments left");
        if (next !== 43) checkOptions6(packet.subarray(at + 2, at + length));
        next = packet[at];
        at += length;
      }
    };
    const isRightRequest = body();
    if (fragment === undefined) return whole(reply, isRightRequest);
    // The unfragmentable part counts against the longest payload, but the fragment header does not.
    return this.#fragment(fragment, fragmentData - 48, end - fragmentData, reply, body);
  }

  /** `before` is the number of other bytes that count against the 65535 of the reassembled datagram. */
  #fragment(
    fragment: FragmentFields,
    before: number,
    length: number,
    reply: Uint8Array,
    turn: () => boolean,
  ): Expectation {
    if (length === 0) throw malformed("fragment without data");
    if (fragment.more && length % 8 !== 0) throw malformed("fragment length");
    if (before + fragment.offset + length > 65535) throw malformed("fragment end");
    if (this.#isDry) {
      turn();
      throw ignored("only tried");
    }
    const isAnswered = this.#decided.get(fragment.key);
    if (fragment.offset > 0) {
      if (isAnswered) {
        const mayBeForgotten = fragment.key;
        return { kind: "reply", reply, followers: [], mayBeForgotten, isRightRequest: false };
      }
      if (isAnswered === false) throw new NoReply("ignored", "first fragment not answered", fragment.key);
      const waiting = this.#waiting.get(fragment.key) ?? [];
      waiting.push({ offset: fragment.offset, reply });
      this.#waiting.set(fragment.key, waiting);
      return { kind: "held", reply };
    }
    const followers = (this.#waiting.get(fragment.key) ?? []).toSorted((a, b) => a.offset - b.offset);
    this.#waiting.delete(fragment.key);
    this.#decided.set(fragment.key, false);
    turn();
    this.#decided.set(fragment.key, true);
    return {
      kind: "reply",
      reply,
      followers: followers.map((one) => one.reply),
      isRightRequest: false,
    };
  }

  /**
   * Turns the message from `at` to `end` of the reply. Returns whether its checksum was right in the request, and is
   * therefore the exact one in the reply.
   */
  #turn(
    protocol: number,
    family: 4 | 6,
    reply: Uint8Array,
    at: number,
    end: number,
    addresses: Uint8Array,
    isWhole: boolean,
  ): boolean {
    const message = reply.subarray(at, end);
    const isIcmp = protocol === (family === 4 ? 1 : 58);
    if (!isIcmp && protocol !== 17) throw ignored(`protocol ${protocol}`);
    if (isIcmp ? !this.#options.icmp : !this.#options.udp) throw ignored("switched off");
    if (message.length < 8) throw malformed("message cut short");
    const mustBeRight = isWhole && this.#options.verifies;
    if (isIcmp) return turnIcmp(message, family, addresses, mustBeRight);

    const length = word(message, 4);
    if (length < 8 || isWhole && length > message.length) throw malformed("UDP length");
    if (family === 6 && word(message, 6) === 0) throw malformed("no UDP checksum over IPv6");
    const [sourcePort, destinationPort] = [word(message, 0), word(message, 2)];
    if (sourcePort === 0 || destinationPort === 0) throw ignored("port 0");
    if ([7, 13, 17, 19, 37].includes(sourcePort)) throw ignored("a port that answers by itself");
    const pseudoHeader = Uint8Array.from([...addresses, 0, 17, length >> 8, length & 0xff]);
    const isRight = word(message, 6) === 0 || onesSum(pseudoHeader, message.subarray(0, length)) === 0xffff;
    if (mustBeRight && !isRight) throw malformed("UDP checksum");
    // The checksum must stay unchanged, right or wrong.
    setWord(message, 0, destinationPort);
    setWord(message, 2, sourcePort);
    return isRight;
  }

  /** Calls `expectation`, and joins the reason for no reply that it may throw with `addressReason`. */
  #withReasons(addressReason: string | undefined, expectation: () => Expectation): Expectation {
    if (addressReason === undefined) return expectation();
    this.#isDry = true;
    try {
      expectation();
    } catch (error) {
      if (error instanceof NoReply && error.kind === "malformed") {
        return { kind: "none", ignored: addressReason, malformed: error.message };
      }
      if (!(error instanceof NoReply)) throw error;
    } finally {
      this.#isDry = false;
    }
    return { kind: "none", ignored: addressReason };
  }
}

/** Returns the expectation of a reply to a datagram in one packet. */
function whole(reply: Uint8Array, isRightRequest: boolean): Expectation {
  return { kind: "reply", reply, followers: [], isRightRequest };
}

function turnIcmp(
  message: Uint8Array,
  family: 4 | 6,
  addresses: Uint8Array,
  mustBeRight: boolean,
): boolean {
  if (message[0] !== (family === 4 ? 8 : 128) || message[1] !== 0) throw ignored("no echo request");
  const pseudoHeader = family === 4
    ? new Uint8Array(0)
    : Uint8Array.from([...addresses, 0, 58, message.length >> 8, message.length & 0xff]);
  const isRight = onesSum(pseudoHeader, message) === 0xffff;
  if (mustBeRight && !isRight) throw malformed("ICMP checksum");
  const before = word(message, 2);
  message[0] = family === 4 ? 0 : 129;
  if (isRight) {
    setWord(message, 2, 0);
    setWord(message, 2, 0xffff - onesSum(pseudoHeader, message));
  } else {
    // A wrong checksum must stay wrong by the same amount. If the rest is not zero, zero has its usual form.
    const change = family === 4 ? 8 : 0xffff - 1;
    const after = (before + change * 256) % 0xffff;
    setWord(message, 2, 0);
    setWord(message, 2, after === 0 && message.every((byte) => byte === 0) ? 0xffff : after);
  }
  return isRight;
}

function addressReason6(address: Uint8Array): string | undefined {
  const text = address.join();
  if (address[0] === 255) return "multicast";
  if (text === "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0") return "unspecified";
  if (text === "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1") return "loopback";
  return text.startsWith("0,0,0,0,0,0,0,0,0,0,255,255,") ? "IPv4-mapped" : undefined;
}

/** Returns the options of the reply to a packet with these options, for `host`. */
function newOptions4(options: Uint8Array, host: Uint8Array, nowMs: number): Uint8Array {
  const result = options.slice();
  let at = 0;
  while (at < options.length && options[at] !== 0) {
    if (options[at] === 1) {
      at += 1;
      continue;
    }
    const length = options[at + 1];
    if (length === undefined || length < 2 || at + length > options.length) {
      throw malformed("IPv4 option length");
    }
    const option = result.subarray(at, at + length);
    if (option[0] === 131 || option[0] === 137) throw ignored("source route");
    if (option[0] === 7) recordRoute(option, host);
    if (option[0] === 68) stampTime(option, host, nowMs);
    at += length;
  }
  return result;
}

function recordRoute(option: Uint8Array, host: Uint8Array): void {
  if (option.length < 3 || option[2] < 4) throw malformed("Record Route without a pointer");
  const free = option.subarray(option[2] - 1);
  if (free.length === 0) return;
  if (free.length < 4) throw malformed("Record Route with room for half an address");
  free.set(host);
  option[2] += 4;
}

function stampTime(option: Uint8Array, host: Uint8Array, nowMs: number): void {
  if (option.length < 4) throw malformed("Timestamp without a flag");
  const flag = option[3] % 16;
  const overflow = Math.floor(option[3] / 16);
  if (![0, 1, 3].includes(flag)) return;
  if (option[2] < 5) throw malformed("Timestamp without a pointer");
  const ms = nowMs % (24 * 60 * 60 * 1000);
  const time = [0x1000000, 0x10000, 0x100, 1].map((unit) => Math.floor(ms / unit) % 256);
  const free = option.subarray(option[2] - 1);
  if (free.length === 0) {
    if (flag === 3) return;
    if (overflow === 15) throw malformed("Timestamp with too many hosts");
    option[3] = (overflow + 1) * 16 + flag;
    return;
  }
  if (free.length < (flag === 0 ? 4 : 8)) throw malformed("Timestamp with room for half an entry");
  if (flag === 3 && free.subarray(0, 4).join() !== host.join()) return;
  free.set(flag === 0 ? time : [...host, ...time]);
  option[2] += flag === 0 ? 4 : 8;
}

function checkOptions6(options: Uint8Array): void {
  let at = 0;
  while (at < options.length) {
    if (options[at] === 0) {
      at += 1;
      continue;
    }
    const length = options[at + 1];
    if (length === undefined || at + 2 + length > options.length) throw malformed("IPv6 option length");
    if (options[at] >= 64) throw ignored("an option that must be known");
    at += 2 + length;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at] * 256 + bytes[at + 1];
}

function setWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = Math.floor(value / 256);
  bytes[at + 1] = value % 256;
}

function setChecksum(packet: Uint8Array, at: number, range: Uint8Array): void {
  setWord(packet, at, 0);
  setWord(packet, at, 0xffff - onesSum(range));
}

/** Returns the one's complement sum of all words. A last odd byte is a high half. Each range but the last is even. */
function onesSum(...ranges: Uint8Array[]): number {
  let sum = 0;
  for (const range of ranges) {
    for (let i = 0; i < range.length; i++) sum += i % 2 === 0 ? range[i] * 256 : range[i];
  }
  while (sum > 0xffff) sum = sum % 65536 + Math.floor(sum / 65536);
  return sum;
}
