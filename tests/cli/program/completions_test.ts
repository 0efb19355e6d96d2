import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../validated_main.ts";
import type { Host } from "../../../src/tun/host.ts";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { FakeEnvironment } from "../fake_environment.ts";
import { other } from "../machine.ts";

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const environment = new FakeEnvironment();
  const code = await main(["completions", ...args], environment);
  return { code, out: environment.stdout.text, err: environment.stderr.text };
}

/** Names of adapters with characters that are special in a shell. */
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

/** A machine with adapters of these names. */
function hostWith(names: readonly string[]): Host {
  const host = new SimulatedHost();
  host.list = () => Promise.resolve(names.map((name) => other({ name })));
  return host;
}

/** Returns the words that the program offers after the words of a line. */
async function candidatesAfter(words: readonly string[]): Promise<string> {
  const environment = new FakeEnvironment();
  environment.host = () => hostWith(["lab", ...HOSTILE]);
  assertEquals(await main(["complete", "--", ...words], environment), 0);
  assertEquals(environment.stderr.text, "");
  return environment.stdout.text;
}

/** Returns the offers of a real bash for the last word of a line, and the word that bash reads when each offer is run. */
async function completedByBash(...line: string[]): Promise<{ offered: string[]; taken: string[] }> {
  const { out } = await run("bash");
  const before = line.slice(1, -1);
  const program = `${out}
wintun() { [[ "$*" == "$CALL" ]] && printf %s "$CANDIDATES"; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_wintun
for offer in "\${COMPREPLY[@]}"; do
  printf '%s\\0' "$offer"
  eval "printf '%s\\0' $offer"
done`;
  const cwd = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", program, "bash", ...line],
      cwd,
      env: {
        CALL: ["complete", "--", ...before].join(" "),
        CANDIDATES: await candidatesAfter(before),
        LC_ALL: "C.UTF-8",
      },
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

Deno.test(
  "bash completes the values of an option, behind a space and behind an equals sign",
  inBash,
  async () => {
    assertEquals((await completedByBash("wintun", "serve", "lab", "--echo", "i")).offered, [
      "icmp",
      "icmp,udp",
    ]);
    const all = ["icmp", "udp", "icmp,udp", "none"];
    // bash passes an equals sign as a separate word.
    assertEquals((await completedByBash("wintun", "serve", "--echo", "=")).offered, all);
    assertEquals((await completedByBash("wintun", "serve", "--echo", "=", "n")).offered, ["none"]);
  },
);

Deno.test("bash completes with what the program itself prints", inBash, async () => {
  const { out } = await run("bash");
  const program = `${out}
wintun() { "$DENO" run --allow-ffi --allow-read --allow-env "$MAIN" "$@"; }
COMP_WORDS=(wintun help d) COMP_CWORD=2
_wintun
echo "\${COMPREPLY[*]}"`;
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", program],
    env: {
      DENO: Deno.execPath(),
      MAIN: new URL("../../../src/main.ts", import.meta.url).href,
      NO_COLOR: "1",
    },
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "delete driver doctor dsc dll\n");
});

Deno.test("the PowerShell script asks the program for JSON, which it reads alike in every code page", async () => {
  const { code, out } = await run("powershell");
  assertEquals(code, 0);
  assertStringIncludes(out, "complete --json '--' @given");
  assertStringIncludes(out, "-notmatch '^[-.\\w]+$'");
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
