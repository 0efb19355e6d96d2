import { assertEquals } from "@std/assert";
import { isIcmpError } from "../../src/wire/icmp_names.ts";

Deno.test("isIcmpError() knows the errors of both families (RFC 792, RFC 4443 section 2.1)", () => {
  const types = Array.from({ length: 256 }, (_, type) => type);
  assertEquals(types.filter((type) => isIcmpError(4, type)), [3, 4, 5, 11, 12]);
  assertEquals(types.filter((type) => isIcmpError(6, type)), types.slice(0, 128));
});
