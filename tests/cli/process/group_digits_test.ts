import { assertEquals } from "@std/assert";
import { groupDigits } from "../../../src/cli/process/group_digits.ts";

Deno.test("groupDigits() puts a comma before every three digits", () => {
  const numbers = [0, 12, 123, 1234, 12_345, 123_456, 1_234_567, Number.MAX_SAFE_INTEGER];
  assertEquals(numbers.map(groupDigits), numbers.map((number) => number.toLocaleString("en-US")));
});
