import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { valueForm } from "../../../src/cli/arguments/options.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { shortHelp } from "../../../src/cli/program/pages.ts";
import { TOPICS } from "../../../src/cli/program/topics.ts";
import { completeSchema, schemaNames } from "../../../src/cli/json_schemas.ts";
import { main } from "../validated_main.ts";
import { FakeEnvironment } from "../fake_environment.ts";

async function run(...args: string[]): Promise<{ code: number; environment: FakeEnvironment }> {
  const environment = new FakeEnvironment();
  return { code: await main(args, environment), environment };
}

/** Returns the output of a command line that succeeds, on a terminal of that width. */
async function linesAt(width: number, ...args: string[]): Promise<string[]> {
  const environment = new FakeEnvironment();
  environment.stdout.isTerminal = true;
  environment.noColor = true;
  environment.stdout.width = width;
  assertEquals([await main(args, environment), environment.stderr.text], [0, ""]);
  return environment.stdout.lines;
}

const NAMES = [...COMMANDS, ...TOPICS].map(({ name }) => name);

/** All command lines that explain something. */
const EXPLANATIONS = [
  ["help"],
  ...NAMES.map((name) => ["help", name]),
  ...COMMANDS.map(({ name }) => [name, "-h"]),
];

for (const args of [["help"], ["--help"], ["-h"]]) {
  Deno.test(`wintun ${args} lists every command and topic with its summary`, async () => {
    const { code, environment } = await run(...args);
    assertEquals([code, environment.stderr.text], [0, ""]);
    for (const { name, summary } of [...COMMANDS, ...TOPICS]) {
      const pattern = new RegExp(`^ {2}${name} +${RegExp.escape(summary)}$`);
      assert(environment.stdout.lines.some((line) => pattern.test(line)), name);
    }
  });
}

for (const command of COMMANDS) {
  Deno.test(`wintun help ${command.name} explains every option`, async () => {
    const { code, environment } = await run("help", command.name);
    assertEquals([code, environment.stderr.text], [0, ""]);
    const { text, lines } = environment.stdout;
    assertStringIncludes(text, `wintun ${command.name} ${command.usage}\n`);
    for (const [name, option] of Object.entries(command.options)) {
      assertStringIncludes(text, `--${name}${valueForm(option)}${option.kind === "repeated" ? "" : "\n"}`);
      assert(/[.)]$/.test(option.help), `the help of --${name} is a sentence`);
    }
    for (const section of ["Usage", "Options of every command", "Examples", "Exit codes"]) {
      assert(lines.includes(section));
    }
    assert(!text.includes("undefined"));
  });

  Deno.test(`wintun ${command.name} --help says the same as wintun help ${command.name}`, async () => {
    const { environment: asked } = await run("help", command.name);
    for (
      const args of [[command.name, "--help"], [command.name, "x", "--help", "-h"], ["--help", command.name]]
    ) {
      const { code, environment } = await run(...args);
      assertEquals([code, environment.stdout.text], [0, asked.stdout.text]);
    }
  });

  Deno.test(`wintun ${command.name} -h has one line for each option, at 80 columns`, async () => {
    const lines = await linesAt(80, command.name, "-h");
    for (const [name, option] of Object.entries(command.options)) {
      const pattern = new RegExp(`^ {2}(-., )?--${name}[ [].*${RegExp.escape(shortHelp(option))}$`);
      assertEquals(lines.filter((line) => pattern.test(line)).length, 1, `--${name}`);
    }
    assert(lines.some((line) => /^ {2}-q, --quiet {2}/.test(line)));
  });

  Deno.test(`wintun help ${command.name} --json gives the options and exit codes`, async () => {
    const { environment } = await run("help", command.name, "--json");
    const [{ schema, command: described }] = environment.stdout.objects;
    assertEquals([schema, described.name], [1, command.name]);
    assert(described.options.some(({ name }: { name: string }) => name === "--json"));
    assertEquals(described.exitCodes.slice(0, 3).map(({ code }: { code: number }) => code), [0, 1, 2]);
  });
}

for (const width of [120, 80, 60, 40, 20]) {
  Deno.test(`Help has no line longer than a terminal of ${width} columns, unless a single word is`, async () => {
    // Help is never narrower than this.
    const most = Math.max(width, 40);
    for (const args of EXPLANATIONS) {
      const isTooLong = (line: string): boolean => line.length > most && line.trim().includes(" ");
      assertEquals((await linesAt(width, ...args)).filter(isTooLong), [], args.join(" "));
    }
  });
}

Deno.test("Help fills a wide terminal up to 100 columns, and is as wide as 80 where there is none", async () => {
  const widest = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length));
  assertEquals(widest(await linesAt(500, "help", "serve")) > 90, true);
  assertEquals(widest(await linesAt(500, "help", "serve")) <= 100, true);
  const { environment } = await run("help", "serve");
  environment.stdout.width = 500;
  assertEquals(environment.stdout.lines, await linesAt(80, "help", "serve"));
});

Deno.test("wintun help --json lists the commands and topics", async () => {
  const { environment } = await run("help", "--json");
  assertEquals(environment.stdout.objects, [{
    schema: 1,
    commands: COMMANDS.map(({ name, summary }) => ({ name, summary })),
    topics: TOPICS.map(({ name, summary }) => ({ name, summary })),
  }]);
});

for (const { name, summary } of TOPICS) {
  Deno.test(`wintun help ${name} explains the topic, with --json as one object`, async () => {
    const { code, environment } = await run("help", name);
    assertEquals([code, environment.stderr.text], [0, ""]);
    const { environment: asked } = await run("help", name, "--json");
    const text = environment.stdout.text.trimEnd();
    const [{ topic }] = asked.stdout.objects;
    assertEquals(topic, { name, summary, text });
  });
}

for (const name of schemaNames()) {
  Deno.test(`wintun help json ${name} prints the schema, with --json as one object`, async () => {
    const { code, environment } = await run("help", "json", name);
    assertEquals([code, JSON.parse(environment.stdout.text)], [0, completeSchema(name)]);
    const { environment: asked } = await run("help", "json", name, "--json");
    assertEquals(asked.stdout.objects, [{ schema: 1, jsonSchema: completeSchema(name) }]);
  });
}

Deno.test("wintun help json names the schema that was probably meant", async () => {
  const { code, environment } = await run("help", "json", "creat");
  assertEquals([code, environment.stderr.text], [
    2,
    'error: There is no schema "creat". Did you mean create?\n',
  ]);
  const { environment: other } = await run("help", "json", "nonsense");
  assertMatch(other.stderr.text, /Run wintun help json for the list\./);
  assertEquals((await run("help", "json", "create", "list")).code, 2);
});

Deno.test("No topic has the name of a command", () => {
  assertEquals(NAMES.length, new Set(NAMES).size);
});

Deno.test("Every command and topic that help refers to is there", async () => {
  let references = 0;
  for (const args of EXPLANATIONS) {
    const text = (await linesAt(80, ...args)).join(" ").replaceAll(/ +/g, " ");
    for (const [, name] of text.matchAll(/wintun help ([a-z-]+)/g)) {
      references++;
      assert(NAMES.includes(name), `${args.join(" ")} refers to wintun help ${name}`);
    }
  }
  assert(references > 20, `${references}`);
});

Deno.test("wintun help of an unknown name is a usage error that names the nearest ones", async () => {
  for (
    const [name, hint] of [
      ["srve", "Did you mean serve?"],
      ["adapter", "Did you mean adapters?"],
      ["exit", "Did you mean exit-codes?"],
      ["c", "Run wintun help for the list."],
      ["de", "Did you mean delete?"],
      ["do", "Did you mean doctor?"],
      ["set-", "Did you mean set?"],
      ["frobnicate", "Run wintun help for the list."],
      ["keeper", "Run wintun help for the list."],
    ]
  ) {
    const { code, environment } = await run("help", name);
    assertEquals([code, environment.stdout.text], [2, ""]);
    assertEquals(environment.stderr.text, `error: There is no command or topic "${name}". ${hint}\n`);
  }
});

Deno.test("wintun help takes one name", async () => {
  assertEquals((await run("help", "serve", "version")).code, 2);
});
