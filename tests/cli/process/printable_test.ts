import { assert, assertEquals } from "@std/assert";
import { Output } from "../../../src/cli/process/output.ts";
import { printable } from "../../../src/cli/process/printable.ts";
import { CapturedStream } from "../fake_environment.ts";
import { machineTest, other } from "../machine.ts";

const NAMED_BY_OTHERS = "wg\x1b[31m\nX\u202e";
const SHOWN = "wg\\u001b[31m\\u000aX\\u202e";

Deno.test("printable() shows what would steer a terminal or end a line, and leaves all other text", () => {
  assertEquals(printable(NAMED_BY_OTHERS), SHOWN);
  assertEquals(printable("\x9b\x7f\u2028"), "\\u009b\\u007f\\u2028");
  assertEquals(printable("Büro 网络 🦊 \\ $"), "Büro 网络 🦊 \\ $");
});

Deno.test("Output says each detail, warning and error in one line that steers no terminal", () => {
  const stderr = new CapturedStream();
  const output = new Output(new CapturedStream(), stderr, { json: false, quiet: false, verbose: true });
  output.detail(NAMED_BY_OTHERS);
  output.warning(NAMED_BY_OTHERS);
  output.error(NAMED_BY_OTHERS);
  assertEquals(stderr.lines, [SHOWN, `warning: ${SHOWN}`, `error: ${SHOWN}`]);
});

machineTest(
  "list, set and delete show names and types of other programs in one line each",
  async (machine) => {
    const theirs = { name: NAMED_BY_OTHERS, type: NAMED_BY_OTHERS, state: "down" } as const;
    machine.others = [other(theirs)];
    await machine.run("list");
    const [heading, row, ...more] = machine.environment.stdout.lines;
    assertEquals(row.split(/ {2,}/).slice(0, 3), [SHOWN, "down", SHOWN]);
    assertEquals([heading.indexOf("STATE"), more], [SHOWN.length + 2, []]);
    await machine.run("set", NAMED_BY_OTHERS, "--mtu", "1400", "--force");
    assert(machine.environment.stdout.text.startsWith(`${SHOWN}: `));
    await machine.run("delete", NAMED_BY_OTHERS, "--force");
    assertEquals(machine.environment.stdout.lines, [`${SHOWN} (deleted)`]);
  },
);

machineTest("list keeps its columns in line when a name is in wide characters", async (machine) => {
  machine.others = [other({ name: "東京都", state: "down" }), other({ name: "lab", state: "down" })];
  await machine.run("list");
  const beforeState = machine.environment.stdout.lines.map((line) =>
    line.slice(0, line.search(/STATE|down/))
  );
  assertEquals(beforeState, ["NAME    ", "東京都  ", "lab     "]);
});

machineTest("list shows names and types of other programs to programs as they are", async (machine) => {
  machine.others = [other({ name: NAMED_BY_OTHERS, type: NAMED_BY_OTHERS })];
  const [{ name, type }] = (await machine.ask("list")).adapters;
  assertEquals([name, type], [NAMED_BY_OTHERS, NAMED_BY_OTHERS]);
});
