/** The table of settings in README, line by line. */

import { assert, assertEquals } from "@std/assert";
import { settingsLines } from "../../readme.ts";
import { wordsOf } from "../../words_of.ts";
import { machineTest } from "../machine.ts";

const sets = settingsLines.filter((line) => line.startsWith("set "));
const others = settingsLines.filter((line) => !line.startsWith("set "));

Deno.test("README's table has exactly these lines", () => {
  assert(sets.length >= 15, `${sets.length}`);
  assertEquals(others, ["create lab", "delete lab", "watch lab", "list lab --wait up --timeout 60"]);
});

for (const line of sets) {
  machineTest(`README's table: wintun ${line} changes what it names`, async (machine) => {
    await machine.ask("create", "lab", "--address", "10.77.0.2/24");
    // The line that takes settings back needs some.
    if (line.includes("none")) {
      await machine.ask("set", "lab", "--route", "10.78.0.0/16", "--dns", "10.77.0.53", "--mtu", "1400");
    }
    const words = wordsOf(line);
    const { changed, changes } = await machine.ask(...words);
    const named = words.filter((word) => word.startsWith("--")).map((word) => word.slice(2));
    assertEquals([changed, changes.map(({ setting }: { setting: string }) => setting).sort()], [
      true,
      [...new Set(named)].sort(),
    ]);
    if (!words.includes("--name")) assertEquals((await machine.ask(...words)).changed, false);
  });
}

machineTest("README's table: an adapter is made, watched, waited for and removed", async (machine) => {
  for (
    const line of [
      "create lab",
      "watch lab --duration 0.1",
      "list lab --wait down --timeout 60",
      "delete lab",
    ]
  ) {
    assertEquals(await machine.run(...wordsOf(line)), 0, line);
  }
});
