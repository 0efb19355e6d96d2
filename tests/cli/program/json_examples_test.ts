import { assert, assertEquals } from "@std/assert";
import { JSON_EXAMPLES } from "../../../src/cli/program/topics/json_examples.ts";
import { main } from "../validated_main.ts";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { TestFolder } from "../../test_folder.ts";
import { validateOutput } from "../../validation.ts";
import { wordsOf } from "../../words_of.ts";
import { CapturedStream, FakeEnvironment } from "../fake_environment.ts";
import { viewOf } from "../host_view.ts";
import { Machine } from "../machine.ts";

/** The time between two pings. It is long enough that the statistics after one second come before the third reply. */
const PING_INTERVAL_MS = 700;

/** Fields whose values differ from run to run. */
const VOLATILE = /^(pid|time|summary|seconds|file|bytes|ms|.*Ms|.*PerSecond)$/;

// deno-lint-ignore no-explicit-any
type Json = any;

/** The object as JSON, with its fields in their order, and types in the place of values that differ. */
function shape(object: Json): string {
  return JSON.stringify(object, (name, value) => {
    // A simulated keeper has none of these.
    if (name === "log" || name === "service") return "text or null";
    if (name === "traffic") return "object or null";
    const isVolatile = VOLATILE.test(name) || (object.event === "stats" && typeof value === "number");
    return isVolatile && value !== null ? typeof value : value;
  });
}

async function runServe(args: readonly string[], folder: string): Promise<CapturedStream> {
  const environment = new FakeEnvironment();
  environment.openSimulatedHost = (_place, options) =>
    new SimulatedHost({ ...options, pingIntervalMs: PING_INTERVAL_MS });
  const inFolder = args.map((arg) => arg.endsWith(".pcapng") ? `${folder}/${arg}` : arg);
  assertEquals([await main(inFolder, environment), environment.stderr.text], [0, ""]);
  return environment.stdout;
}

Deno.test("The commands that wintun help json shows write what it shows", async () => {
  await using folder = new TestFolder();
  const machine = new Machine();
  for (const { command, stream, objects } of JSON_EXAMPLES) {
    const [, ...args] = wordsOf(command);
    for (const example of objects) validateOutput(args, example);
    if (args[0] === "serve") {
      const events = (await runServe(args, folder.path)).objects;
      const kinds = new Set(events.map(({ event }) => event));
      assertEquals([...kinds].sort(), objects.map(({ event }) => event).sort());
      for (const example of objects) {
        const real = events.find(({ event }) => event === example.event);
        assertEquals(shape(real), shape(example), command);
      }
      continue;
    }
    if (args[0] === "watch") {
      const environment = new FakeEnvironment();
      environment.host = () => viewOf(machine.host);
      const ready = environment.stdout.written(/"ready"/);
      const code = main(args, environment);
      await ready;
      await machine.run("set", "lab", "--mtu", "1500");
      assertEquals(await code, 0);
      assertEquals(environment.stdout.objects.map(shape), objects.map(shape), command);
      continue;
    }
    await machine.run(...args);
    const { stdout, stderr } = machine.environment;
    const [written, silent] = stream === "stderr" ? [stderr, stdout] : [stdout, stderr];
    assertEquals(silent.text, "", command);
    assertEquals(written.objects.map(shape), objects.map(shape), command);
  }
  await machine.host.close();
});

Deno.test("wintun help json shows an example of every command that has JSON of its own", () => {
  const shown = JSON_EXAMPLES.map(({ command }) => command.split(" ")[1]);
  for (const name of ["create", "list", "set", "watch", "delete", "serve", "stop", "driver"]) {
    assert(shown.includes(name), name);
  }
});
