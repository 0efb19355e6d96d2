import type { Command } from "./command.ts";

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

/**
 * Finds a command and loads it.
 * @throws {UsageError} when there is no such command.
 */
export async function loadCommand(name: string): Promise<Command> {
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry !== undefined) return await entry.load();
  const { suggest } = await import("./suggest.ts");
  const { UsageError } = await import("./usage_error.ts");
  const meant = suggest(name, COMMANDS.map((command) => command.name));
  throw new UsageError(
    `There is no command "${name}".`,
    meant === undefined ? "Run wintun help for the list." : `Did you mean ${meant}?`,
  );
}
