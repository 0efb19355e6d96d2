import { assertEquals } from "@std/assert";
import { ChosenMachine } from "../chosen_machine.ts";
import { serve } from "./runs.ts";

Deno.test("serve --simulate names each subnet once that is pinged", async () => {
  const { environment } = await serve(
    "demo --simulate --count 1 --address 10.6.7.7/24 --address 10.6.7.9/24 --address fd00::7/64",
  );
  assertEquals(environment.stderr.lines.filter((line) => line.startsWith("Nothing here is real")), [
    "Nothing here is real: a simulated machine pings the addresses of 10.6.7.0/24 and fd00::/64, one a second.",
  ]);
});

Deno.test("serve --simulate says that nothing is pinged where the adapter has no address", async () => {
  const machine = new ChosenMachine();
  await machine.run("create", "demo");
  assertEquals(await machine.run("serve", "demo", "--duration", "0.1"), 0);
  assertEquals(machine.environment.stderr.lines.filter((line) => line.startsWith("Nothing here is real")), [
    "Nothing here is real: there is no address that a simulated machine could ping.",
  ]);
});
