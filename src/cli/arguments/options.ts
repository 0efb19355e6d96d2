/**
 * The options of a command are data: `command_line.ts` reads arguments by them, help describes them, and completion offers
 * them. So these three always agree.
 */

/** Converts the text of a value for the command. @throws {UsageError} with the rule that the text breaks. */
export type ValueReader<T> = (text: string) => T;

interface Described {
  /** Sentences for help, with units, range and default. `-h` shows the first one, so it is short and says what the option does. */
  readonly help: string;
  /** One-letter form, without the hyphen. */
  readonly short?: string;
}

/** An option that is present or not: `--json`. */
export interface FlagOption extends Described {
  readonly kind: "flag";
}

/** An option that may be given once, with a value: `--mtu N`. */
export interface SingleOption<T> extends Described {
  readonly kind: "single";
  /** The name of the value in help: `N`. */
  readonly placeholder: string;
  readonly read: ValueReader<T>;
  /** The values that completion offers. Empty: none. */
  readonly choices: readonly string[];
}

/** An option that may be given any number of times, each with a value: `--address CIDR`. */
export interface RepeatedOption<T> extends Described {
  readonly kind: "repeated";
  readonly placeholder: string;
  readonly read: ValueReader<T>;
  /** The values that completion offers. Empty: none. */
  readonly choices: readonly string[];
}

/** An option that may be given once, with or without a value behind an equals sign: `--simulate`, `--simulate=FILE`. */
export interface OptionalOption<T> extends Described {
  readonly kind: "optional";
  readonly placeholder: string;
  readonly read: ValueReader<T>;
}

/** An option of any kind. */
export type Option = FlagOption | SingleOption<unknown> | RepeatedOption<unknown> | OptionalOption<unknown>;

/** Options by their names, without the hyphens. Help keeps their order. */
export type Options = Readonly<Record<string, Option>>;

/** Options that help lists together. */
export interface OptionGroup {
  readonly title: string;
  readonly options: Options;
}

/**
 * The values of options: true or false for a flag, a value or `undefined` for a single option, a list for a repeated one. An
 * option that is given without its optional value is `true`.
 */
export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends RepeatedOption<infer T> ? readonly T[]
    : O[Name] extends SingleOption<infer T> ? T | undefined
    : O[Name] extends OptionalOption<infer T> ? T | true | undefined
    : boolean;
};

/** Declares an option without a value. */
export function flag(help: string, short?: string): FlagOption {
  return { kind: "flag", help, ...(short === undefined ? {} : { short }) };
}

/** Declares an option with one value. */
export function single<T>(
  placeholder: string,
  read: ValueReader<T>,
  help: string,
  choices: readonly string[] = [],
): SingleOption<T> {
  return { kind: "single", placeholder, read, help, choices };
}

/** Declares an option whose value may be left out. */
export function optional<T>(placeholder: string, read: ValueReader<T>, help: string): OptionalOption<T> {
  return { kind: "optional", placeholder, read, help };
}

/** Declares an option that may be given several times. */
export function repeated<T>(
  placeholder: string,
  read: ValueReader<T>,
  help: string,
  choices: readonly string[] = [],
): RepeatedOption<T> {
  return { kind: "repeated", placeholder, read, help, choices };
}

/** The options of every command. */
export const GLOBAL_OPTIONS = {
  json: flag(
    "Write JSON for programs. Results go to stdout, and an error goes to stderr as one object. wintun help json " +
      "has the rules and the schemas.",
  ),
  quiet: flag("Write only results and errors.", "q"),
  verbose: flag(
    "Also write details. They go to stderr, as does the stack of an unexpected error.",
    "v",
  ),
  "no-color": flag(
    "Write without colours. Default: colours, if the output is a terminal and NO_COLOR is not set.",
  ),
  dll: single(
    "PATH",
    (text) => text,
    "Load this wintun.dll. Default: the one beside wintun.exe, or the copy inside it. wintun help dll explains the " +
      "search.",
  ),
  "trust-dll": flag(
    "Load the file of --dll without a trusted signature. It then needs neither the hash of a known release nor a " +
      "signature of WireGuard LLC.",
  ),
  help: flag("Show help: -h a line for each option, --help everything.", "h"),
} as const satisfies Options;

/** Returns whether the argument after an option can be its value. */
export function takesNextArgument(
  option: Option,
): option is SingleOption<unknown> | RepeatedOption<unknown> {
  return option.kind === "single" || option.kind === "repeated";
}

/** Returns how an option's value is written behind its name: ` N`, `[=FILE]`, or "" if it takes none. */
export function valueForm(option: Option): string {
  if (option.kind === "flag") return "";
  return option.kind === "optional" ? `[=${option.placeholder}]` : ` ${option.placeholder}`;
}

/** Returns the name of the option in an argument such as `--mtu=1400` or `-q`, or `undefined` if `options` has no such option. */
export function optionName<O extends Options>(argument: string, options: O): (keyof O & string) | undefined {
  if (argument.startsWith("--")) {
    const name = argument.slice(2).split("=", 1)[0];
    return Object.hasOwn(options, name) ? name : undefined;
  }
  if (!/^-[a-z]$/i.test(argument)) return undefined;
  return Object.keys(options).find((name) => options[name].short === argument[1]);
}
