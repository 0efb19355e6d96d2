/**
 * Stories: what people who run networks do with wintun, as scripts for bash. A script runs unchanged on a simulated
 * machine and on Windows. What it needs besides wintun, the PATH has: the commands of `MachineCommands`.
 */

import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { TestFolder } from "../test_folder.ts";
import type { MachineCommands } from "./machine.ts";
import { type Call, transcriptOf } from "./transcript.ts";

const FOLDER = new URL("./", import.meta.url);
const TIMEOUT_MS = 300_000;
/** The bash.exe that Windows itself has belongs to its subsystem for Linux. */
const BASH = Deno.build.os === "windows" ? "C:\\Program Files\\Git\\bin\\bash.exe" : "bash";

/** The names of all stories. */
export const STORIES: readonly string[] = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name)
  .filter((name) => name.endsWith(".sh")).map((name) => name.slice(0, -".sh".length)).sort();

/** Whether a machine has all commands that a story uses. */
export function canTell(story: string, machine: MachineCommands): boolean {
  const script = Deno.readTextFileSync(scriptOf(story));
  return ["other-program", "restart-windows"].every((command) =>
    command in machine || !new RegExp(`^ *${command}\\b`, "m").test(script)
  );
}

/** Runs a story and compares its transcript with the one that is the same everywhere. */
export async function tell(story: string, machine: MachineCommands): Promise<void> {
  assertEquals(await transcribe(story, machine), await Deno.readTextFile(transcriptFileOf(story)));
}

/** Runs a story, and returns its transcript. */
export async function transcribe(story: string, machine: MachineCommands): Promise<string> {
  await using folder = new TestFolder();
  const paths = { bin: `${folder.path}/bin`, calls: `${folder.path}/calls`, work: `${folder.path}/work` };
  for (const path of Object.values(paths)) await Deno.mkdir(path);
  for (const [name, line] of Object.entries(machine)) {
    const script = name === "wintun" ? recorded(line, paths.calls) : `#!/usr/bin/env bash\n${line}\n`;
    await Deno.writeTextFile(`${paths.bin}/${name}`, script, { mode: 0o755 });
  }
  const separator = Deno.build.os === "windows" ? ";" : ":";
  const command = new Deno.Command(BASH, {
    args: ["-u", fromFileUrl(scriptOf(story))],
    cwd: paths.work,
    env: {
      PATH: `${paths.bin}${separator}${Deno.env.get("PATH")}`,
      // Git's bash would take fd77::1/64 for two paths.
      MSYS_NO_PATHCONV: "1",
      STORY: folder.path,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { code, stdout } = await command.output();
  const text = new TextDecoder();
  const calls = await readCalls(paths.calls);
  const said = text.decode(stdout).split(/\r?\n/).filter((line) => !/^([{[]|$)/.test(line));
  const lines = [...said.map((line) => `The script says: ${line}`), `The script ends with ${code}.`];
  return `${transcriptOf(calls)}\n${lines.map((line) => `${line}\n`).join("")}`;
}

/** The path of the transcript that a story has on every machine. */
export function transcriptFileOf(story: string): URL {
  return new URL(`${story}.expected`, FOLDER);
}

function scriptOf(story: string): URL {
  return new URL(`${story}.sh`, FOLDER);
}

/** A script that runs wintun and keeps its arguments, its output and its exit code. Calls are numbered as they start. */
function recorded(line: string, calls: string): string {
  return `#!/usr/bin/env bash
run() { ${line}; }
number=1
until mkdir "${calls}/$number" 2>/dev/null; do number=$((number + 1)); done
call="${calls}/$number"
printf '%s\\0' "$@" >"$call/arguments"
# Not a pipe: under Wine, processes that the command leaves behind would keep that of stderr open.
run "$@" 2>"$call/stderr" | tee "$call/stdout"
code=\${PIPESTATUS[0]}
cat "$call/stderr" >&2
echo "$code" >"$call/code"
exit "$code"
`;
}

async function readCalls(folder: string): Promise<Call[]> {
  const numbers = Array.from(Deno.readDirSync(folder), ({ name }) => Number(name)).sort((a, b) => a - b);
  return await Promise.all(numbers.map(async (number) => {
    const read = (name: string): Promise<string> => Deno.readTextFile(`${folder}/${number}/${name}`);
    const [args, code, stdout, stderr] = await Promise.all(
      ["arguments", "code", "stdout", "stderr"].map(read),
    );
    return { args: args.split("\0").slice(0, -1), code: Number(code), stdout, stderr };
  }));
}
