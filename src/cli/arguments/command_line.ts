import {
  GLOBAL_OPTIONS,
  type Option,
  optionName,
  type Options,
  takesNextArgument,
  valueForm,
  type Values,
} from "./options.ts";
import { nearest } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";

/** The arguments of one command: the values of its options, and its operands. */
export interface ParsedArguments<O extends Options> {
  readonly values: Values<O>;
  /** The arguments that are no options, in their order, and everything after `--`. */
  readonly operands: readonly string[];
}

/** A command as hints name it. */
export interface CommandWords {
  readonly name: string;
  /** What follows the name in its usage line: `NAME [options]`. */
  readonly usage: string;
}

/**
 * Reads the arguments of a command. The declarations in `options` decide whether the next argument is an option's value. So
 * a value may begin with a hyphen (`-5`, `-`), and a flag never takes the argument after it.
 *
 * @param command What hints name. Absent if no command is given.
 * @throws {UsageError} for an unknown option, a missing, empty, superfluous or bad value, an empty operand, and a single
 * option that is given twice.
 */
export function readArguments<O extends Options>(
  args: readonly string[],
  options: O,
  command?: CommandWords,
): ParsedArguments<O> {
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index];
    if (argument === "--") {
      operands.push(...args.slice(index + 1));
      break;
    }
    if (!/^-./.test(argument)) {
      operands.push(argument);
      continue;
    }
    const name = optionName(argument, options);
    if (name === undefined) throw unknownOption(argument, options, command);
    const option = options[name];
    const texts = given.get(name) ?? [];
    given.set(name, texts);
    const equals = argument.indexOf("=");
    if (option.kind === "flag") {
      if (equals >= 0) throw new UsageError(`--${name} takes no value: ${argument}.`);
    } else if (equals >= 0) {
      texts.push(argument.slice(equals + 1));
    } else if (takesNextArgument(option)) {
      const value = args[++index];
      if (value === undefined || looksLikeOption(value)) {
        throw new UsageError(`--${name} needs a value: --${name} ${option.placeholder}.`);
      }
      texts.push(value);
    }
  }
  refuseEmpty(operands, command);
  refuseSecondValue(args, operands, options);
  const values = Object.entries(options).map((
    [name, option],
  ) => [name, readOption(name, option, given.get(name))]);
  return { values: Object.fromEntries(values) as Values<O>, operands };
}

/** A command line in two parts. */
export interface CommandLine {
  /** The name of the command. Absent if there is none, or if an unknown option is before it. */
  readonly name?: string;
  /** All other arguments. */
  readonly rest: readonly string[];
}

/** Finds the name of the command. `GLOBAL_OPTIONS` may be before it. */
export function splitCommandLine(args: readonly string[]): CommandLine {
  for (let index = 0; index < args.length; index++) {
    const option = optionName(args[index], GLOBAL_OPTIONS);
    if (option === undefined) {
      if (args[index].startsWith("-")) break;
      return { name: args[index], rest: args.toSpliced(index, 1) };
    }
    const hasValueBehind = takesNextArgument(GLOBAL_OPTIONS[option]) && !args[index].includes("=");
    if (hasValueBehind) index++;
  }
  return { rest: args };
}

/**
 * Returns whether an argument is an option rather than a value. A hyphen alone and a negative number are values, which the
 * option's reader accepts or refuses.
 */
function looksLikeOption(argument: string): boolean {
  return /^-[^\d.]/.test(argument);
}

function unknownOption(argument: string, options: Options, command: CommandWords | undefined): UsageError {
  const typed = argument.split("=", 1)[0];
  const near = /^-[a-z]$/i.test(typed)
    ? Object.values(options).flatMap(({ short }) => short === typed[1].toLowerCase() ? [`-${short}`] : [])
    : nearest(typed.replace(/^-+/, ""), Object.keys(options)).map((name) => `--${name}`);
  return new UsageError(`There is no option ${typed}.`, unknownOptionHint(typed, near, command));
}

function unknownOptionHint(
  typed: string,
  near: readonly string[],
  command: CommandWords | undefined,
): string {
  if (near.length > 0) return `Did you mean ${near.join(" or ")}?`;
  if (command === undefined) return "wintun help shows the options.";
  const { name, usage } = command;
  const hint = `wintun help ${name} shows the options.`;
  const isName = !typed.startsWith("--") && usage.includes("NAME");
  return isName
    ? `${hint} Put -- before a name that begins with a hyphen: wintun ${name} -- ${typed}.`
    : hint;
}

/**
 * Refuses an operand without characters. In a script it comes from a variable that has no value.
 * @throws {UsageError} if there is one.
 */
function refuseEmpty(operands: readonly string[], command: CommandWords | undefined): void {
  if (!operands.includes("")) return;
  throw new UsageError(
    "An argument is empty.",
    command === undefined ? "" : `Usage: wintun ${command.name} ${command.usage}.`,
  );
}

/**
 * Refuses a second value after a repeated option: `--address A B`. An operand is taken for such a value if the option's
 * reader accepts it.
 * @throws {UsageError} if there is such an operand.
 */
function refuseSecondValue(args: readonly string[], operands: readonly string[], options: Options): void {
  if (operands.length < 2) return;
  for (const [index, argument] of args.entries()) {
    const name = optionName(argument, options);
    const option = name === undefined ? undefined : options[name];
    if (option?.kind !== "repeated") continue;
    const second = args[index + (argument.includes("=") ? 1 : 2)];
    if (second === undefined || !operands.includes(second) || !isReadable(option, second)) continue;
    throw new UsageError(
      `--${name} takes one value, and "${second}" is a second one.`,
      `Give --${name} once for each value.`,
    );
  }
}

function isReadable({ read }: Exclude<Option, { kind: "flag" }>, text: string): boolean {
  try {
    read(text);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/**
 * Returns the value of one option.
 * @param texts Its values as they were typed. Absent: the option is not given.
 */
function readOption(name: string, option: Option, texts?: readonly string[]): unknown {
  if (option.kind === "flag") return texts !== undefined;
  if (texts === undefined) return option.kind === "repeated" ? [] : undefined;
  if (option.kind === "repeated") return texts.map((text) => readValue(name, option, text));
  if (texts.length === 1) return readValue(name, option, texts[0]);
  if (option.kind === "optional" && texts.length === 0) return true;
  throw new UsageError(`--${name} can be given once only.`);
}

function readValue(
  name: string,
  option: Exclude<Option, { kind: "flag" }>,
  text: string,
): unknown {
  const { kind, read } = option;
  if (text === "") {
    throw new UsageError(`--${name} needs a value, and this one is empty: --${name}${valueForm(option)}.`);
  }
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const [, ...more] = text.split(",");
    if (kind === "repeated" && more.length > 0 && !more.some((part) => part.includes("="))) {
      throw new UsageError(
        `--${name} takes one value, and "${text}" is a list.`,
        `Give --${name} once for each value.`,
      );
    }
    throw new UsageError(`--${name} ${error.message}`, error.hint);
  }
}
