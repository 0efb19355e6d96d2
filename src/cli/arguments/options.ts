/**
 * What a command takes, declared as data. `args.ts` reads arguments by it and `help.ts` describes it, so the two
 * cannot disagree.
 */

/** Turns a value's text into what the command works with. Throws a `UsageError` that states the rule. */
export type ValueReader<T> = (text: string) => T;

interface Described {
  /** For help: a sentence or two, with units, range and default. */
  readonly help: string;
  /** One-letter form, without the hyphen. */
  readonly short?: string;
}

/** Present or not: `--json`. */
export interface FlagOption extends Described {
  readonly kind: "flag";
}

/** At most once, with a value: `--mtu N`. */
export interface SingleOption<T> extends Described {
  readonly kind: "single";
  /** Stands for the value in help: `N`. */
  readonly placeholder: string;
  readonly read: ValueReader<T>;
  /** The values that completion offers. */
  readonly choices: readonly string[];
}

/** Any number of times, each with a value: `--address CIDR`. */
export interface RepeatedOption<T> extends Described {
  readonly kind: "repeated";
  readonly placeholder: string;
  readonly read: ValueReader<T>;
}

export type Option = FlagOption | SingleOption<unknown> | RepeatedOption<unknown>;
/** By name, without the hyphens. Help keeps their order. */
export type Options = Readonly<Record<string, Option>>;

/** What arguments give for options: a flag's truth, a single value or `undefined`, a list. */
export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends RepeatedOption<infer T> ? readonly T[]
    : O[Name] extends SingleOption<infer T> ? T | undefined
    : boolean;
};

export function flag(help: string, short?: string): FlagOption {
  return { kind: "flag", help, ...(short === undefined ? {} : { short }) };
}

export function single<T>(
  placeholder: string,
  read: ValueReader<T>,
  help: string,
  choices: readonly string[] = [],
): SingleOption<T> {
  return { kind: "single", placeholder, read, help, choices };
}

export function repeated<T>(placeholder: string, read: ValueReader<T>, help: string): RepeatedOption<T> {
  return { kind: "repeated", placeholder, read, help };
}

/** What every command takes. */
export const GLOBAL_OPTIONS = {
  json: flag("Write results to stdout as JSON, and an error to stderr as one JSON object."),
  quiet: flag("Write only results and errors.", "q"),
  verbose: flag("Write more about what happens, and the stack of an unexpected error.", "v"),
  "no-color": flag("Write without colours, as when NO_COLOR is set or the output is no terminal."),
  dll: single("PATH", (text) => text, "Use this wintun.dll instead of the one that comes with the program."),
  "trust-dll": flag(
    "Load the wintun.dll of --dll even if it is neither a known release nor signed by WireGuard LLC.",
  ),
  help: flag("Show help for the command.", "h"),
} as const satisfies Options;

/** The name of the option that `argument` is, where `options` has it. */
export function optionName<O extends Options>(argument: string, options: O): (keyof O & string) | undefined {
  if (argument.startsWith("--")) {
    const name = argument.slice(2).split("=", 1)[0];
    return Object.hasOwn(options, name) ? name : undefined;
  }
  if (!/^-[a-z]$/i.test(argument)) return undefined;
  return Object.keys(options).find((name) => options[name].short === argument[1]);
}
