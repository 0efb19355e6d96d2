import type { Environment } from "./environment.ts";

/** The user has asked the command to end before it was done: exit code 130. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  /** What the user may have to know or do, as a sentence; empty where there is nothing to say. */
  readonly hint: string;

  constructor(message: string, hint = "") {
    super(message);
    this.hint = hint;
  }
}

/**
 * Runs a command while Ctrl-C and the like are listened for. The first one aborts the signal that `run` is given, with
 * its name as the reason. It ends a command that does not end by itself then; of one that does, the second one does not
 * wait for that.
 *
 * @throws {InterruptedError} when an interrupt ended it; what `run` does then is nobody's any more.
 */
export async function interruptible<T>(
  environment: Environment,
  endsItself: boolean,
  run: (interrupted: AbortSignal) => Promise<T>,
): Promise<T> {
  const first = new AbortController();
  const end = Promise.withResolvers<never>();
  const stopListening = environment.onSignal((signal) => {
    if (first.signal.aborted) end.reject(new InterruptedError("Interrupted again, while cleaning up."));
    else if (!endsItself) end.reject(new InterruptedError("Interrupted before it was done."));
    first.abort(signal);
  });
  try {
    return await Promise.race([run(first.signal), end.promise]);
  } finally {
    stopListening();
  }
}

/** Waits for what may take long, but not after an interrupt, and does not begin it then. @throws `error` instead. */
export async function unlessInterrupted<T>(
  interrupted: AbortSignal,
  begin: () => Promise<T>,
  error: InterruptedError,
): Promise<T> {
  if (interrupted.aborted) throw error;
  const interrupt = Promise.withResolvers<never>();
  const onAbort = (): void => interrupt.reject(error);
  interrupted.addEventListener("abort", onAbort);
  try {
    return await Promise.race([begin(), interrupt.promise]);
  } finally {
    interrupted.removeEventListener("abort", onAbort);
  }
}
