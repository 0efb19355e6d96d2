import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { Output } from "../../../src/cli/process/output.ts";
import { main } from "../../../src/main.ts";
import { CapturedStream, FakeEnvironment } from "../fake_environment.ts";

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const environment = new FakeEnvironment();
  const code = await main(["completions", ...args], environment);
  return { code, out: environment.stdout.text, err: environment.stderr.text };
}

/** Names of adapters that a shell would act on, or take apart. */
const HOSTILE = [
  "my net",
  "$(touch executed)",
  "`touch executed`",
  "x;touch executed",
  "*",
  "~",
  "$HOME",
  "it's",
  'say "hi"',
  "back\\slash",
  " spaces  around ",
  "Büro 測試 🦊",
];

/** As `wintun list --json` writes it. */
function listing(adapters: unknown): string {
  const stdout = new CapturedStream();
  const output = new Output(stdout, new CapturedStream(), {
    json: true,
    quiet: false,
    verbose: false,
    paints: undefined,
  });
  output.resultJson({ adapters });
  return stdout.lines[0];
}

/** What a real bash offers for a line whose last word is being typed, and what it takes each offer for when it runs it. */
async function completedByBash(...line: string[]): Promise<{ offered: string[]; taken: string[] }> {
  const { out } = await run("bash");
  const program = `${out}
wintun() { printf '%s\\n' "$ADAPTERS"; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_wintun
for offer in "\${COMPREPLY[@]}"; do
  printf '%s\\0' "$offer"
  eval "printf '%s\\0' $offer"
done`;
  const adapters = ["lab", ...HOSTILE].map((name) => ({ name, type: 'T"name":"no"' }));
  const cwd = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", program, "bash", ...line],
      cwd,
      env: { ADAPTERS: listing(adapters), LC_ALL: "C.UTF-8" },
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    assertEquals(await Array.fromAsync(Deno.readDir(cwd)), [], "something was executed");
    const texts = new TextDecoder().decode(stdout).split("\0").slice(0, -1);
    return {
      offered: texts.filter((_, index) => index % 2 === 0),
      taken: texts.filter((_, index) => index % 2 === 1),
    };
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

const inBash = { ignore: Deno.build.os === "windows" };

Deno.test("bash completes commands", inBash, async () => {
  assertEquals((await completedByBash("wintun", "d")).offered, ["delete", "driver", "doctor"]);
  assert((await completedByBash("wintun", "")).offered.includes("serve"));
});

Deno.test("bash completes a command's options, behind other options too", inBash, async () => {
  const { offered } = await completedByBash("wintun", "--json", "create", "lab", "--dr");
  assertEquals(offered, ["--dry-run"]);
});

Deno.test("bash completes the names of adapters, and has spaces in them quoted", inBash, async () => {
  assertEquals((await completedByBash("wintun", "set", "l")).offered, ["lab"]);
  assertEquals((await completedByBash("wintun", "delete", "m")).offered, ["my\\ net"]);
  assertEquals((await completedByBash("wintun", "delete", "my\\ n")).offered, ["my\\ net"]);
});

Deno.test(
  "bash executes nothing that is in an adapter's name, and takes each offer for that name",
  inBash,
  async () => {
    const { taken } = await completedByBash("wintun", "delete", "");
    assertEquals(taken.filter((word) => !word.startsWith("--")), ["lab", ...HOSTILE]);
    for (const name of HOSTILE) {
      assertEquals((await completedByBash("wintun", "serve", name)).taken, [name]);
    }
  },
);

Deno.test("the PowerShell script knows every command and its options", async () => {
  const { code, out } = await run("powershell");
  assertEquals(code, 0);
  for (const { name, options } of COMMANDS) {
    const line = out.split("\n").find((text) => text.trim().startsWith(`'${name}' = `))!;
    for (const option of Object.keys(options)) assertStringIncludes(line, `--${option}`);
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
