import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../../src/cli/arguments/usage_error.ts";
import {
  formatAddressRange,
  formatPortRange,
  parsePortRange,
  readAddressRange,
  someAddresses,
} from "../../../../src/cli/serve/network/ranges.ts";
import { formatIpAddress, parseIpAddress } from "../../../../src/wire/ip_address.ts";

Deno.test("readAddressRange() reads ranges, networks and single addresses", () => {
  for (
    const [text, written] of [
      ["10.77.0.10-10.77.0.20", "10.77.0.10-10.77.0.20"],
      ["10.77.0.16/28", "10.77.0.16-10.77.0.31"],
      ["10.77.0.9", "10.77.0.9"],
      ["10.77.0.9/32", "10.77.0.9"],
      ["10.77.0.9-10.77.0.9", "10.77.0.9"],
      ["10.77.0.250-10.77.1.5", "10.77.0.250-10.77.1.5"],
      ["fd00::1-fd00::ff", "fd00::1-fd00::ff"],
      ["fd00::/126", "fd00::-fd00::3"],
    ]
  ) assertEquals(formatAddressRange(readAddressRange(text)), written);
});

const BAD_RANGES: readonly [text: string, message: string, hint: string][] = [
  [
    "10.77.0.20-10.77.0.10",
    "10.77.0.20-10.77.0.10: must have the lower address first.",
    "Did you mean 10.77.0.10-10.77.0.20?",
  ],
  [
    "10.77.0.10-20",
    "10.77.0.10-20: must have a whole address behind the hyphen.",
    "Did you mean 10.77.0.10-10.77.0.20?",
  ],
  ["10.77.0.10-999", "10.77.0.10-999: must have a whole address behind the hyphen.", ""],
  ["10.77.0.10-fd00::1", "10.77.0.10-fd00::1: must have two addresses of one family.", ""],
  ["10.77.0.1-10.77.0.2-10.77.0.3", "10.77.0.1-10.77.0.2-10.77.0.3: must have one hyphen at most.", ""],
  ["10.77.0.9/24", "10.77.0.9/24: has bits set after the prefix.", "Did you mean 10.77.0.0/24?"],
];

for (const [text, message, hint] of BAD_RANGES) {
  Deno.test(`readAddressRange() refuses ${text}`, () => {
    const error = assertThrows(() => readAddressRange(text), UsageError);
    assertEquals([error.message, error.hint], [message, hint]);
  });
}

Deno.test("readAddressRange() refuses what has no address", () => {
  for (const text of ["", "-", "lab", "10.77.0.10-", "-10.77.0.10", "10.77.0.0/33", "10.77.0"]) {
    assertThrows(() => readAddressRange(text), UsageError);
  }
});

Deno.test("parsePortRange() reads ports from 1 to 65535 in ascending order", () => {
  assertEquals(parsePortRange("7"), { first: 7, last: 7 });
  assertEquals(formatPortRange(parsePortRange("5000-5010")!), "5000-5010");
  for (const text of ["", "0", "65536", "10-5", "7-", "1-2-3", "http", "07"]) {
    assertEquals(parsePortRange(text), undefined, text);
  }
});

Deno.test("someAddresses() returns the first addresses of each range, its last, and the one behind it", () => {
  const names = (...texts: string[]): string[] =>
    someAddresses(texts.map((text) => ({ name: text, value: readAddressRange(text) })), [
      parseIpAddress("10.77.0.0"),
    ]).map(formatIpAddress);
  assertEquals(names("10.77.0.9"), ["10.77.0.9", "10.77.0.10"]);
  assertEquals(names("10.77.0.1-10.77.0.3", "10.77.0.3-10.77.0.4"), [
    "10.77.0.1",
    "10.77.0.2",
    "10.77.0.3",
    "10.77.0.4",
    "10.77.0.5",
  ]);
  assertEquals(names("fd00::/64").length, 6);
  assertEquals(names("10.77.0.0/31"), ["10.77.0.1", "10.77.0.2"]);
});
