import { assertEquals } from "@std/assert";
import { captureFileFault, captureFileName } from "../../../src/cli/serve/capture_words.ts";

Deno.test("captureFileName() says stdout for -", () => {
  assertEquals([captureFileName("-"), captureFileName("lab.pcapng")], ["stdout", '"lab.pcapng"']);
});

Deno.test("captureFileFault() leaves out the file that Deno names behind a reason", () => {
  const error = new Deno.errors.NotFound("No such file or directory (os error 2): open 'C:\\a b'");
  assertEquals(captureFileFault(error), "No such file or directory (os error 2)");
});

Deno.test("captureFileFault() gives no advice about Deno's flags, which an executable has not", () => {
  const error = new Deno.errors.NotCapable(
    'Requires all access to "/dev/full", run again with the --allow-all flag',
  );
  assertEquals(captureFileFault(error), "this program has no permission to open it");
});
