import { assert, assertEquals } from "@std/assert";
import { adapterNameFault, sameName, tunnelTypeFault } from "../../src/tun/adapter_name.ts";

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
    "a\x1b[31mb",
    "deadbabe-cafe-beef-0123-456789abcdef",
    "{DEADBABE-CAFE-BEEF-0123-456789ABCDEF}",
    "🦊".repeat(64),
  ]
) {
  Deno.test(`the name ${JSON.stringify(name.slice(0, 20))} is refused, and told why`, () => {
    assert(adapterNameFault(name)?.startsWith("a name "));
  });
}

for (const type of ["Wintun", "n".repeat(127), "a/b:c", "My tunnel"]) {
  Deno.test(`the type ${JSON.stringify(type.slice(0, 20))} is good`, () => {
    assertEquals(tunnelTypeFault(type), undefined);
  });
}

for (const type of ["", " ", "\t", " a", "n".repeat(128), "a\nb", "a\x1b[31mX", "a\u202eb"]) {
  Deno.test(`the type ${JSON.stringify(type.slice(0, 20))} is refused, and told why`, () => {
    assert(tunnelTypeFault(type)?.startsWith("a type "));
  });
}

Deno.test("names are the same whatever their case", () => {
  assert(sameName("LÄB", "läb"));
  assert(!sameName("lab", "lab "));
});
