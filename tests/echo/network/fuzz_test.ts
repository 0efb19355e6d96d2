import { assert } from "@std/assert";
import { fuzzNetwork } from "./fuzz.ts";

Deno.test("networks answer 100,000 damaged packets by the RFCs", () => {
  const result = fuzzNetwork(100_000, 20261128);
  // If some kind never occurred, the run would prove nothing of it.
  const least = {
    "turned": 10_000,
    "held": 500,
    "ignored": 10_000,
    "malformed": 5000,
    "nobody": 500,
    "time exceeded": 500,
    "host unreachable": 500,
    "port unreachable": 500,
    "too big": 40,
    "reset": 100,
  };
  for (const [kind, count] of Object.entries(least)) {
    assert(result[kind] >= count, `only ${result[kind]} ${kind} of ${JSON.stringify(result)}`);
  }
});
