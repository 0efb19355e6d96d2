import { LONGEST_DELAY_US } from "../../../echo/network/plan.ts";
import { UsageError } from "../../arguments/usage_error.ts";

// The units of tc-netem(8). The message of each UsageError continues after the option's name: `--delay 20: has no unit`.

/** The units of times, in microseconds. */
const TIME_UNITS = { us: 1, ms: 1000, s: 1_000_000 } as const;
/** The units of rates, in bits a second. tc also has bps and the like, which are bytes a second. */
const RATE_UNITS = { bit: 1, Kbit: 1e3, Mbit: 1e6, Gbit: 1e9 } as const;
const HIGHEST_RATE = 1e12;

/**
 * Reads a time such as 20ms. Returns microseconds.
 * @param mostUs The longest time in microseconds.
 * @throws {UsageError} for anything else.
 */
export function readTime(text: string, mostUs = LONGEST_DELAY_US): number {
  const us = Math.round(readQuantity(text, TIME_UNITS));
  if (us > mostUs) throw new UsageError(`${text}: must be at most ${formatTime(mostUs)}.`);
  return us;
}

/** Reads a part such as 0.5%. Returns a number from 0 to 1. @throws {UsageError} for anything else. */
export function readPart(text: string): number {
  const percent = readQuantity(text, { "%": 1 });
  if (percent > 100) throw new UsageError(`${text}: must be at most 100%.`);
  return percent / 100;
}

/** Reads a rate such as 10Mbit. Returns bits a second. @throws {UsageError} for anything else. */
export function readRate(text: string): number {
  const rate = readQuantity(text, RATE_UNITS);
  if (rate >= 1 && rate <= HIGHEST_RATE) return rate;
  throw new UsageError(`${text}: must be from 1bit to ${formatRate(HIGHEST_RATE)}.`);
}

/** Reads a decimal number with one of the units, whose letters may be of any case. Returns the number in the least unit. */
function readQuantity(text: string, units: Readonly<Record<string, number>>): number {
  const names = Object.keys(units);
  const list = names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z%]*)$/i.exec(text);
  if (match === null) {
    throw new UsageError(`${text}: must be a number with a unit; the ${unitsAre(names, list)}.`);
  }
  const [, digits, unit] = match;
  const found = names.find((name) => name.toLowerCase() === unit.toLowerCase());
  if (found !== undefined) return Number(digits) * units[found];
  const fault = unit === "" ? "has no unit" : `${unit} is not a unit here`;
  throw new UsageError(
    `${text}: ${fault}; the ${unitsAre(names, list)}.`,
    `Did you mean ${digits}${meantUnit(unit, names)}?`,
  );
}

/** Returns the unit that a wrong one probably means: the one with the same first letter, or else the second one. */
function meantUnit(unit: string, names: readonly string[]): string {
  const first = unit.charAt(0).toLowerCase();
  return names.find((name) => name.charAt(0).toLowerCase() === first) ?? names[Math.min(1, names.length - 1)];
}

function unitsAre(names: readonly string[], list: string): string {
  return names.length === 1 ? `unit is ${list}` : `units are ${list}`;
}

/** Writes microseconds as `readTime` reads them. */
export function formatTime(us: number): string {
  return formatQuantity(us, TIME_UNITS);
}

/** Writes a number from 0 to 1 as `readPart` reads it. */
export function formatPart(part: number): string {
  return `${Number((100 * part).toPrecision(6))}%`;
}

/** Writes bits a second as `readRate` reads them. */
export function formatRate(bitsPerSecond: number): string {
  return formatQuantity(bitsPerSecond, RATE_UNITS);
}

/** Writes a number with the largest unit of which there is at least one. */
function formatQuantity(value: number, units: Readonly<Record<string, number>>): string {
  const [name, unit] = Object.entries(units).findLast(([, unit]) => value >= unit) ??
    Object.entries(units)[0];
  return `${Number((value / unit).toPrecision(9))}${name}`;
}
