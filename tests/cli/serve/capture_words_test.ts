import { assertEquals } from "@std/assert";
import { captureFileName } from "../../../src/cli/serve/capture_words.ts";

Deno.test("captureFileName() says stdout for -", () => {
  assertEquals([captureFileName("-"), captureFileName("lab.pcapng")], ["stdout", '"lab.pcapng"']);
});
