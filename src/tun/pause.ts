/** Waits for that many milliseconds, but not longer than until the signal is aborted. */
export async function pause(ms: number, interrupted: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, ms));
  interrupted.addEventListener("abort", () => resolve());
  if (interrupted.aborted) resolve();
  await promise;
  clearTimeout(timer);
}
