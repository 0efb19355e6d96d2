import { assertEquals, assertThrows } from "@std/assert";
import { readArguments } from "../../../src/cli/arguments/command_line.ts";
import { readSettings, SETTINGS_OPTIONS } from "../../../src/cli/adapters/settings.ts";
import { UsageError } from "../../../src/cli/arguments/usage_error.ts";

const read = (...args: string[]): ReturnType<typeof readSettings> =>
  readSettings(readArguments(args, SETTINGS_OPTIONS).values);

Deno.test("readSettings() leaves out what is not given", () => {
  assertEquals(read(), {});
  assertEquals(Object.keys(read("--mtu", "1400", "--dns", "10.6.7.1")), ["mtu", "dns"]);
});

const TWICE: readonly [args: string[], message: string][] = [
  [["--address", "10.6.7.7/24", "--address", "10.6.7.7/16"], "--address 10.6.7.7 is given twice."],
  [["--dns", "fd00::1", "--dns", "10.6.7.1", "--dns", "FD00:0::1"], "--dns fd00::1 is given twice."],
  [["--route", "10.9.0.0/16", "--route", "10.9.0.0/16"], "--route 10.9.0.0/16 is given twice."],
];

for (const [args, message] of TWICE) {
  Deno.test(`readSettings() refuses ${args.join(" ")}`, () => {
    assertEquals(assertThrows(() => read(...args), UsageError).message, message);
  });
}

Deno.test("readSettings() takes networks that lie in one another", () => {
  assertEquals(read("--route", "10.9.0.0/16", "--route", "10.9.0.0/17").routes?.length, 2);
});

Deno.test("readSettings() refuses an MTU below what an IPv6 address needs", () => {
  assertThrows(
    () => read("--mtu", "1279", "--address", "fd00::7/64"),
    UsageError,
    "IPv6 needs an MTU of 1280",
  );
  read("--mtu", "1280", "--address", "fd00::7/64");
});
