import { type Device, EMPTY, STOPPED } from "../../wintun/device.ts";
import type { Tap } from "../capture/tap.ts";
import { RECEIVED, RECEIVED_BYTES, REPLIED } from "../counters.ts";
import { BATCH_PACKETS as POLL_PACKETS } from "../batch.ts";
import { LoadMeter } from "../load_meter.ts";
import { type EchoEnd, endOf, FOREVER, linger, type LoopOptions, SPIN_TRIES } from "../loop.ts";
import { createNetworkBatch } from "./network_batch.ts";
import { NetworkRecorder } from "./network_recorder.ts";
import {
  createNetworkState,
  dropWaiting,
  type NetworkRun,
  type NetworkState,
  nextDueUs,
  sendDue,
} from "./network_state.ts";
import { createOutlet } from "./outlet.ts";
import type { PingReply } from "./ping_reply.ts";

/** The longest wait with a precise end, in microseconds. What is due later is looked at again. */
const LONGEST_WAIT_US = 2 ** 31 - 1;

/**
 * Plays a network until there is a reason to end, and returns that: the loop in the place of `runEcho()`. It blocks its
 * thread, allocates nothing per packet, and does not close the device.
 *
 * @param counters See counters.ts.
 * @param taps Record every packet as it came, and every packet as it was sent.
 * @param onPing Is called with each reply to the network's own pings.
 * @throws {RangeError} If the device's memory is not aligned to 4 bytes.
 * @throws The errors of `device`.
 */
export function runNetwork(
  device: Device,
  options: LoopOptions,
  counters: Float64Array,
  taps: readonly Tap[],
  run: NetworkRun,
  onPing: (reply: PingReply) => void,
): EchoEnd {
  const startMs = performance.now() - run.elapsedMs;
  const clock = (): number => 1000 * (performance.now() - startMs);
  const replyLimit = counters[REPLIED] + (options.replyLimit ?? Infinity);
  const state = createNetworkState({
    ...run,
    counters,
    replyLimit,
    clock,
    pingIdentifier: Deno.pid & 0xffff,
    onPing,
  });
  try {
    const first = receiveFirst(device, state, taps);
    if (first === EMPTY) return "stopped";
    return first < 0 ? endOf(first) : playAll(device, first, state, options, taps);
  } finally {
    dropWaiting(state);
  }
}

/** Plays the network for the packet at `first` and all packets that follow. */
function playAll(
  device: Device,
  first: number,
  state: NetworkState,
  options: LoopOptions,
  taps: readonly Tap[],
): EchoEnd {
  const batch = createNetworkBatch(device.packets, state, options, taps);
  const { outlet } = batch;
  const { counters, replyLimit } = state;
  const { spinTries = SPIN_TRIES } = options;
  const load = new LoadMeter();
  let offset = first;
  let spins = 0;
  let receivedAtWait = counters[RECEIVED];
  try {
    for (;;) {
      state.nowUs[0] = state.clock();
      sendDue(state, outlet);
      if (offset >= 0) {
        offset = batch.answer(offset);
        spins = load.isHigh(counters[RECEIVED_BYTES]) ? spinTries : 0;
      }
      if (counters[REPLIED] >= replyLimit) {
        linger(device);
        return "limit";
      }
      if (offset < EMPTY) return endOf(offset);
      const isIdle = offset === EMPTY && spins-- <= 0;
      if (isIdle || counters[RECEIVED] - receivedAtWait >= POLL_PACKETS) {
        batch.flush();
        if (wait(device, isIdle ? nextDueUs(state) : 0, state) === STOPPED) return "stopped";
        receivedAtWait = counters[RECEIVED];
      }
      offset = device.packets.receive();
    }
  } finally {
    batch.end();
  }
}

/** Sends pings until the first packet comes. Returns its offset, `EMPTY` if the loop is to stop, or how the session ended. */
function receiveFirst(device: Device, state: NetworkState, taps: readonly Tap[]): number {
  const { early } = device;
  const fail = (): never => {
    throw new Error("no packet has come");
  };
  const recorder = taps.length === 0 ? null : new NetworkRecorder(early, taps, state.comments.mostBytes);
  const outlet = createOutlet(state, {
    sendOwn: early.senderOf(state.own.bytes),
    reply: fail,
    copy: fail,
    recorder,
  });
  for (;;) {
    state.nowUs[0] = state.clock();
    sendDue(state, outlet);
    recorder?.flush();
    const offset = device.receiveFirst();
    if (offset !== EMPTY) return offset;
    if (wait(device, nextDueUs(state), state) === STOPPED) return EMPTY;
  }
}

/** Waits for packets, at most until a time in microseconds. A time that is over polls. */
function wait(device: Device, untilUs: number, { clock }: NetworkState): number {
  if (untilUs === Infinity) return device.wait(FOREVER);
  const leftUs = Math.ceil(untilUs - clock());
  return leftUs > 0 ? device.waitPrecisely(Math.min(leftUs, LONGEST_WAIT_US)) : device.wait(0);
}
