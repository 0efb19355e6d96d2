import { assertEquals } from "@std/assert";
import { fileFault } from "../../../src/cli/process/file_fault.ts";

Deno.test("fileFault() leaves out the file that Deno names behind a reason", () => {
  const error = new Deno.errors.NotFound("No such file or directory (os error 2): open 'C:\\a b'");
  assertEquals(fileFault(error), "No such file or directory (os error 2)");
});

Deno.test("fileFault() gives no advice about Deno's flags, which an executable has not", () => {
  const error = new Deno.errors.NotCapable(
    'Requires all access to "/dev/full", run again with the --allow-all flag',
  );
  assertEquals(fileFault(error), "this program has no permission to open it");
});
