const POLL_MS = 25;

/** Waits until `condition` holds; `false` when it does not by `deadline`, a time of `performance.now()`. */
export async function becomesTrue(condition: () => boolean, deadline: number): Promise<boolean> {
  while (!condition()) {
    if (performance.now() >= deadline) return false;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
  return true;
}
