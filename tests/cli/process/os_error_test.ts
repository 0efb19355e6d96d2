import { assertEquals } from "@std/assert";
import { osErrorCode } from "../../../src/cli/process/os_error.ts";

Deno.test("osErrorCode() reads the number that the operating system gave", async () => {
  const error = await Deno.open("/no/such/folder/file").catch((error) => error);
  assertEquals(osErrorCode(error), Deno.build.os === "windows" ? 3 : 2);
});

Deno.test("osErrorCode() is undefined for an error of something else", () => {
  assertEquals([osErrorCode(new Error("os error 5")), osErrorCode("(os error 5)")], [undefined, undefined]);
});
