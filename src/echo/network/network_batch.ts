import type { Packets } from "../../wintun/device.ts";
import {
  IN_ANSWER,
  IN_DROPPED,
  IN_HELD,
  IN_IGNORED,
  IN_LOST,
  IN_MALFORMED,
  IN_REPLY,
  type Tap,
} from "../capture/tap.ts";
import {
  IGNORED as IGNORED_SLOT,
  MALFORMED as MALFORMED_SLOT,
  RECEIVED,
  RECEIVED_BYTES,
  REPLIED,
} from "../counters.ts";
import { RUSH_PACKETS } from "../responder/checksum.ts";
import { createFragments } from "../responder/fragments.ts";
import type { ResponderOptions } from "../responder/options.ts";
import { packetWords } from "../responder/responder.ts";
import { HELD, IGNORED, MALFORMED, TURNED } from "../responder/verdict.ts";
import { createFragmenter } from "./fragmenter.ts";
import { NetworkRecorder } from "./network_recorder.ts";
import {
  ANSWERED_BY_OWN,
  createNetworkResponder,
  NOBODY_THERE,
  type Outcome,
  passBack,
  TURNED_WITH_FOLLOWERS,
} from "./network_responder.ts";
import { type NetworkState, SPARE_START } from "./network_state.ts";
import { createOutlet, LOST, type Outlet, type Passage, PASSED, QUEUE_FULL } from "./outlet.ts";
import { HOST_ANSWERED, HOST_DROPPED, HOST_LOST } from "./statistics.ts";

/** The most packets of a batch. Before the next one, the clock is read, and what is due is sent. */
const BATCH_PACKETS = 64;

/** The inner functions of the network's loop. */
export interface NetworkBatch {
  readonly outlet: Outlet;
  /**
   * Answers the received packet at `offset` and those that follow it, at most 64 in all and until the reply limit. Returns
   * `EMPTY`, `ENDED` or `CORRUPT` if `receive()` returned that, otherwise a number from 0 on.
   */
  answer(this: void, offset: number): number;
  /** Makes what was recorded visible. The caller calls it before every wait. */
  flush(this: void): void;
  /** Counts the fragments that still wait for their first one as ignored. No batch may follow. */
  end(this: void): void;
}

/**
 * Makes the inner functions of the network's loop. They allocate nothing per packet.
 *
 * @param packets The packets of the device.
 * @param taps Record every packet as it came, and every packet as it was sent.
 * @throws {RangeError} If the memory of `packets` is not aligned to 4 bytes.
 */
export function createNetworkBatch(
  packets: Packets,
  state: NetworkState,
  options: ResponderOptions,
  taps: readonly Tap[],
): NetworkBatch {
  const { memory, receivedSize, receive, reply, release } = packets;
  const { own, nowUs, clock, isTimed, counters, replyLimit, comments, pinger, tally } = state;
  const words = packetWords(memory);
  const fragments = createFragments(words, () => nowUs[0] / 1000);
  const { held } = fragments;
  const verifies = Int32Array.of(1);
  const recorder = taps.length === 0 ? null : new NetworkRecorder(packets, taps, comments.mostBytes);
  const responder = createNetworkResponder(memory, words, state, options, {
    fragments,
    verifies,
    nowMs: () => Date.now(),
  });
  const { packet, answer } = responder;
  const outlet = createOutlet(state, {
    sendOwn: packets.senderOf(own.bytes),
    reply,
    copy: packets.copierTo(own.bytes).copy,
    recorder,
  });
  const fragment = createFragmenter();
  let countedGivenUp = 0;
  let isOwnAnswer = false;
  let firstPassage = -1;

  const passFragment = (at: number, size: number): void => {
    if (counters[REPLIED] >= replyLimit) return;
    const passage = outlet.pass(isOwnAnswer, at, size, answer.place, answer.links, 0);
    if (firstPassage < 0) firstPassage = passage;
  };

  /** Sends an answer, in fragments if it is larger than the links allow. Returns what became of it, or of the first fragment. */
  const passAnswer = (isOwn: boolean, at: number, size: number): Passage => {
    isOwnAnswer = isOwn;
    firstPassage = -1;
    // Over IPv6, routers do not fragment. Only a fragment that was held while the MTU became smaller is too large; it passes.
    if (size <= answer.mtu || packet.family === 6) passFragment(at, size);
    else fragment(isOwn ? own.bytes : memory, at, size, answer.mtu, passFragment);
    return firstPassage;
  };

  /** Sends the fragments that have waited for the first fragment that was just answered. */
  const passFollowers = (): void => {
    while (counters[REPLIED] < replyLimit) {
      const from = fragments.takeFollower();
      if (from < 0) return;
      const size = held.takenSize;
      for (let i = 0; i < size; i++) own.bytes[SPARE_START + i] = held.memory[from + i];
      passBack(own.words, SPARE_START >> 2, packet.family, answer.place.hops);
      passAnswer(true, SPARE_START, size);
    }
  };

  /** Counts and records a packet without an answer. */
  const finish = (outcome: Outcome): void => {
    if (outcome === MALFORMED) counters[MALFORMED_SLOT]++;
    else if (outcome !== HELD) counters[IGNORED_SLOT]++;
    if (recorder === null) return;
    if (outcome === NOBODY_THERE) recorder.conclude(IN_IGNORED, comments.noHost);
    else recorder.conclude(outcome === MALFORMED ? IN_MALFORMED : outcome === HELD ? IN_HELD : IN_IGNORED);
  };

  /** Records what became of the answer to a packet, and counts it for the address. */
  const finishAnswered = (passage: Passage, entry: number): void => {
    if (passage === LOST) tally.floats[entry + HOST_LOST]++;
    else if (passage !== PASSED) tally.floats[entry + HOST_DROPPED]++;
    // What a router says of an address is no answer of that address.
    else if (!answer.isFromRouter) tally.floats[entry + HOST_ANSWERED]++;
    if (recorder === null) return;
    if (passage === LOST) recorder.conclude(IN_LOST, comments.lost);
    else if (passage === QUEUE_FULL) recorder.conclude(IN_DROPPED, comments.queueFull);
    else recorder.conclude(passage === PASSED ? IN_REPLY : IN_DROPPED);
  };

  const answerOne = (offset: number, size: number): void => {
    const step = responder.read(offset, size);
    if (step !== TURNED) return finish(step);
    if (pinger !== null && pinger.take(packet, memory, clock)) {
      recorder?.conclude(IN_ANSWER);
      return;
    }
    const entry = tally.count(words, packet.destination >> 2, packet.family, packet.length);
    const outcome = responder.respond();
    if (outcome === MALFORMED || outcome === HELD || outcome === IGNORED || outcome === NOBODY_THERE) {
      return finish(outcome);
    }
    const isOwn = outcome === ANSWERED_BY_OWN;
    const passage = passAnswer(isOwn, isOwn ? 0 : offset, answer.size);
    finishAnswered(passage, entry);
    if (outcome === TURNED_WITH_FOLLOWERS) passFollowers();
  };

  const countGivenUp = (): void => {
    counters[IGNORED_SLOT] += held.givenUp - countedGivenUp;
    countedGivenUp = held.givenUp;
  };

  return {
    outlet,
    answer(first: number): number {
      let offset = first;
      let received = 0;
      do {
        const size = receivedSize[0];
        counters[RECEIVED_BYTES] += size;
        recorder?.received(offset, size);
        answerOne(offset, size);
        release(offset);
        received++;
        if (counters[REPLIED] >= replyLimit || received === BATCH_PACKETS) break;
        offset = receive();
        // This thread may have stood still in the middle of a batch. Without a delay, that is no matter.
        if (isTimed) nowUs[0] = clock();
      } while (offset >= 0);
      verifies[0] = received < RUSH_PACKETS ? 1 : 0;
      counters[RECEIVED] += received;
      if (held.givenUp > countedGivenUp) countGivenUp();
      return offset;
    },
    flush(): void {
      recorder?.flush();
    },
    end(): void {
      countGivenUp();
      counters[IGNORED_SLOT] += held.count;
      recorder?.flush();
    },
  };
}
