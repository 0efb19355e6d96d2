import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { deriveGuid, deriveRuleGuid } from "../../src/tun/derived_guid.ts";

const MACHINE = "2f6f7a1c-53c5-4c2a-9d6e-0b8f4f1f7a11";

Deno.test("deriveGuid() gives one GUID for one name on one machine", async () => {
  assertEquals(await deriveGuid(MACHINE, "lab"), await deriveGuid(MACHINE, "lab"));
});

Deno.test("deriveGuid() does not look at case, nor at how the machine's GUID is written", async () => {
  assertEquals(await deriveGuid(`{${MACHINE.toUpperCase()}}`, "LÄB"), await deriveGuid(MACHINE, "läb"));
});

Deno.test("deriveGuid() gives other GUIDs for other names and other machines", async () => {
  const guid = await deriveGuid(MACHINE, "lab");
  assertNotEquals(await deriveGuid(MACHINE, "lab 2"), guid);
  assertNotEquals(await deriveGuid(MACHINE.replace("2", "3"), "lab"), guid);
});

Deno.test("deriveGuid() marks it as version 5, variant RFC 9562", async () => {
  for (const name of ["a", "b", "c", "d", "e", "f", "g", "h"]) {
    assertMatch(
      await deriveGuid(MACHINE, name),
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  }
});

Deno.test("deriveGuid() is what RFC 9562 makes of it: python3 -c 'uuid.uuid5(UUID(machine), \"wintun adapter lab\")'", async () => {
  assertEquals(await deriveGuid(MACHINE, "lab"), "cb2e4dbb-56db-5d5e-a30e-18857f94c137");
});

Deno.test("deriveRuleGuid() gives each domain of each adapter a GUID of its own, whatever the case", async () => {
  const guid = await deriveRuleGuid(MACHINE, "lab.example");
  assertEquals(await deriveRuleGuid(`{${MACHINE.toUpperCase()}}`, "LAB.example"), guid);
  assertNotEquals(await deriveRuleGuid(MACHINE, "example"), guid);
  assertNotEquals(await deriveRuleGuid(MACHINE.replace("2", "3"), "lab.example"), guid);
  assertNotEquals(await deriveGuid(MACHINE, "lab.example"), guid);
  await assertRejects(() => deriveRuleGuid("lab", "lab.example"), TypeError);
});

Deno.test("deriveGuid() refuses a machine that is no GUID", async () => {
  await assertRejects(() => deriveGuid("lab", "lab"), TypeError);
});
