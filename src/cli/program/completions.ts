import { type Command, defineCommand } from "../command.ts";
import { EXIT } from "../process/exit_codes.ts";
import { GLOBAL_OPTIONS, type Options } from "../arguments/options.ts";
import { UsageError } from "../arguments/usage_error.ts";

/** Commands whose operands are adapters that exist. */
const TAKES_ADAPTERS = ["list", "set", "delete", "serve"];

const SHELLS: Readonly<Record<string, (words: ReadonlyMap<string, readonly string[]>) => string>> = {
  powershell: powershellScript,
  bash: bashScript,
};

export const completions: Command = defineCommand({
  name: "completions",
  summary: "Print a script that completes commands in the shell",
  usage: "powershell|bash",
  description: [
    "Prints a script that makes the shell complete commands, options and the names of adapters. " +
    "Loads no driver and needs no administrator.",
  ],
  options: {},
  examples: [
    {
      command: "wintun completions powershell | Out-String | Invoke-Expression",
      does: "Complete in this PowerShell; put the line into $PROFILE to have it in every one",
    },
    {
      command: 'eval "$(wintun completions bash)"',
      does: "Complete in this bash, such as that of Git for Windows",
    },
  ],
  run({ output, commands }, { operands }): number {
    const [shell, ...others] = operands;
    const known = Object.keys(SHELLS).join(" or ");
    if (shell === undefined || others.length > 0) {
      throw new UsageError(`completions takes one shell: ${known}.`);
    }
    if (!Object.hasOwn(SHELLS, shell)) {
      throw new UsageError(`There are no completions for "${shell}", only for ${known}.`);
    }
    const script = SHELLS[shell](wordsByCommand(commands)).trimEnd();
    if (output.json) output.resultJson({ shell, script });
    else output.result(script);
    return EXIT.done;
  },
});

/** What can follow each command; under "", what can follow the program's name. */
function wordsByCommand(commands: readonly Command[]): Map<string, string[]> {
  const optionWords = (options: Options): string[] => Object.keys(options).map((name) => `--${name}`);
  const names = commands.map(({ name }) => name);
  const words = new Map([["", [...names, ...optionWords(GLOBAL_OPTIONS)]]]);
  for (const { name, options } of commands) {
    words.set(name, optionWords({ ...options, ...GLOBAL_OPTIONS }));
  }
  words.get("help")!.unshift(...names);
  words.get("driver")!.unshift("status", "uninstall");
  words.get("completions")!.unshift(...Object.keys(SHELLS));
  return words;
}

/** Names of adapters may hold whatever the shell would act on: they are compared as text, and offered quoted. */
function bashScript(words: ReadonlyMap<string, readonly string[]>): string {
  const cases = Array.from(words, ([command, follow]) => `    "${command}") words='${follow.join("\n")}' ;;`);
  return `_wintun() {
  local current=\${COMP_WORDS[COMP_CWORD]} command= word words= quoted character
  local pair='\\\\u(d[89ab][0-9a-f]{2})\\\\u(d[c-f][0-9a-f]{2})'
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command in
${cases.join("\n")}
  esac
  case $command in
    ${TAKES_ADAPTERS.join("|")})
      while IFS= read -r word; do
        while [[ $word =~ $pair ]]; do
          printf -v character '\\\\U%x' $((0x10000 + ((0x\${BASH_REMATCH[1]} & 0x3ff) << 10) + (0x\${BASH_REMATCH[2]} & 0x3ff)))
          word=\${word/"\${BASH_REMATCH[0]}"/"$character"}
        done
        printf -v word %b "$word"
        words+=$'\\n'$word
      done < <("\${COMP_WORDS[0]}" list --json 2>/dev/null | grep -oE '"name":"([^"\\\\]|\\\\.)*"' |
        sed -E 's/^"name":"(.*)"$/\\1/; s/\\\\"/"/g') ;;
  esac
  COMPREPLY=()
  while IFS= read -r word; do
    printf -v quoted %q "$word"
    if [[ -n $word && ($word == "$current"* || $quoted == "$current"*) ]]; then COMPREPLY+=("$quoted"); fi
  done <<<"$words"
}
complete -F _wintun wintun wintun.exe
`;
}

function powershellScript(words: ReadonlyMap<string, readonly string[]>): string {
  const table = Array.from(words, ([command, follow]) => `    '${command}' = '${follow.join(" ")}'`);
  return `Register-ArgumentCompleter -Native -CommandName wintun -ScriptBlock {
  param($word, $ast, $position)
  $words = @{
${table.join("\n")}
  }
  $given = @($ast.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { $_.ToString() })
  $command = @($given | Where-Object { $_ -notlike '-*' })[0]
  $found = @($words["$command"] -split ' ')
  if (@(${TAKES_ADAPTERS.map((name) => `'${name}'`).join(", ")}) -contains $command) {
    $found += @((& $ast.CommandElements[0].ToString() list --json 2>$null | ConvertFrom-Json).adapters.name)
  }
  $found | Where-Object { $_ -and $_.StartsWith($word, 'OrdinalIgnoreCase') } | ForEach-Object {
    $text = $_
    if ($_ -notmatch '^[-.\\w]+$') {
      $text = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($_) + "'"
    }
    [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
  }
}
`;
}
