/** Every command on an adapter in every state, with the exit code and what becomes of the adapter. */

import { assertEquals } from "@std/assert";
import { openWindowsHost } from "../../../src/tun/windows/host.ts";
import { type Cell, cellsOf, type CommandName, COMMANDS, effectOf, type State } from "../../states.ts";
import { adapterTest } from "../adapters.ts";
import { isWindowsWorld, onSignedDll, wintunPath } from "../libraries.ts";
import { run } from "../program.ts";
import { type Situation, situations } from "../situations.ts";

type Results = Record<string, Partial<Record<CommandName, Cell>>>;

/** Most of the time goes by while processes start and wait. */
const AT_ONCE = 3;
/** States that other commands must not meet: they make wintun.dll remove things, or keep it from being loaded. */
const ALONE: readonly State[] = ["orphaned", "legacy"];
/**
 * What is tried on the emulator's wintun.dll: the commands that load it, on adapters that it makes or meets. All else is done by
 * the program and by Windows alone, and is tried on the signed one.
 */
const LOADING: readonly CommandName[] = [
  "create",
  "create --if-not-exists",
  "serve",
  "serve --address",
  "serve --force",
];
const OF_SERVICES: readonly State[] = ["persistent", "starting", "stopped", "lost", "not Wintun's"];
/**
 * Commands that leave the adapter as it is, and after which it is brought into its state again: Wine's service manager forgets
 * the process of a service that hangs and is asked twice to stop.
 */
const WEARING: Partial<Record<State, readonly CommandName[]>> = { lost: ["create", "delete"] };
/** How long a command waits for a service that hangs, or takes long. */
const PATIENCE: Partial<Record<State, Partial<Record<CommandName, readonly string[]>>>> = {
  lost: { "delete": ["--timeout", "1"], "delete --force": ["--timeout", "1"] },
  starting: { "create --if-not-exists": ["--timeout", "1"] },
};

const subject = onSignedDll ? "each command" : "each command that loads wintun.dll";
adapterTest(`${subject} does to an adapter in each state what the table says`, async () => {
  const libraries = isWindowsWorld ? { wintun: wintunPath } : {};
  await using host = await openWindowsHost({ libraries, log: () => {} });
  const all = (Object.entries(situations(host)) as [State, () => Situation][])
    .filter(([state]) => onSignedDll || !OF_SERVICES.includes(state));
  const expected: Results = {};
  const found: Results = {};
  const tryOut = async ([state, make]: [State, () => Situation]): Promise<void> => {
    const cells = cellsOf(state).filter(([command]) => onSignedDll || LOADING.includes(command));
    expected[state] = Object.fromEntries(cells);
    found[state] = await tryCommands(state, make, cells.map(([command]) => command));
  };
  const together = all.filter(([state]) => !ALONE.includes(state));
  const work = async (): Promise<void> => {
    for (let next = together.shift(); next !== undefined; next = together.shift()) await tryOut(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const alone of all.filter(([state]) => ALONE.includes(state))) await tryOut(alone);
  assertEquals(found, expected);
});

async function tryCommands(
  state: State,
  make: () => Situation,
  commands: readonly CommandName[],
): Promise<Partial<Record<CommandName, Cell>>> {
  await using situation = make();
  const found: Partial<Record<CommandName, Cell>> = {};
  let isSetUp = false;
  for (const command of commands) {
    if (!isSetUp) await situation.setUp();
    const before = await situation.look();
    const name = /^(create|serve)/.test(command) ? situation.nameToMake : situation.name;
    const more = PATIENCE[state]?.[command] ?? [];
    const { code } = await run([...COMMANDS[command](name, situation.otherAddress), ...more]);
    const effect = effectOf(before, await situation.look());
    found[command] = `${code} ${effect}`;
    isSetUp = (effect === "same" || effect === "changed") && !WEARING[state]?.includes(command);
  }
  return found;
}
