import { assertEquals } from "@std/assert";
import { sparkline } from "../../../src/cli/serve/sparkline.ts";

Deno.test("sparkline() gives the highest value the highest bar, and zero the lowest", () => {
  assertEquals(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█");
  assertEquals(sparkline([700, 350, 0]), "█▅▁");
});

Deno.test("sparkline() draws zeros and nothing", () => {
  assertEquals([sparkline([0, 0, 0]), sparkline([])], ["▁▁▁", ""]);
});
