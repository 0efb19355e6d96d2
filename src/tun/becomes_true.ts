/** The time between two checks, while the wait is short. Most waits are for a process that ends within half a second. */
const SHORT_PAUSE_MS = 5;
const SHORT_WAIT_MS = 1000;
/** The time between two checks after that. */
const PAUSE_MS = 25;

/**
 * Waits until `condition` holds, and checks it every 5 ms for a second, and every 25 ms after that. Returns `false` if it does
 * not hold by the deadline.
 * @param deadlineMs Milliseconds, a time of the clock `now`.
 */
export async function becomesTrue(
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number,
  now: () => number,
): Promise<boolean> {
  const startedMs = now();
  while (!await condition()) {
    const nowMs = now();
    if (nowMs >= deadlineMs) return false;
    const pauseMs = nowMs - startedMs < SHORT_WAIT_MS ? SHORT_PAUSE_MS : PAUSE_MS;
    await new Promise((wake) => setTimeout(wake, pauseMs));
  }
  return true;
}
