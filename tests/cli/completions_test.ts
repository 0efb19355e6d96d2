import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { main } from "../../src/main.ts";
import { FakeEnvironment } from "./fake_environment.ts";

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const environment = new FakeEnvironment();
  const code = await main(["completions", ...args], environment);
  return { code, out: environment.stdout.text, err: environment.stderr.text };
}

/** What a real bash offers for a line whose last word is being typed. */
async function completedByBash(...line: string[]): Promise<string[]> {
  const { out } = await run("bash");
  const program = `${out}
wintun() { echo '{"schema":1,"adapters":[{"name":"lab"},{"name":"my net"}]}'; }
COMP_WORDS=(${line.map((word) => `'${word}'`).join(" ")}) COMP_CWORD=${line.length - 1}
_wintun
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { code, stdout, stderr } = await new Deno.Command("bash", { args: ["-c", program] }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  return new TextDecoder().decode(stdout).split("\n").filter((word) => word !== "");
}

const inBash = { ignore: Deno.build.os === "windows" };

Deno.test("bash completes commands", inBash, async () => {
  assertEquals(await completedByBash("wintun", "d"), ["delete", "driver", "doctor"]);
  assert((await completedByBash("wintun", "")).includes("serve"));
});

Deno.test("bash completes a command's options, behind other options too", inBash, async () => {
  assertEquals(await completedByBash("wintun", "--json", "create", "lab", "--dr"), ["--dry-run"]);
});

Deno.test("bash completes the names of adapters, with spaces too", inBash, async () => {
  assertEquals(await completedByBash("wintun", "delete", "m"), ["my net"]);
  assertEquals(await completedByBash("wintun", "set", "l"), ["lab"]);
});

Deno.test("the PowerShell script knows every command and its options", async () => {
  const { code, out } = await run("powershell");
  assertEquals(code, 0);
  for (const { name, load } of COMMANDS) {
    const line = out.split("\n").find((text) => text.trim().startsWith(`'${name}' = `))!;
    for (const option of Object.keys((await load()).options)) assertStringIncludes(line, `--${option}`);
  }
});

Deno.test("wintun completions bash --json gives the script as a string", async () => {
  const { out } = await run("bash", "--json");
  assertEquals(JSON.parse(out), { schema: 1, shell: "bash", script: (await run("bash")).out.trimEnd() });
});

for (const args of [[], ["fish"], ["bash", "zsh"]]) {
  Deno.test(`wintun completions ${args.join(" ")} is a usage error that names the shells`, async () => {
    const { code, out, err } = await run(...args);
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(err, "powershell or bash");
  });
}
