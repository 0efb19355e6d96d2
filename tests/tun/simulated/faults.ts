/** Faults of a driver, made in the shared memory of a simulated session. */

import { type SimulatedAttachment, SimulatedLink } from "../../../src/tun/simulated/device.ts";
import { PacketRing, ringBytes } from "../../../src/tun/simulated/ring.ts";

/** The control words, which come first; then the receive ring, then the send ring (src/tun/simulated/device.ts). */
const CONTROL_BYTES = 64;

/** Puts a record with an impossible size into the receive ring, and wakes the reader. */
export function corruptReceiveRing(attachment: SimulatedAttachment): void {
  const { memory, capacityBytes } = attachment;
  const ring = new PacketRing(memory, CONTROL_BYTES, capacityBytes);
  let packet: number;
  do packet = ring.reserve(0); while (packet < 0);
  new Int32Array(memory)[packet / 4 - 1] = -1;
  ring.publish();
  new SimulatedLink(attachment).deliver(new Uint8Array(20));
}

/** Leaves no room in the send ring, although it has no packet to collect. */
export function fillSendRing({ memory, capacityBytes }: SimulatedAttachment): void {
  const words = new Int32Array(memory);
  const head = (CONTROL_BYTES + ringBytes(capacityBytes)) / 4;
  Atomics.store(words, head, Atomics.load(words, head + 1) + 4);
}
