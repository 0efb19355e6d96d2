import { assert, assertEquals, assertMatch } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import release from "../../vendor/wintun/release.json" with { type: "json" };
import { main } from "../cli/validated_main.ts";
import { FakeEnvironment } from "../cli/fake_environment.ts";

async function run(...args: string[]): Promise<{ code: number; environment: FakeEnvironment }> {
  const environment = new FakeEnvironment();
  return { code: await main(args, environment), environment };
}

Deno.test("wintun without a command writes the overview to stderr, with the exit code of a usage error", async () => {
  const { environment: asked } = await run("help");
  for (const args of [[], ["--quiet"]]) {
    const { code, environment } = await run(...args);
    assertEquals([code, environment.stdout.text], [2, ""]);
    assertEquals(environment.stderr.text, asked.stdout.text);
  }
});

Deno.test("wintun --json without a command is a usage error that names wintun help", async () => {
  const { code, environment } = await run("--json");
  assertEquals([code, environment.stdout.text], [2, ""]);
  const [{ error }] = environment.stderr.objects;
  assertEquals([error.message, error.hint], ["No command is given.", "Run wintun help to see the commands."]);
});

Deno.test("An unknown command is a usage error, with a suggestion where there is one", async () => {
  const { code, environment } = await run("verison");
  assertEquals([code, environment.stderr.text], [
    2,
    `error: There is no command "verison". Did you mean version?\n`,
  ]);
  const { environment: far } = await run("frobnicate");
  assertEquals(far.stderr.text, `error: There is no command "frobnicate". Run wintun help for the list.\n`);
  for (const [name, meant] of [["remove", "delete"], ["show", "list"], ["ADD", "create"]]) {
    const { environment: other } = await run(name, "lab");
    assertEquals(other.stderr.text, `error: There is no command "${name}". Did you mean ${meant}?\n`);
  }
});

Deno.test("wintun version gives the versions of the project, of wintun.dll and of Deno", async () => {
  const { code, environment } = await run("version");
  assertEquals([code, environment.stderr.text], [0, ""]);
  assertEquals(environment.stdout.lines, [
    `wintun ${project.version} (${Deno.build.os} ${Deno.build.arch})`,
    `wintun.dll ${release.version}`,
    `deno ${Deno.version.deno}, v8 ${Deno.version.v8}`,
  ]);
});

Deno.test("wintun version --json gives one object", async () => {
  const { environment } = await run("version", "--json");
  assertEquals(environment.stdout.objects, [{
    schema: 1,
    version: project.version,
    wintun: release.version,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    os: Deno.build.os,
    arch: Deno.build.arch,
  }]);
});

for (const option of ["--version", "-V"]) {
  Deno.test(`wintun ${option} is wintun version`, async () => {
    const { environment: asked } = await run("version", "--json");
    const { code, environment } = await run(option, "--json");
    assertEquals([code, environment.stdout.text], [0, asked.stdout.text]);
  });
}

Deno.test("an unknown option of a command is refused with the command's help", async () => {
  const { code, environment } = await run("list", "--nosuch");
  assertEquals([code, environment.stderr.text], [
    2,
    "error: There is no option --nosuch. wintun help list shows the options.\n",
  ]);
});

Deno.test("wintun version refuses operands", async () => {
  assertEquals((await run("version", "1")).code, 2);
});

Deno.test({
  name: "Colours are for terminals, and go away with NO_COLOR or --no-color",
  // @std/fmt has no colours at all then.
  ignore: Deno.noColor,
  fn: async () => {
    const isColored = async (isTerminal: boolean, noColor: boolean, ...args: string[]): Promise<boolean> => {
      const environment = new FakeEnvironment();
      environment.stderr.isTerminal = isTerminal;
      environment.noColor = noColor;
      await main(["srve", ...args], environment);
      return environment.stderr.text.includes("\x1b[");
    };
    assert(await isColored(true, false));
    assert(!await isColored(false, false));
    assert(!await isColored(true, true));
    assert(!await isColored(true, false, "--no-color"));
  },
});

Deno.test("Options of every command may stand before its name", async () => {
  const { code, environment } = await run("--json", "--dll", "x.dll", "version");
  assertEquals([code, environment.stdout.objects[0].schema], [0, 1]);
});

Deno.test("An unknown option before the command is a usage error", async () => {
  const { code, environment } = await run("--jsn", "version");
  assertEquals([code, environment.stderr.text], [
    2,
    "error: There is no option --jsn. Did you mean --json?\n",
  ]);
});

Deno.test("With --json a usage error is one object on stderr, wherever --json stands", async () => {
  for (const args of [["--json", "srve"], ["srve", "--json"], ["serve", "lab", "--mtu", "7", "--json"]]) {
    const { code, environment } = await run(...args);
    assertEquals([code, environment.stdout.text], [2, ""]);
    const [{ schema, error }] = environment.stderr.objects;
    assertEquals(schema, 1);
    assertEquals(Object.keys(error), [
      "operation",
      "message",
      "reason",
      "win32",
      "symbol",
      "hint",
      "exitCode",
    ]);
    assertEquals(
      [error.operation, error.reason, error.win32, error.symbol, error.exitCode],
      [null, null, null, null, 2],
    );
  }
});

Deno.test("What follows -- is no output option", async () => {
  const { environment } = await run("srve", "--", "--json");
  assertMatch(environment.stderr.text, /^error: /);
});
