import { parseArgs } from "@std/cli/parse-args";
import { type Option, optionName, type Options, type Values } from "./options.ts";
import { suggest } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";

/** The arguments of one command, read by its declaration. */
export interface ParsedArguments<O extends Options> {
  readonly values: Values<O>;
  /** What is no option, in order, and everything after `--`. */
  readonly operands: readonly string[];
}

/**
 * Reads arguments by what `options` declares.
 *
 * @throws {UsageError} for an unknown option, a missing, empty, superfluous or bad value, and a single option given twice.
 */
export function readArguments<O extends Options>(args: readonly string[], options: O): ParsedArguments<O> {
  const names = Object.keys(options);
  const isFlag = (name: string): boolean => options[name].kind === "flag";
  const parsed = parseArgs(spellOut(args, options), {
    boolean: names.filter(isFlag),
    string: [...names.filter((name) => !isFlag(name)), "_"],
    collect: names.filter((name) => !isFlag(name)),
    unknown: (argument, key) => {
      if (key !== undefined) throw unknownOption(argument, names);
      return true;
    },
  });
  const given: Record<string, unknown> = parsed;
  const values: Record<string, unknown> = {};
  for (const name of names) {
    values[name] = readValues(name, options[name], given[name] as boolean | readonly string[]);
  }
  return { values: values as Values<O>, operands: parsed._.map(String) };
}

/**
 * Puts options first, each value behind an equals sign, and operands last, behind `--`. What `parseArgs` would otherwise
 * guess is decided here, by the declaration: whether the next argument is a value, even if it starts with a hyphen (`-5`,
 * `-`) or looks like a truth value, and that a flag has none.
 */
function spellOut(args: readonly string[], options: Options): string[] {
  const spelled: string[] = [];
  const operands: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index];
    if (argument === "--") {
      operands.push(...args.slice(index + 1));
      break;
    }
    const name = optionName(argument, options);
    if (name === undefined) {
      // What looks like an option and is none is left for `parseArgs` to find.
      (/^-./.test(argument) ? spelled : operands).push(argument);
      continue;
    }
    const option = options[name];
    const equals = argument.indexOf("=");
    if (option.kind === "flag") {
      if (equals >= 0) throw new UsageError(`--${name} takes no value, and "${argument}" gives it one.`);
      spelled.push(`--${name}`);
    } else if (equals >= 0) {
      spelled.push(`--${name}${argument.slice(equals)}`);
    } else {
      const value = args[++index];
      if (value === undefined || looksLikeOption(value)) {
        throw new UsageError(`--${name} needs a value: --${name} ${option.placeholder}.`);
      }
      spelled.push(`--${name}=${value}`);
    }
  }
  return [...spelled, "--", ...operands];
}

/** A hyphen alone, and a negative number, are values; whether good ones, the option's reader says. */
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

function readValues(name: string, option: Option, given: boolean | readonly string[]): unknown {
  if (option.kind === "flag") return given;
  const texts = given as readonly string[];
  if (option.kind === "single" && texts.length > 1) {
    throw new UsageError(`--${name} may be given once, and is given ${texts.length} times.`);
  }
  const read = texts.map((text) => {
    if (text === "") throw new UsageError(`--${name} has an empty value; it needs ${option.placeholder}.`);
    try {
      return option.read(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`--${name} ${error.message}`, error.hint);
    }
  });
  return option.kind === "single" ? read[0] : read;
}
