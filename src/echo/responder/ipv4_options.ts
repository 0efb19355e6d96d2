import {
  IPV4_DESTINATION,
  IPV4_HEADER_LENGTH,
  IPV4_OPTION_END,
  IPV4_OPTION_LOOSE_SOURCE_ROUTE,
  IPV4_OPTION_NO_OPERATION,
  IPV4_OPTION_RECORD_ROUTE,
  IPV4_OPTION_STRICT_SOURCE_ROUTE,
  IPV4_OPTION_TIMESTAMP,
} from "../../wire/ipv4.ts";
import { IGNORED, MALFORMED, type Step, TURNED } from "./verdict.ts";

/*
 * The layout of Record Route and Timestamp (RFC 791 section 3.1): the type, the length, and a pointer to the next free
 * entry, where 1 is the type's own position; in a Timestamp, a byte with the overflow count (high half: how many hosts
 * found no room) and a flag (low half); then the entries.
 */
const RECORD_ROUTE_HEADER = 3;
const TIMESTAMP_HEADER = 4;
const ADDRESS_LENGTH = 4;
const TIMESTAMP_LENGTH = 4;

// Flags of a Timestamp: the entries are times; addresses with times; the same for addresses that the sender has chosen.
const TIMES_ONLY = 0;
const TIMES_OF_ANYONE = 1;
const TIMES_OF_CHOSEN = 3;

const DAY_MS = 86_400_000;

/** Returns the length of an entry of a Timestamp with this flag; 0 for an unknown flag, whose option stays as it is. */
function timestampEntryLength(flag: number): number {
  if (flag === TIMES_ONLY) return TIMESTAMP_LENGTH;
  return flag === TIMES_OF_ANYONE || flag === TIMES_OF_CHOSEN ? ADDRESS_LENGTH + TIMESTAMP_LENGTH : 0;
}

/** Checks and fills in the options of IPv4 headers. A header starts at byte `start` and ends before byte `end`. */
export interface Ipv4Options {
  /** Returns `TURNED` if the options allow an answer, otherwise `IGNORED` or `MALFORMED`. Writes nothing. */
  check(start: number, end: number): Step;
  /**
   * Enters the host that the packet is for into each option that asks for that and has room (RFC 1122 section 3.2.2.6).
   * `check()` must have returned `TURNED` for the header.
   */
  enterHost(start: number, end: number): void;
}

/**
 * Makes the functions for the options of packets in `memory`.
 *
 * @param nowMs Returns the time in milliseconds since 1970-01-01 UTC.
 */
export function createIpv4Options(memory: Uint8Array, nowMs: () => number): Ipv4Options {
  /** Returns whether the next entry fits into the option, or the option is full. Room for part of one is an error (RFC 791). */
  const hasWholeEntries = (option: number, header: number, entryLength: number): boolean => {
    const length = memory[option + 1];
    const pointer = memory[option + 2];
    return length >= header && pointer > header && (pointer > length || pointer + entryLength - 1 <= length);
  };

  const checkTimestamp = (option: number): Step => {
    if (memory[option + 1] < TIMESTAMP_HEADER) return MALFORMED;
    const flag = memory[option + 3] & 0x0f;
    const entryLength = timestampEntryLength(flag);
    if (entryLength === 0) return TURNED;
    if (!hasWholeEntries(option, TIMESTAMP_HEADER, entryLength)) return MALFORMED;
    const isFull = memory[option + 2] > memory[option + 1];
    // An overflow of the overflow count is an error (RFC 791).
    return isFull && flag !== TIMES_OF_CHOSEN && memory[option + 3] >= 0xf0 ? MALFORMED : TURNED;
  };

  const checkOption = (option: number): Step => {
    switch (memory[option]) {
      // A reply would have to take the reversed route (RFC 1122 section 3.2.1.8). Hosts drop these packets.
      case IPV4_OPTION_LOOSE_SOURCE_ROUTE:
      case IPV4_OPTION_STRICT_SOURCE_ROUTE:
        return IGNORED;
      case IPV4_OPTION_RECORD_ROUTE:
        return hasWholeEntries(option, RECORD_ROUTE_HEADER, ADDRESS_LENGTH) ? TURNED : MALFORMED;
      case IPV4_OPTION_TIMESTAMP:
        return checkTimestamp(option);
      default:
        return TURNED;
    }
  };

  const copyAddress = (from: number, to: number): void => {
    for (let i = 0; i < ADDRESS_LENGTH; i++) memory[to + i] = memory[from + i];
  };

  const isAddress = (at: number, other: number): boolean => {
    for (let i = 0; i < ADDRESS_LENGTH; i++) {
      if (memory[at + i] !== memory[other + i]) return false;
    }
    return true;
  };

  const enterRoute = (option: number, host: number): void => {
    const pointer = memory[option + 2];
    if (pointer > memory[option + 1]) return;
    copyAddress(host, option + pointer - 1);
    memory[option + 2] = pointer + ADDRESS_LENGTH;
  };

  const enterTime = (option: number, host: number): void => {
    const pointer = memory[option + 2];
    const flag = memory[option + 3] & 0x0f;
    const entryLength = timestampEntryLength(flag);
    if (entryLength === 0) return;
    if (pointer > memory[option + 1]) {
      if (flag !== TIMES_OF_CHOSEN) memory[option + 3] += 0x10;
      return;
    }
    const entry = option + pointer - 1;
    if (flag === TIMES_OF_CHOSEN && !isAddress(entry, host)) return;
    if (flag === TIMES_OF_ANYONE) copyAddress(host, entry);
    memory[option + 2] = pointer + entryLength;
    // The entry ends with the milliseconds since midnight UT, in network byte order.
    const time = nowMs() % DAY_MS;
    for (let i = 1; i <= TIMESTAMP_LENGTH; i++) memory[entry + entryLength - i] = time >>> 8 * (i - 1);
  };

  return {
    check(start: number, end: number): Step {
      let option = start + IPV4_HEADER_LENGTH;
      while (option < end) {
        const type = memory[option];
        if (type === IPV4_OPTION_END) return TURNED;
        if (type === IPV4_OPTION_NO_OPERATION) {
          option++;
          continue;
        }
        if (option + 2 > end) return MALFORMED;
        const length = memory[option + 1];
        if (length < 2 || option + length > end) return MALFORMED;
        const step = checkOption(option);
        if (step !== TURNED) return step;
        option += length;
      }
      return TURNED;
    },
    enterHost(start: number, end: number): void {
      const host = start + IPV4_DESTINATION;
      let option = start + IPV4_HEADER_LENGTH;
      while (option < end && memory[option] !== IPV4_OPTION_END) {
        const type = memory[option];
        if (type === IPV4_OPTION_RECORD_ROUTE) enterRoute(option, host);
        if (type === IPV4_OPTION_TIMESTAMP) enterTime(option, host);
        option += type === IPV4_OPTION_NO_OPERATION ? 1 : memory[option + 1];
      }
    },
  };
}
