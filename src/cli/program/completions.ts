import { type Command, defineCommand } from "../command.ts";
import { EXIT } from "../process/exit_codes.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { BASH_SCRIPT } from "./bash_script.ts";
import { POWERSHELL_SCRIPT } from "./powershell_script.ts";

const SCRIPTS: Readonly<Record<string, string>> = {
  powershell: POWERSHELL_SCRIPT,
  bash: BASH_SCRIPT,
};

export const completions: Command = defineCommand({
  name: "completions",
  summary: "Print a script that completes commands in the shell",
  usage: "powershell|bash",
  description: [
    "Prints a script that makes the shell complete commands, options, their values and the names of adapters. " +
    "Loads no driver and needs no administrator.",
    "The script for PowerShell also defines Invoke-Wintun, which returns objects; see wintun help powershell.",
  ],
  options: {},
  operandChoices: () =>
    Object.keys(SCRIPTS).map((shell) => ({ text: shell, help: `Print the script for ${shell}` })),
  examples: [
    {
      command: "wintun completions powershell | Out-String | Invoke-Expression",
      does: "Complete in this PowerShell. Put the line into $PROFILE to complete in every one",
    },
    {
      command: 'eval "$(wintun completions bash)"',
      does: "Complete in this bash, such as that of Git for Windows",
    },
  ],
  run({ output }, { operands }): number {
    const [shell, ...others] = operands;
    const known = Object.keys(SCRIPTS).join(" or ");
    if (shell === undefined || others.length > 0) {
      throw new UsageError(`completions takes one shell: ${known}.`);
    }
    if (!Object.hasOwn(SCRIPTS, shell)) {
      throw new UsageError(`There are no completions for "${shell}", only for ${known}.`);
    }
    const script = SCRIPTS[shell].trimEnd();
    if (output.json) output.resultJson({ shell, script });
    else output.result(script);
    return EXIT.done;
  },
});
