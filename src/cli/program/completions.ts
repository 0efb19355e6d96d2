import { type Command, defineCommand } from "../command.ts";
import { EXIT } from "../process/exit_codes.ts";
import { UsageError } from "../arguments/usage_error.ts";

/**
 * The script for bash. COMP_WORDS holds the words as they were typed, and the name of an adapter may have characters that are
 * special in the shell. So a candidate is compared with the word both unquoted and quoted, and is offered quoted.
 */
const BASH = `_wintun() {
  local current=\${COMP_WORDS[COMP_CWORD]} word quoted
  if [[ $current == "=" ]]; then current=; fi
  COMPREPLY=()
  while IFS= read -r word; do
    quoted=$word
    if [[ ! $word =~ ^[-.,[:alnum:]]+$ ]]; then printf -v quoted %q "$word"; fi
    if [[ $word == "$current"* || $quoted == "$current"* ]]; then COMPREPLY+=("$quoted"); fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
}
complete -F _wintun wintun wintun.exe
`;

/** The script for PowerShell. It asks for JSON, which is ASCII, because Windows PowerShell decodes with the console's code page. */
const POWERSHELL = `Register-ArgumentCompleter -Native -CommandName wintun -ScriptBlock {
  param($word, $ast, $position)
  $given = @($ast.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { $_.ToString() })
  $found = & $ast.GetCommandName() complete --json '--' @given 2>$null | ConvertFrom-Json
  $found.candidates | Where-Object { $_ -and $_.StartsWith($word, 'OrdinalIgnoreCase') } | ForEach-Object {
    $text = $_
    if ($_ -notmatch '^[-.\\w]+$') {
      $text = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($_) + "'"
    }
    [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
  }
}
`;

const SCRIPTS: Readonly<Record<string, string>> = { powershell: POWERSHELL, bash: BASH };

export const completions: Command = defineCommand({
  name: "completions",
  summary: "Print a script that completes commands in the shell",
  usage: "powershell|bash",
  description: [
    "Prints a script that makes the shell complete commands, options, their values and the names of adapters. " +
    "Loads no driver and needs no administrator.",
  ],
  options: {},
  operandChoices: () => Object.keys(SCRIPTS),
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
