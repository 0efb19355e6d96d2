import { assertEquals } from "@std/assert";
import { suggest } from "../../../src/cli/arguments/suggest.ts";

const WORDS = ["serve", "list", "delete", "version"];

Deno.test("suggest() finds a word with a letter missing, added, replaced or swapped", () => {
  assertEquals(suggest("serv", WORDS), "serve");
  assertEquals(suggest("lisst", WORDS), "list");
  assertEquals(suggest("derete", WORDS), "delete");
  assertEquals(suggest("sevre", WORDS), "serve");
  assertEquals(suggest("VERSION", WORDS), "version");
});

Deno.test("suggest() finds nothing for a word that is far from all", () => {
  assertEquals(suggest("frobnicate", WORDS), undefined);
  assertEquals(suggest("x", WORDS), undefined);
  assertEquals(suggest("", WORDS), undefined);
});
