import { Win32Error } from "./win32_error.ts";

/** The answer of a worker when Windows has refused. It has the error code, because each thread has its own last error. */
export interface Refusal {
  readonly code: number;
  readonly operation: string;
}

/**
 * Sends a request to a worker that answers once, and ends the worker then. Takes ownership of the worker.
 * @param what What the worker is for, as in "the creation worker".
 * @throws {Win32Error} if it answers with a `Refusal`.
 * @throws {Error} if the worker fails.
 */
export async function askWorker<Answer extends object>(
  worker: Worker,
  what: string,
  request: unknown,
): Promise<Answer> {
  try {
    const answer = await new Promise<Answer | Refusal>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`the ${what} worker failed: ${event.message}`));
      };
      worker.postMessage(request);
    });
    if ("code" in answer) throw new Win32Error(answer.code, answer.operation);
    return answer;
  } finally {
    worker.terminate();
  }
}

/** Returns what `body` returns, or why Windows has refused. @throws whatever else `body` throws. */
export function answerOf<Answer>(body: () => Answer): Answer | Refusal {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    return { code: error.code, operation: error.operation };
  }
}
