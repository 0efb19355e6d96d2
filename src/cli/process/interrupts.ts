import type { Environment } from "./environment.ts";

/** The error of a command that the user interrupted before it was done: exit code 130. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  /** Advice to the user in sentences, or "". */
  readonly hint: string;

  constructor(message: string, hint = "") {
    super(message);
    this.hint = hint;
  }
}

/**
 * Runs a command and handles interrupts such as Ctrl-C meanwhile. The first interrupt aborts the signal that `run` receives;
 * the reason is the name of the interrupt. If `endsItself`, the command goes on until `run` resolves or a second interrupt
 * comes. If not, the first interrupt ends it.
 *
 * @param endsItself Whether `run` resolves by itself soon after its signal is aborted.
 * @throws {InterruptedError} if an interrupt ended the command. The outcome of `run` is then ignored.
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
 * Runs `body` with a signal that is aborted with `interrupted`, and also when Windows is about to end the program, for example
 * because its console is closed. So `body` can clean up first. This costs a thread, so it is only for commands that run until
 * an interrupt.
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
 * Begins an operation that may take long, and waits until it ends or an interrupt comes. An interrupt does not end the
 * operation; it only ends the wait. After an interrupt the operation is not begun.
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
