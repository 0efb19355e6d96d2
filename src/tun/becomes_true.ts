const POLL_MS = 25;

/**
 * Waits until `condition` holds, and checks it every 25 ms. Returns `false` if it does not hold by the deadline.
 * @param deadlineMs Milliseconds, a time of the clock `now`.
 */
export async function becomesTrue(
  condition: () => boolean,
  deadlineMs: number,
  now: () => number,
): Promise<boolean> {
  while (!condition()) {
    if (now() >= deadlineMs) return false;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
  return true;
}
