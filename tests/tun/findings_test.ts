import { assertEquals } from "@std/assert";
import { findServices } from "../../src/tun/findings.ts";

Deno.test("findServices() gives each advice once, and nothing for a fault without advice", () => {
  const faults = [
    { message: "The first cannot be examined", hint: "" },
    { message: "The second is stopped", hint: "Start it." },
    { message: "The third is stopped", hint: "Start it." },
    { message: "The fourth is old", hint: "Restart it." },
  ];
  assertEquals(findServices(4, faults).hint, "Start it. Restart it.");
  assertEquals(findServices(4, faults.slice(0, 1)).hint, "");
});
