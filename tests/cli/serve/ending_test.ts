import { assertEquals } from "@std/assert";
import { Ending } from "../../../src/cli/serve/ending.ts";

Deno.test("Ending has the reason of whoever asks first", () => {
  const ending = new Ending();
  assertEquals(ending.reason, undefined);
  ending.ask("count");
  ending.ask("signal");
  assertEquals([ending.reason, ending.error], ["count", undefined]);
});

Deno.test("Ending has the first error, and its reason, even if somebody asked before", () => {
  const ending = new Ending();
  ending.ask("signal");
  ending.fail("first", "removed");
  ending.fail("second", "corrupt");
  assertEquals([ending.reason, ending.error], ["removed", "first"]);
});

Deno.test("Ending.onAsked() calls its listener when somebody asks, and until it is stopped", () => {
  const ending = new Ending();
  let calls = 0;
  const stopListening = ending.onAsked(() => calls++);
  assertEquals(calls, 0);
  ending.ask("count");
  assertEquals(calls, 1);
  stopListening();
  ending.ask("count");
  assertEquals(calls, 1);
});

Deno.test("Ending.onAsked() calls its listener at once when somebody has asked before", () => {
  const ending = new Ending();
  ending.ask("signal");
  let calls = 0;
  ending.onAsked(() => calls++);
  assertEquals(calls, 1);
});
