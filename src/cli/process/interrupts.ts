import type { Environment } from "./environment.ts";

/** The error of a command that the user has interrupted before it was done: exit code 130. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  /** What the user may have to know or do, as a sentence; "" for nothing. */
  readonly hint: string;

  constructor(message: string, hint = "") {
    super(message);
    this.hint = hint;
  }
}

/**
 * Runs a command and listens for Ctrl-C and the like meanwhile. The first one aborts the signal that `run` receives, with
 * its own name as the reason. A command that does not end itself ends at once then. Otherwise the second one ends it.
 *
 * @param endsItself whether `run` resolves by itself soon after its signal is aborted.
 * @throws {InterruptedError} when an interrupt ended it; `run`'s outcome is then ignored.
 */
export async function interruptible<T>(
  environment: Environment,
  endsItself: boolean,
  run: (interrupted: AbortSignal) => Promise<T>,
): Promise<T> {
  const first = new AbortController();
  const end = Promise.withResolvers<never>();
  const stopListening = environment.onSignal((signal) => {
    if (first.signal.aborted) {
      end.reject(new InterruptedError("Interrupted again before the clean-up was done."));
    } else if (!endsItself) end.reject(new InterruptedError("Interrupted before the command was done."));
    first.abort(signal);
  });
  try {
    return await Promise.race([run(first.signal), end.promise]);
  } finally {
    stopListening();
  }
}

/**
 * Runs `body` with a signal that is aborted by `interrupted`, and also when Windows is about to end the program, with its
 * console for one. So `body` can clean up before. It costs a thread: it is for what runs until an interrupt.
 */
export async function untilConsoleEnds<T>(
  environment: Environment,
  interrupted: AbortSignal,
  body: (interrupted: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const stopListening = environment.onConsoleEnd((reason) => end.abort(reason));
  try {
    return await body(AbortSignal.any([interrupted, end.signal]));
  } finally {
    stopListening();
  }
}

/**
 * Begins something that may take long, and waits for it until an interrupt. After an interrupt it is not begun.
 * @throws {InterruptedError} `error`, after an interrupt.
 */
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
