import { single, type SingleOption } from "./options.ts";
import { secondsReader } from "./values.ts";

const MAX_SECONDS = 3600;
/** The longest wait of a timer: 2^31 - 1 milliseconds, about 24 days. */
export const MAX_TIMER_SECONDS = 2_147_483;

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

/** The option --duration of commands that run until somebody ends them. */
export const DURATION_OPTION = {
  duration: single(
    "SECONDS",
    secondsReader(MAX_TIMER_SECONDS),
    `End after this number of seconds. Decimals are allowed, at most ${MAX_TIMER_SECONDS}. Default: no limit.`,
  ),
} as const;
