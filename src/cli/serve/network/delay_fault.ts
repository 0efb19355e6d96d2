import { LONGEST_DELAY_US } from "../../../echo/network/plan.ts";
import { formatTime } from "./units.ts";

/** The delay of a link and what needs one. Times are in microseconds. Absent: none. */
export interface Delay {
  readonly delay?: number | undefined;
  readonly jitter?: number | undefined;
  readonly reorder?: number | undefined;
}

/** Returns why these do not fit together, as a part of a sentence, or `undefined`. */
export function delayFault({ delay = 0, jitter = 0, reorder = 0 }: Delay): string | undefined {
  if (jitter > delay) {
    return `a jitter of ${formatTime(jitter)} needs a delay of at least ${formatTime(jitter)}`;
  }
  if (reorder > 0 && delay === 0) return "packets that are to overtake others need a delay";
  if (delay + jitter <= LONGEST_DELAY_US) return undefined;
  return `delay and jitter are longer than ${formatTime(LONGEST_DELAY_US)} together`;
}
