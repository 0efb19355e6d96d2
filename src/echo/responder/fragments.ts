import { createDatagramTable } from "./datagram_table.ts";
import { createHeldPackets, type HeldPackets } from "./held_packets.ts";
import { FOLLOWED, HELD, IGNORED, type Step, TURNED } from "./verdict.ts";

/**
 * Decides which fragments are answered.
 *
 * Only the first fragment of a datagram shows the kind of the datagram. A later fragment may belong to an echo request,
 * but also to an echo reply or an ICMP error. Those must never be answered: two served networks would reflect replies at
 * each other. So a later fragment is answered if and only if its first one was. A fragment that comes before its first
 * one is held as the reply that it may become. Once the first one has come, it is sent after the reply of that, or given
 * up. A datagram that never becomes complete is answered as far as it came.
 *
 * A datagram is named by its kind (see datagram_table.ts), its identification, and `at`: the word index of the source
 * address, which the destination address follows.
 */
export interface Fragments {
  /** The later fragments that are held. */
  readonly held: HeldPackets;
  /** Judges a later fragment: `TURNED` if its first one was answered, `IGNORED` if not, `HELD` if that has not come. */
  judge(kind: number, identification: number, at: number): Step;
  /**
   * Holds the fragment for which `judge()` has just returned `HELD`, after it was turned into its reply.
   *
   * @param at The word index of its start.
   * @param size Its length in bytes.
   * @param fragmentOffset In bytes.
   */
  hold(at: number, size: number, fragmentOffset: number): void;
  /**
   * Records whether a first fragment is answered: `step` is `TURNED` if so. Returns `FOLLOWED` if it is, and others have
   * waited for it; otherwise `step`.
   */
  decide(step: Step, kind: number, identification: number, at: number): Step;
  /**
   * Takes the next fragment that waited for the first fragment that was decided last. They come in the order of their
   * offsets. Returns the fragment's byte index in `held.memory`, valid until the next `hold()`, or -1 after the last
   * one. `held.takenSize` is its length.
   */
  takeFollower(): number;
}

const UNDECIDED = 0;
const ANSWERED = 1;
const REFUSED = 2;

/**
 * Makes the memory of fragments, empty.
 *
 * @param words The memory that holds the packets, as 32-bit words.
 * @param nowMs Returns the time in milliseconds.
 */
export function createFragments(words: Int32Array, nowMs: () => number): Fragments {
  const datagrams = createDatagramTable(words, nowMs, (datagram) => {
    held.clear(datagram);
    states[datagram] = UNDECIDED;
  });
  const held = createHeldPackets(words, datagrams.capacity);
  const states = new Uint8Array(datagrams.capacity);
  let judged = -1, decided = -1;

  return {
    held,
    judge(kind: number, identification: number, at: number): Step {
      judged = datagrams.numberOf(kind, identification, at);
      if (states[judged] === UNDECIDED) return HELD;
      return states[judged] === ANSWERED ? TURNED : IGNORED;
    },
    hold: (at: number, size: number, fragmentOffset: number): void =>
      held.add(judged, at, size, fragmentOffset),
    decide(step: Step, kind: number, identification: number, at: number): Step {
      decided = datagrams.numberOf(kind, identification, at);
      // A datagram begins here, perhaps with the identification of an earlier one.
      datagrams.renew(decided);
      states[decided] = step === TURNED ? ANSWERED : REFUSED;
      if (step !== TURNED) held.clear(decided);
      return held.isEmpty(decided) ? step : FOLLOWED;
    },
    takeFollower: (): number => held.take(decided),
  };
}
