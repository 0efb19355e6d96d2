import { GLOBAL_OPTIONS, type Option, optionName, type Options, type Values } from "./options.ts";
import { suggest } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";

/** The arguments of one command, read by its declaration. */
export interface ParsedArguments<O extends Options> {
  readonly values: Values<O>;
  /** The arguments that are no options, in order, and everything after `--`. */
  readonly operands: readonly string[];
}

/**
 * Reads arguments by what `options` declares. The declaration decides whether the next argument is an option's value, so
 * a value may begin with a hyphen (`-5`, `-`), and a flag never takes the argument behind it.
 *
 * @throws {UsageError} for an unknown option, a missing, empty, superfluous or bad value, and a single option given twice.
 */
export function readArguments<O extends Options>(args: readonly string[], options: O): ParsedArguments<O> {
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
    if (name === undefined) throw unknownOption(argument, Object.keys(options));
    const option = options[name];
    const texts = given.get(name) ?? [];
    given.set(name, texts);
    const equals = argument.indexOf("=");
    if (option.kind === "flag") {
      if (equals >= 0) throw new UsageError(`--${name} takes no value: ${argument}.`);
    } else if (equals >= 0) {
      texts.push(argument.slice(equals + 1));
    } else {
      const value = args[++index];
      if (value === undefined || looksLikeOption(value)) {
        throw new UsageError(`--${name} needs a value: --${name} ${option.placeholder}.`);
      }
      texts.push(value);
    }
  }
  const values = Object.entries(options).map((
    [name, option],
  ) => [name, readOption(name, option, given.get(name))]);
  return { values: Object.fromEntries(values) as Values<O>, operands };
}

/** A command line in two parts. */
export interface CommandLine {
  /** The name of the command; absent where there is none, or where an unknown option stands before it. */
  readonly name?: string;
  /** All other arguments. */
  readonly rest: readonly string[];
}

/** Finds the name of the command. Options of every command may stand before it. */
export function splitCommandLine(args: readonly string[]): CommandLine {
  for (let index = 0; index < args.length; index++) {
    const option = optionName(args[index], GLOBAL_OPTIONS);
    if (option === undefined) {
      if (args[index].startsWith("-")) break;
      return { name: args[index], rest: args.toSpliced(index, 1) };
    }
    const hasValueBehind = GLOBAL_OPTIONS[option].kind !== "flag" && !args[index].includes("=");
    if (hasValueBehind) index++;
  }
  return { rest: args };
}

/** A hyphen alone and a negative number are values; the option's reader decides whether they are good ones. */
function looksLikeOption(argument: string): boolean {
  return /^-[^\d.]/.test(argument);
}

function unknownOption(argument: string, names: readonly string[]): UsageError {
  const typed = argument.split("=", 1)[0];
  const meant = suggest(typed.replace(/^-+/, ""), names);
  return new UsageError(
    `There is no option ${typed}.`,
    meant === undefined ? "" : `Did you mean --${meant}?`,
  );
}

/** Returns the value of one option, whose texts are absent where it is not given. */
function readOption(name: string, option: Option, texts?: readonly string[]): unknown {
  if (option.kind === "flag") return texts !== undefined;
  if (texts === undefined) return option.kind === "single" ? undefined : [];
  if (option.kind === "repeated") return texts.map((text) => readValue(name, option, text));
  if (texts.length === 1) return readValue(name, option, texts[0]);
  throw new UsageError(`--${name} can be given once only.`);
}

function readValue(
  name: string,
  { placeholder, read }: Exclude<Option, { kind: "flag" }>,
  text: string,
): unknown {
  if (text === "") {
    throw new UsageError(`--${name} needs a value, and this one is empty: --${name} ${placeholder}.`);
  }
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`--${name} ${error.message}`, error.hint);
  }
}
