/**
 * Returns the operating system's number for an error of Deno, or `undefined`. Deno has it only in the message. On Windows it
 * is a code of "System Error Codes" (Windows documentation), elsewhere an errno.
 */
export function osErrorCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const digits = /\(os error (\d+)\)/.exec(error.message)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
