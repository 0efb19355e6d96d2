/** Waits for that many milliseconds, but not longer than until the signal is aborted. */
export async function pause(ms: number, interrupted: AbortSignal): Promise<void> {
  if (interrupted.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  const timer = setTimeout(wake, Math.max(0, ms));
  interrupted.addEventListener("abort", wake);
  await promise;
  clearTimeout(timer);
  interrupted.removeEventListener("abort", wake);
}
