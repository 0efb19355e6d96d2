import { assert, assertEquals } from "@std/assert";
import { adapterNameFault, sameName } from "../../src/tun/adapter_name.ts";

for (const name of ["lab", "a", "n".repeat(127), "Büro 2. Stock", "网络", "🦊", "a.b-c_d (e) [f] #1"]) {
  Deno.test(`the name ${JSON.stringify(name.slice(0, 20))} is good`, () => {
    assertEquals(adapterNameFault(name), undefined);
  });
}

for (
  const name of [
    "",
    " ",
    " lab",
    "lab ",
    "n".repeat(128),
    "a\\b",
    "a/b",
    "a:b",
    "a*b",
    "a?b",
    'a"b',
    "a<b",
    "a>b",
    "a|b",
    "a\tb",
    "a\0b",
  ]
) {
  Deno.test(`the name ${JSON.stringify(name.slice(0, 20))} is refused, and told why`, () => {
    assert(adapterNameFault(name)?.startsWith("a name "));
  });
}

Deno.test("names are the same whatever their case", () => {
  assert(sameName("LÄB", "läb"));
  assert(!sameName("lab", "lab "));
});
