import { assertEquals } from "@std/assert";
import { cutColumns, padColumns } from "../../../src/cli/process/columns.ts";

Deno.test("padColumns() counts the columns of a terminal: wide characters take two, combining ones none", () => {
  for (
    const [text, padded] of [["lab", "lab   "], ["東京", "東京  "], ["Bu\u0308ro", "Bu\u0308ro  "], [
      "🦊",
      "🦊    ",
    ]]
  ) {
    assertEquals(padColumns(text, 6), padded);
  }
});

Deno.test("padColumns() leaves a text that is longer as it is", () => {
  assertEquals(padColumns("東京都", 5), "東京都");
});

Deno.test("cutColumns() keeps what fits, and no half of a wide character", () => {
  assertEquals(cutColumns("lab", 3), "lab");
  assertEquals(cutColumns("labor", 3), "lab");
  assertEquals(cutColumns("東京", 3), "東");
  assertEquals(cutColumns("🦊🦊", 4), "🦊🦊");
  assertEquals(cutColumns("🦊🦊", 3), "🦊");
  assertEquals(cutColumns("lab", 0), "");
});
