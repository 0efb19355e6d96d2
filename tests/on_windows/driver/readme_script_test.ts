import { assert, assertEquals } from "@std/assert";
import { must } from "../adapters.ts";

/** The commands in the README's PowerShell script, as words. */
async function commandsOfScript(): Promise<string[][]> {
  const readme = await Deno.readTextFile(new URL("../../../README.md", import.meta.url));
  const script = /```powershell\n([\s\S]*?)```/.exec(readme)![1];
  return script.split("\n").filter((line) => /^ {2}wintun /.test(line)).map((line) =>
    line.trim().split(" ").slice(1)
  );
}

Deno.test("the commands of the README's script change nothing when they are run again", async () => {
  const commands = await commandsOfScript();
  assert(commands.length >= 3);
  try {
    const changed = async (): Promise<boolean[]> => {
      const answers: boolean[] = [];
      for (const words of commands) answers.push((await must(...words)).changed);
      return answers;
    };
    assertEquals((await changed())[0], true);
    assertEquals(await changed(), commands.map(() => false));
  } finally {
    await must("delete", "--all");
  }
});
