import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { GLOBAL_OPTIONS } from "../../../src/cli/arguments/options.ts";
import { schemaNames } from "../../../src/cli/json_schemas.ts";
import { TOPICS } from "../../../src/cli/program/topics.ts";
import { main } from "../validated_main.ts";
import { FakeEnvironment } from "../fake_environment.ts";
import { machineTest, other } from "../machine.ts";

async function wordsAfter(...words: string[]): Promise<string[]> {
  const environment = new FakeEnvironment();
  assertEquals(await main(["complete", "--", ...words], environment), 0);
  assertEquals(environment.stderr.text, "");
  return environment.stdout.lines;
}

const globals = Object.keys(GLOBAL_OPTIONS).map((name) => `--${name}`);

Deno.test("complete prints the commands and the options that may stand before them", async () => {
  const expected = [...COMMANDS.map(({ name }) => name), ...globals];
  assertEquals(await wordsAfter(), expected);
  assertEquals(await wordsAfter("--json", "--dll", "x.dll"), expected);
  assert(!expected.includes("complete") && !expected.includes("keeper"));
});

for (const { name, options } of COMMANDS) {
  Deno.test(`complete prints every option of ${name}`, async () => {
    const words = await wordsAfter("-q", name, "--json");
    for (const option of [...Object.keys(options).map((one) => `--${one}`), ...globals]) {
      assertEquals(words.filter((word) => word === option), [option]);
    }
  });
}

Deno.test("complete prints the values of an option that has few, and none for another", async () => {
  const kinds = ["icmp", "udp", "icmp,udp", "none"];
  assertEquals(await wordsAfter("serve", "lab", "--echo"), kinds);
  assertEquals(await wordsAfter("serve", "lab", "--echo", "="), kinds);
  assertEquals(await wordsAfter("serve", "lab", "--forwarding"), ["on", "off", "default", "none"]);
  assertEquals(await wordsAfter("serve", "lab", "--address"), ["none"]);
  assertEquals(await wordsAfter("serve", "lab", "--count"), []);
  assertEquals(await wordsAfter("--dll"), []);
  assert((await wordsAfter("serve", "lab", "--echo=none")).includes("--mtu"));
  assert((await wordsAfter("serve", "lab", "--json")).includes("--mtu"));
});

Deno.test("complete prints the operands of driver, completions and help", async () => {
  assertEquals((await wordsAfter("driver")).slice(0, 2), ["status", "uninstall"]);
  assertEquals((await wordsAfter("completions")).slice(0, 2), ["powershell", "bash"]);
  const pages = [...COMMANDS, ...TOPICS].map(({ name }) => name);
  assertEquals((await wordsAfter("help")).slice(0, pages.length), pages);
  const schemas = schemaNames();
  assertEquals((await wordsAfter("help", "json")).slice(0, schemas.length), schemas);
});

Deno.test("complete prints nothing behind a command that there is not", async () => {
  assertEquals(await wordsAfter("srve"), []);
  assertEquals(await wordsAfter("keeper"), []);
});

machineTest("complete prints the names of adapters for the commands that take them", async (machine) => {
  machine.others = [other({ name: "wg0" }), other({ name: "東京" }), other({ name: "two\nlines" })];
  await machine.run("create", "lab");
  const names = async (...words: string[]): Promise<string[]> => {
    assertEquals(await machine.run("complete", "--", ...words), 0);
    return machine.environment.stdout.lines.filter((word) => !word.startsWith("--"));
  };
  for (const command of ["list", "set", "delete", "serve", "stop"]) {
    assertEquals(await names(command), ["lab", "wg0", "東京"], command);
  }
  assertEquals(await names("create"), []);
  assertEquals(await names("delete", "lab", "--"), ["lab", "wg0", "東京"]);
});

machineTest(
  "complete prints the names on the simulated machine of the line, and no real ones",
  async (machine) => {
    machine.others = [other({ name: "real" })];
    const names = async (...words: string[]): Promise<(string | true | undefined)[]> => {
      machine.environment.simulatedPlace = undefined;
      assertEquals(await machine.run("complete", "--", ...words), 0);
      const found = machine.environment.stdout.lines.filter((word) => !word.startsWith("--"));
      return [machine.environment.simulatedPlace, ...found];
    };
    assertEquals(await names("set"), [undefined, "real"]);
    assertEquals(await names("set", "--simulate"), [true]);
    assertEquals(await names("set", "--simulate=lab.json"), ["lab.json"]);
    // As bash passes it.
    assertEquals(await names("set", "--simulate", "=", "lab.json"), ["lab.json"]);
    assertEquals(await names("simulate", "--simulate=lab.json", "remove"), ["lab.json"]);
  },
);

machineTest("complete --json gives one object in ASCII", async (machine) => {
  machine.others = [other({ name: "東京" })];
  assertEquals(await machine.run("complete", "--json", "--", "set"), 0);
  const { stdout } = machine.environment;
  assert(/^[ -~]+$/.test(stdout.lines[0]), stdout.lines[0]);
  const [{ schema, candidates }] = stdout.objects;
  assertEquals([schema, candidates[0].text], [1, "東京"]);
});

machineTest("complete --json tells what each word is, with a text that is never empty", async (machine) => {
  const candidates = async (...words: string[]): Promise<Record<string, string>[]> => {
    assertEquals(await machine.run("complete", "--json", "--", ...words), 0);
    return machine.environment.stdout.objects[0].candidates;
  };
  await machine.run("create", "lab", "--address", "10.77.0.1/24");
  const [lab, ...options] = await candidates("set");
  assertEquals(lab, { text: "lab", kind: "value", help: "Adapter down 10.77.0.1/24" });
  assert(options.every(({ kind, text }) => kind === "option" && text.startsWith("--")));
  assertEquals((await candidates())[0].kind, "command");
  assertEquals((await candidates("serve", "--echo"))[0].kind, "value");
  for (const words of [[], ["set"], ["help"], ["driver"], ["completions"], ["serve", "--echo"]]) {
    for (const { text, help } of await candidates(...words)) {
      assert(help !== "", `${words.join(" ")} ${text}`);
    }
  }
});

Deno.test("complete prints options where there is no Wintun, and says why with --verbose", async () => {
  assert((await wordsAfter("set")).includes("--mtu"));
  const environment = new FakeEnvironment();
  assertEquals(await main(["complete", "--verbose", "--", "set"], environment), 0);
  assertStringIncludes(environment.stderr.text, "Cannot open Wintun");
});
