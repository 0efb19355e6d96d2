import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../../src/cli/arguments/usage_error.ts";
import {
  formatPart,
  formatRate,
  formatTime,
  readPart,
  readRate,
  readTime,
} from "../../../../src/cli/serve/network/units.ts";

function faultOf(read: (text: string) => number, text: string): string {
  const { message, hint } = assertThrows(() => read(text), UsageError);
  return hint === "" ? message : `${message} ${hint}`;
}

Deno.test("readTime() reads the units of netem, in any case and with decimals", () => {
  const texts = ["20ms", "0.5ms", "200us", "1s", "1.25 S", ".5MS", "0ms", "1000s"];
  assertEquals(texts.map((text) => readTime(text)), [
    20_000,
    500,
    200,
    1_000_000,
    1_250_000,
    500,
    0,
    1_000_000_000,
  ]);
});

Deno.test("readTime() says what is wrong, and what was probably meant", () => {
  assertEquals(
    faultOf(readTime, "20"),
    "20: has no unit; the units are us, ms and s. Did you mean 20ms?",
  );
  assertEquals(
    faultOf(readTime, "20min"),
    "20min: min is not a unit here; the units are us, ms and s. Did you mean 20ms?",
  );
  for (const text of ["", "ms", "-5ms", "1e3ms", "5..5ms", "1,5ms"]) {
    assertEquals(
      faultOf(readTime, text),
      `${text}: must be a number with a unit; the units are us, ms and s.`,
    );
  }
  assertEquals(faultOf(readTime, "3sec").endsWith("Did you mean 3s?"), true);
  assertEquals(faultOf(readTime, "1001s"), "1001s: must be at most 1000s.");
});

Deno.test("readPart() reads percentages only", () => {
  assertEquals(["1%", "0.05 %", "100%", "0%"].map(readPart), [0.01, 0.0005, 1, 0]);
  assertEquals(faultOf(readPart, "1"), "1: has no unit; the unit is %. Did you mean 1%?");
  assertEquals(faultOf(readPart, "101%"), "101%: must be at most 100%.");
});

Deno.test("readRate() reads bits a second, and not tc's bytes a second", () => {
  assertEquals(["10Mbit", "64kbit", "1.5Gbit", "800bit"].map(readRate), [10e6, 64e3, 1.5e9, 800]);
  assertEquals(
    faultOf(readRate, "10mbps"),
    "10mbps: mbps is not a unit here; the units are bit, Kbit, Mbit and Gbit. Did you mean 10Mbit?",
  );
  assertEquals(faultOf(readRate, "0bit"), "0bit: must be from 1bit to 1000Gbit.");
});

Deno.test("Times, parts and rates are written as they are read", () => {
  for (const text of ["0us", "200us", "20ms", "1.5ms", "1s", "2.25s", "1000s"]) {
    assertEquals(formatTime(readTime(text)), text);
  }
  for (const text of ["0%", "1%", "0.05%", "33.3333%", "100%"]) {
    assertEquals(formatPart(readPart(text)), text);
  }
  for (const text of ["1bit", "64Kbit", "10Mbit", "1.5Gbit"]) assertEquals(formatRate(readRate(text)), text);
});
