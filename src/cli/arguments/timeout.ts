import { single, type SingleOption } from "./options.ts";
import { secondsReader } from "./values.ts";

const MAX_SECONDS = 3600;

/**
 * Returns the option --timeout of a command that waits for another process.
 * @param help Sentences that say what the command waits for.
 * @param defaultSeconds The wait without the option, in seconds.
 */
export function timeoutOption(help: string, defaultSeconds: number): SingleOption<number> {
  return single(
    "SECONDS",
    secondsReader(MAX_SECONDS),
    `${help} In seconds, at most ${MAX_SECONDS}. Default: ${defaultSeconds}.`,
  );
}
