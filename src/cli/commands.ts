import type { Command } from "./command.ts";
import { suggest } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";

/** A command before it is loaded: what the list of commands needs. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** All commands, in the order in which help lists them. Each is loaded only when it is run or explained. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "serve",
    summary: "Answer ping and UDP echo for a whole subnet",
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "version",
    summary: "Show the version of this program and what it runs on",
    load: async () => (await import("./version.ts")).version,
  },
  {
    name: "help",
    summary: "Explain a command",
    load: async () => (await import("./help.ts")).help,
  },
];

/** @throws {UsageError} when there is no such command. */
export function findCommand(name: string): CommandEntry {
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry !== undefined) return entry;
  const meant = suggest(name, COMMANDS.map((command) => command.name));
  throw new UsageError(
    `There is no command "${name}".`,
    meant === undefined ? "Run wintun help for the list." : `Did you mean ${meant}?`,
  );
}
