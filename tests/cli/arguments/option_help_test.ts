import { assert, assertEquals, assertThrows } from "@std/assert";
import { findCommand } from "../../../src/cli/command.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import type { Options } from "../../../src/cli/arguments/options.ts";
import { UsageError } from "../../../src/cli/arguments/usage_error.ts";

/** The placeholders of numbers in help. */
const NUMBERS = ["N", "SECONDS", "BYTES"];

Deno.test("help tells range and default of every option that takes a number", () => {
  let numbers = 0;
  for (const { name, options } of COMMANDS) {
    for (const [option, declared] of Object.entries(options)) {
      if (declared.kind === "flag" || !NUMBERS.includes(declared.placeholder)) continue;
      numbers++;
      const { help } = declared;
      assert(/\d\S* to \d|at most \d|\band more\b/.test(help), `${name} --${option} has no range: ${help}`);
      assert(help.includes("Default: "), `${name} --${option} has no default: ${help}`);
    }
  }
  assert(numbers >= 15, `${numbers}`);
});

Deno.test("the range that help tells of seconds is what is taken", () => {
  for (const [name, option] of [["serve", "stats"], ["serve", "duration"], ["create", "timeout"]]) {
    const declared = (findCommand(name, COMMANDS).options as Options)[option];
    const [, most] = /at most (\d+)/.exec(declared.help)!;
    assert(declared.kind === "single");
    assertEquals(declared.read(most), Number(most));
    assertThrows(() => declared.read(`${Number(most) + 1}`), UsageError);
  }
});
