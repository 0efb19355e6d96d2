import { createDatagramTable } from "./datagram_table.ts";
import { createHeldPackets, type HeldPackets } from "./held_packets.ts";
import { FOLLOWED, HELD, IGNORED, type Step, TURNED } from "./verdict.ts";

/**
 * Decides which fragments are answered. Only the first fragment of a datagram shows what it is. A later one may belong to
 * an echo request, but as well to an echo reply or an ICMP error, which must never be answered: two served networks
 * would reflect replies at each other. So a later fragment does as its first one did. If it comes before its first one, it
 * is kept, as the reply that it would be, and sent after the reply of the first one, or given up. A datagram that never
 * becomes complete is answered as far as it came.
 */
export interface Fragments {
  /** The later fragments that are kept. */
  readonly held: HeldPackets;
  /**
   * Says what is done with a later fragment: `TURNED` if its first one was answered, `IGNORED` if not; `HELD` if that has
   * not come. `at` is the word index of its source address; the destination follows.
   */
  judge(kind: number, identification: number, at: number): Step;
  /** Keeps the fragment that `judge()` gave `HELD` for, which starts at word `at` and has become its reply. */
  keep(at: number, size: number, fragmentOffset: number): void;
  /** Takes note of a first fragment that was answered; `FOLLOWED` if others have waited for it, otherwise `TURNED`. */
  accept(kind: number, identification: number, at: number): Step;
  /** Takes note of a first fragment that was not answered. */
  refuse(kind: number, identification: number, at: number): void;
  /**
   * Takes the next fragment that waited for the first one that was answered last, in the order that a sender has: where
   * it lies in `held.memory`, with its length in `held.takenSize`, until the next `keep()`. -1 after the last.
   */
  takeFollower(): number;
}

const UNDECIDED = 0;
const ANSWERED = 1;
const REFUSED = 2;

/**
 * @param words the memory that packets lie in, as 32-bit words.
 * @param nowMs gives the time in milliseconds.
 */
export function createFragments(words: Int32Array, nowMs: () => number): Fragments {
  const datagrams = createDatagramTable(words, nowMs, (datagram) => held.clear(datagram));
  const held = createHeldPackets(words, datagrams.capacity);
  const states = new Uint8Array(datagrams.capacity);
  let judged = -1, accepted = -1;

  /** Takes note of a first fragment: a datagram begins, perhaps with the identification of an earlier one. */
  const decide = (kind: number, identification: number, at: number, state: number): number => {
    let datagram = datagrams.find(kind, identification, at);
    if (datagram < 0) datagram = datagrams.add(kind, identification, at);
    else datagrams.renew(datagram);
    states[datagram] = state;
    return datagram;
  };

  return {
    held,
    judge(kind: number, identification: number, at: number): Step {
      judged = datagrams.find(kind, identification, at);
      if (judged < 0) {
        judged = datagrams.add(kind, identification, at);
        states[judged] = UNDECIDED;
      }
      if (states[judged] === UNDECIDED) return HELD;
      return states[judged] === ANSWERED ? TURNED : IGNORED;
    },
    keep: (at: number, size: number, fragmentOffset: number): void =>
      held.add(judged, at, size, fragmentOffset),
    accept(kind: number, identification: number, at: number): Step {
      accepted = decide(kind, identification, at, ANSWERED);
      return held.isEmpty(accepted) ? TURNED : FOLLOWED;
    },
    refuse(kind: number, identification: number, at: number): void {
      held.clear(decide(kind, identification, at, REFUSED));
    },
    takeFollower: (): number => held.take(accepted),
  };
}
