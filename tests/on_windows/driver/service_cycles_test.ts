import { assertEquals } from "@std/assert";
import { adapterTest, must } from "../adapters.ts";
import { traces } from "../traces.ts";

/** The long tests ask for more. */
const CYCLES = Number(Deno.env.get("WINTUN_TEST_CYCLES") ?? 10);

/** Paths of the programs that run (tasklist), with how often each does. */
async function processes(): Promise<string[]> {
  const { stdout } = await new Deno.Command("tasklist", { args: ["/fo", "csv", "/nh"] }).output();
  const lines = new TextDecoder().decode(stdout).split(/\r?\n/);
  return lines.map((line) => line.split(",")[0]).filter((name) => /wintun|deno/i.test(name)).sort();
}

adapterTest(`${CYCLES} times create and delete leave no process, service, key, device and file`, async () => {
  const before = [traces(), await processes()];
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    await must("create", "lab", "--address", "10.77.0.1/24", "--mtu", "1400");
    await must("delete", "lab");
    // At once: delete returns when all of it is gone.
    assertEquals([traces(), await processes()], before, `after cycle ${cycle + 1}`);
  }
});
