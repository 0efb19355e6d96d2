import { assert } from "@std/assert";
import { fuzz } from "./fuzz.ts";

Deno.test("the responder does what the oracle says with 100,000 damaged packets", () => {
  const result = fuzz(100_000, 20261123);
  // If no input passed the first check, the run would prove nothing.
  assert(result.replies > 20_000, `only ${result.replies} replies`);
  assert(result.ignored > 10_000, `only ${result.ignored} ignored`);
  assert(result.malformed > 10_000, `only ${result.malformed} malformed`);
  assert(result.followers > 200, `only ${result.followers} fragments that waited`);
  assert(result.lost < result.replies / 50, `${result.lost} fragments lost`);
});
