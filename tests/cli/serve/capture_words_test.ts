import { assertEquals } from "@std/assert";
import { nameOf, reasonOf } from "../../../src/cli/serve/capture_words.ts";

Deno.test("nameOf() says stdout for -", () => {
  assertEquals([nameOf("-"), nameOf("lab.pcapng")], ["stdout", '"lab.pcapng"']);
});

Deno.test("reasonOf() leaves out the file that Deno names behind a reason", () => {
  const error = new Deno.errors.NotFound("No such file or directory (os error 2): open 'C:\\a b'");
  assertEquals(reasonOf(error), "No such file or directory (os error 2)");
});

Deno.test("reasonOf() gives no advice about Deno's flags, which an executable has not", () => {
  const error = new Deno.errors.NotCapable(
    'Requires all access to "/dev/full", run again with the --allow-all flag',
  );
  assertEquals(reasonOf(error), "Deno does not permit this program to open it");
});
