const POLL_MS = 25;

/** Waits until `condition` holds; `false` when it does not by `deadlineMs`, a time of the clock `now`. */
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
