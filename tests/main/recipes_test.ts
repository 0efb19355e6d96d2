/** The commands of `wintun help recipes`, on a simulated machine. */

import { assert, assertEquals } from "@std/assert";
import { parse } from "yaml";
import type { Block } from "../../src/cli/program/layout.ts";
import { ACTIONS_STEPS, ANSIBLE_TASKS, recipes } from "../../src/cli/program/topics/recipes.ts";
import { TestFolder } from "../test_folder.ts";
import { readOutput } from "../validation.ts";
import { wordsOf } from "../words_of.ts";
import { run, Running, type Start } from "./program.ts";
import { fileMachineTest } from "../file_machine.ts";

/** What is there before a recipe. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  "Replace an adapter without a gap": [
    "create lab --address 10.77.0.1/24 --route 10.78.0.0/16",
    "serve lab",
  ],
};
/** Commands that a recipe accepts although they fail. */
const FAILING: Readonly<Record<string, number>> = { "stop old-lab --json": 4 };

/** The commands of wintun in lines of code, without their redirections. */
function commandsOf(body: readonly Block[]): string[] {
  const lines = body.flatMap((block) => typeof block !== "string" && "code" in block ? block.code : []);
  return lines.flatMap((line) => {
    const command = /(?:^|: | )wintun ([a-z][^>&]*)/.exec(line)?.[1];
    return command === undefined ? [] : [command.trim()];
  });
}

for (const { title, body } of recipes.sections) {
  const commands = commandsOf(body);
  if (title === undefined) continue;
  fileMachineTest({
    name: `the commands of the recipe "${title}" do on a simulated machine what they shall`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      assert(commands.length > 0);
      await using folder = new TestFolder();
      const start: Start = { env: { WINTUN_SIMULATE: `${folder.path}/machine.json` } };
      const serving: Running[] = [];
      for (const command of [...BEFORE[title] ?? [], ...commands]) {
        const words = wordsOf(command);
        if (words[0] === "serve") {
          const served = new Running(words, start);
          serving.push(served);
          await served.written(/is up|"ready"/);
          continue;
        }
        const { code, stdout, stderr } = await run(words, start);
        assertEquals(code, FAILING[command] ?? 0, `${command}: ${stderr}`);
        // Ansible reads it.
        if (code === 0 && words.includes("--json")) {
          assertEquals(typeof readOutput(words[0], stdout).changed, "boolean");
        }
      }
      await run(["delete", "--all"], start);
      for (const { ended } of serving) await ended;
    },
  });
}

fileMachineTest("an adapter that has replaced another keeps the GUID of its first name", async () => {
  await using folder = new TestFolder();
  const start: Start = { env: { WINTUN_SIMULATE: `${folder.path}/machine.json` } };
  const code = async (command: string): Promise<number> => (await run(wordsOf(command), start)).code;
  assertEquals(await code("create lab-new"), 0);
  assertEquals(await code("set lab-new --name lab"), 0);
  assertEquals(await code("create lab-new"), 5);
  assertEquals(await code("create lab-newer"), 0);
});

fileMachineTest("the workflow for Windows runs the steps of the recipe for GitHub Actions", async () => {
  const workflow = parse(
    await Deno.readTextFile(new URL("../../.github/workflows/windows.yml", import.meta.url)),
  );
  const steps: unknown[] = workflow.jobs.services.steps;
  const first = steps.findIndex((step) =>
    (step as { name?: string }).name === "Make an adapter, and serve it"
  );
  const recipe: unknown[] = parse(ACTIONS_STEPS.join("\n"));
  assertEquals(steps.slice(first, first + recipe.length), recipe);
});

fileMachineTest(
  "the tasks of the recipe for Ansible are YAML, and each says when it has changed something",
  () => {
    const tasks: Record<string, string>[] = parse(ANSIBLE_TASKS.join("\n"));
    for (const { register, changed_when, ...task } of tasks) {
      assertEquals(changed_when, `${register}.rc == 0 and (${register}.stdout | from_json).changed`);
      assert(task["ansible.windows.win_command"].startsWith("wintun "));
    }
  },
);
