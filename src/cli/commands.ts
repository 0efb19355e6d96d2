import type { Command } from "./command.ts";

/** A command before it is loaded: what the list of commands needs. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Not for people: the program starts itself by it. */
  readonly hidden?: true;
  load(): Promise<Command>;
}

// Deno reads every module that is imported late, but by a name in plain text, before the program starts, and what it imports.
// These names are made when they are needed; .build/modules.ts finds them by this form, for what it compiles.

/** All commands, in the order in which help lists them. Each is loaded only when it is run or explained. */
const ALL_COMMANDS: readonly CommandEntry[] = [
  {
    name: "create",
    summary: "Make an adapter that stays until it is deleted",
    load: async () =>
      (await import(
        new URL("./adapters/create.ts", import.meta.url).href
      ) as typeof import("./adapters/create.ts")).create,
  },
  {
    name: "list",
    summary: "Show the adapters, their addresses and owners",
    load: async () =>
      (await import(
        new URL("./adapters/list.ts", import.meta.url).href
      ) as typeof import("./adapters/list.ts")).list,
  },
  {
    name: "set",
    summary: "Change an adapter's addresses, MTU, metric, DNS, routes",
    load: async () =>
      (await import(new URL("./adapters/set.ts", import.meta.url).href) as typeof import("./adapters/set.ts"))
        .set,
  },
  {
    name: "delete",
    summary: "Remove adapters",
    load: async () =>
      (await import(
        new URL("./adapters/delete.ts", import.meta.url).href
      ) as typeof import("./adapters/delete.ts"))
        .deleteCommand,
  },
  {
    name: "serve",
    summary: "Answer ping and UDP echo for a whole subnet",
    load: async () =>
      (await import(new URL("./serve/serve.ts", import.meta.url).href) as typeof import("./serve/serve.ts"))
        .serve,
  },
  {
    name: "driver",
    summary: "Show the driver's version, or remove the driver",
    load: async () =>
      (await import(
        new URL("./program/driver.ts", import.meta.url).href
      ) as typeof import("./program/driver.ts")).driver,
  },
  {
    name: "doctor",
    summary: "Find out what keeps this program from working",
    load: async () =>
      (await import(
        new URL("./program/doctor.ts", import.meta.url).href
      ) as typeof import("./program/doctor.ts")).doctor,
  },
  {
    name: "completions",
    summary: "Print a script that completes commands in the shell",
    load: async () =>
      (await import(
        new URL("./program/completions.ts", import.meta.url).href
      ) as typeof import("./program/completions.ts"))
        .completions,
  },
  {
    name: "version",
    summary: "Show the version of this program and what it runs on",
    load: async () =>
      (await import(
        new URL("./program/version.ts", import.meta.url).href
      ) as typeof import("./program/version.ts")).version,
  },
  {
    name: "help",
    summary: "Explain a command",
    load: async () =>
      (await import(new URL("./program/help.ts", import.meta.url).href) as typeof import("./program/help.ts"))
        .help,
  },
  {
    name: "keeper",
    summary: "Hold an adapter; started by create",
    hidden: true,
    load: async () =>
      (await import(
        new URL("./program/keeper_command.ts", import.meta.url).href
      ) as typeof import("./program/keeper_command.ts")).keeper,
  },
];

/** Those for people. */
export const COMMANDS: readonly CommandEntry[] = ALL_COMMANDS.filter(({ hidden }) => hidden !== true);

/**
 * Finds a command and loads it.
 * @throws {UsageError} when there is no such command.
 */
export async function loadCommand(name: string): Promise<Command> {
  const entry = ALL_COMMANDS.find((command) => command.name === name);
  if (entry !== undefined) return await entry.load();
  const { suggest } = await import("./arguments/suggest.ts");
  const { UsageError } = await import("./arguments/usage_error.ts");
  const meant = suggest(name, COMMANDS.map((command) => command.name));
  throw new UsageError(
    `There is no command "${name}".`,
    meant === undefined ? "Run wintun help for the list." : `Did you mean ${meant}?`,
  );
}
