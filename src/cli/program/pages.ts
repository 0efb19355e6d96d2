import { GLOBAL_OPTIONS, type Option, type Options, valueForm } from "../arguments/options.ts";
import type { Command } from "../command.ts";
import { EXIT, EXIT_MEANINGS, type ExitCode } from "../process/exit_codes.ts";
import type { Entry, Section } from "./layout.ts";

/** An entry in a list of commands or topics. */
export interface Listed {
  readonly name: string;
  readonly summary: string;
}

/** Returns the overview: the commands, the topics and the options of every command. */
export function overviewPage(commands: readonly Listed[], topics: readonly Listed[]): Section[] {
  return [
    { body: ["Make, change, serve and remove Wintun network adapters on Windows."] },
    { title: "Usage", body: [{ code: ["wintun COMMAND [options]"] }] },
    { title: "Commands", body: [listing(commands)] },
    { title: "Topics", body: [listing(topics)] },
    { title: "Options of every command", body: [{ table: shortEntries(GLOBAL_OPTIONS) }] },
    {
      title: "Try it",
      body: [{
        terms: [[
          "wintun serve demo --simulate --address 10.6.7.7/24 --count 4 --log-packets",
          "No driver and no administrator needed: a simulated adapter answers four pings.",
        ]],
      }],
    },
    {
      body: [
        "wintun COMMAND -h lists the options of a command. wintun help COMMAND explains everything about it, and wintun " +
        "help TOPIC explains a topic.",
      ],
    },
  ];
}

/** Returns all help of a command. */
export function commandPage(command: Command): Section[] {
  return [
    usage(command),
    { body: command.description },
    ...optionsSections(command, (options) => ({ terms: fullEntries(options) })),
    ...(command.notes ?? []).map(({ title, text }) => ({ title, body: text })),
    ...examplesSection(command),
    {
      title: "Exit codes",
      body: [{ table: exitCodesOf(command).map((code): Entry => [`${code}`, EXIT_MEANINGS[code]]) }],
    },
  ];
}

function examplesSection({ examples }: Command): Section[] {
  if (examples.length === 0) return [];
  const terms = examples.map(({ command, does }): Entry => [command, `${does}.`]);
  return [{ title: "Examples", body: [{ terms }] }];
}

/** Returns the short help of a command: its usage, and one line for each option. */
export function shortCommandPage(command: Command): Section[] {
  return [
    usage(command),
    { body: [`${command.summary}.`] },
    ...optionsSections(command, (options) => ({ table: shortEntries(options) })),
    {
      body: [
        `wintun help ${command.name} adds ranges, defaults, examples and exit codes.`,
      ],
    },
  ];
}

/** Returns all exit codes of a command. */
export function exitCodesOf(command: Command): ExitCode[] {
  return [EXIT.done, EXIT.failed, EXIT.usage, ...command.exitCodes ?? [], EXIT.interrupted];
}

/** Returns the first sentence of an option's help, which `-h` shows. */
export function shortHelp({ help }: Option): string {
  return /^.*?\.(?= |$)/.exec(help)?.[0] ?? help;
}

function usage({ name, usage }: Command): Section {
  return { title: "Usage", body: [{ code: [`wintun ${name} ${usage}`] }] };
}

function listing(listed: readonly Listed[]): { readonly table: Entry[] } {
  return { table: listed.map(({ name, summary }): Entry => [name, summary]) };
}

function optionsSections(
  { options, optionGroups = [{ title: "Options", options }] }: Command,
  block: (options: Options) => Section["body"][number],
): Section[] {
  const groups = [...optionGroups, { title: "Options of every command", options: GLOBAL_OPTIONS }];
  return groups.filter((group) => Object.keys(group.options).length > 0)
    .map((group) => ({ title: group.title, body: [block(group.options)] }));
}

function shortEntries(options: Options): Entry[] {
  return Object.entries(options).map(([name, option]): Entry => [spelling(name, option), shortHelp(option)]);
}

function fullEntries(options: Options): Entry[] {
  return Object.entries(options).map(([name, option]): Entry => {
    const repeatable = option.kind === "repeated" ? "  (repeatable)" : "";
    return [spelling(name, option) + repeatable, option.help];
  });
}

function spelling(name: string, option: Option): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  return `${short}--${name}${valueForm(option)}`;
}
