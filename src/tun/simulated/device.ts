import {
  CLOSED,
  CORRUPT,
  type Device,
  EMPTY,
  ENDED,
  FULL,
  type PacketCopier,
  type Packets,
  type PacketSender,
  READABLE,
  SENT,
  STOPPED,
  TIMED_OUT,
} from "../../wintun/device.ts";
import type { Traffic } from "../../windows/network/interface_info.ts";
import { NO_TRAFFIC } from "./traffic.ts";
import { PacketRing, RING_CORRUPT, RING_EMPTY, ringBytes } from "./ring.ts";

/** Control words at the start of the shared memory, as Int32 indices. */
const SEQUENCE = 0;
const STOP = 1;
const REMOVED = 2;
const READERS = 3;
const CONTROL_BYTES = 64;

/** FILETIME (100 ns since 1601-01-01 UTC) of 1970-01-01 UTC. */
const UNIX_EPOCH_FILETIME = 116_444_736_000_000_000n;

/** A simulated session as plain data, for a message to another thread. */
export interface SimulatedAttachment {
  readonly kind: "simulated";
  readonly memory: SharedArrayBuffer;
  readonly capacityBytes: number;
}

/**
 * Allocates the shared memory of one session: control words, receive ring, send ring.
 * @param capacityBytes Size of each ring, a power of two.
 */
export function createSimulatedAttachment(capacityBytes: number): SimulatedAttachment {
  const memory = new SharedArrayBuffer(CONTROL_BYTES + 2 * ringBytes(capacityBytes));
  return { kind: "simulated", memory, capacityBytes };
}

/** Makes the calling thread the reader of a simulated session. The caller owns the device. */
export function attachSimulatedDevice(attachment: SimulatedAttachment): Device {
  return new SimulatedDevice(attachment);
}

class SimulatedDevice implements Device {
  readonly packets: Packets;
  readonly #words: Int32Array;
  /** The value of the sequence word when the reader last emptied the ring. */
  #seen: number;
  #closed = false;

  constructor({ memory, capacityBytes }: SimulatedAttachment) {
    this.#words = new Int32Array(memory);
    this.#seen = Atomics.load(this.#words, SEQUENCE) - 1;
    Atomics.add(this.#words, READERS, 1);
    this.packets = createSimulatedPackets(
      memory,
      this.#words,
      new PacketRing(memory, CONTROL_BYTES, capacityBytes),
      new PacketRing(memory, CONTROL_BYTES + ringBytes(capacityBytes), capacityBytes),
    );
  }

  receiveFirst(): number {
    return this.packets.receive();
  }

  wait(timeoutMs: number): number {
    if (Atomics.load(this.#words, STOP) !== 0) return STOPPED;
    // If the sequence has changed since the reader last looked at the ring, this returns at once, so no packet is missed.
    const outcome = Atomics.wait(this.#words, SEQUENCE, this.#seen, timeoutMs);
    this.#seen = Atomics.load(this.#words, SEQUENCE);
    if (Atomics.load(this.#words, STOP) !== 0) return STOPPED;
    return outcome === "timed-out" ? TIMED_OUT : READABLE;
  }

  waitPrecisely(timeoutUs: number): number {
    return this.wait(timeoutUs / 1000);
  }

  get early(): Packets {
    return this.packets;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    Atomics.sub(this.#words, READERS, 1);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function createSimulatedPackets(
  shared: SharedArrayBuffer,
  words: Int32Array,
  incoming: PacketRing,
  outgoing: PacketRing,
): Packets {
  const memory = new Uint8Array(shared);
  const receivedSize = new Uint32Array(1);
  const senderOf = (source: Uint8Array): PacketSender => (at, size) => {
    if (Atomics.load(words, REMOVED) !== 0) return CLOSED;
    const target = outgoing.reserve(size);
    if (target < 0) return FULL;
    memory.set(source.subarray(at, at + size), target);
    outgoing.publish();
    return SENT;
  };
  return {
    memory,
    receivedSize,
    receive(): number {
      if (Atomics.load(words, REMOVED) !== 0) return ENDED;
      const offset = incoming.take();
      if (offset < 0) return offset === RING_CORRUPT ? CORRUPT : EMPTY;
      receivedSize[0] = incoming.takenSize;
      return offset;
    },
    reply: senderOf(memory),
    release: (offset: number): void => incoming.release(offset),
    copierTo: (target: Uint8Array): PacketCopier => createSimulatedCopier(memory, target),
    senderOf,
  };
}

function createSimulatedCopier(memory: Uint8Array, target: Uint8Array): PacketCopier {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  return {
    copy(offset: number, size: number, at: number): void {
      target.set(memory.subarray(offset, offset + size), at);
    },
    stamp(at: number): void {
      const microseconds = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
      view.setBigUint64(at, UNIX_EPOCH_FILETIME + microseconds * 10n, true);
    },
  };
}

/**
 * The driver's side of a simulated session, on the owner's thread. It delivers packets to the reader, and collects the
 * packets that the reader sends.
 */
export class SimulatedLink {
  readonly #words: Int32Array;
  readonly #memory: Uint8Array;
  readonly #incoming: PacketRing;
  readonly #outgoing: PacketRing;
  #traffic = { ...NO_TRAFFIC };

  constructor({ memory, capacityBytes }: SimulatedAttachment) {
    this.#memory = new Uint8Array(memory);
    this.#words = new Int32Array(memory);
    this.#incoming = new PacketRing(memory, CONTROL_BYTES, capacityBytes);
    this.#outgoing = new PacketRing(memory, CONTROL_BYTES + ringBytes(capacityBytes), capacityBytes);
  }

  /** Whether a thread reads the session now. */
  get hasReader(): boolean {
    return Atomics.load(this.#words, READERS) > 0;
  }

  /** Puts a packet into the receive ring and wakes the reader. Returns `false` if the ring is full. */
  deliver(packet: Uint8Array): boolean {
    const target = this.#incoming.reserve(packet.length);
    if (target < 0) {
      this.#traffic.sentDiscards++;
      return false;
    }
    this.#memory.set(packet, target);
    this.#incoming.publish();
    this.#traffic.sentPackets++;
    this.#traffic.sentBytes += packet.length;
    this.#wake();
    return true;
  }

  /**
   * Takes the next packet that the reader sent. Returns a copy of it, or `undefined` if there is none.
   * @throws {Error} if the send ring is corrupt.
   */
  collect(): Uint8Array | undefined {
    const offset = this.#outgoing.take();
    if (offset === RING_EMPTY) return undefined;
    if (offset === RING_CORRUPT) throw new Error("The simulated send ring is corrupt");
    const packet = this.#memory.slice(offset, offset + this.#outgoing.takenSize);
    this.#outgoing.release(offset);
    this.#traffic.receivedPackets++;
    this.#traffic.receivedBytes += packet.length;
    return packet;
  }

  /** Returns what was carried since the last call. The machine sends what it delivers, and receives what it collects. */
  takeTraffic(): Traffic {
    const traffic = this.#traffic;
    this.#traffic = { ...NO_TRAFFIC };
    return traffic;
  }

  /** Ends the reader's current wait and all later ones. */
  stop(): void {
    Atomics.store(this.#words, STOP, 1);
    this.#wake();
  }

  /** Marks the adapter as removed: from now on the reader's `receive()` returns `ENDED` and `reply()` returns `CLOSED`. */
  remove(): void {
    Atomics.store(this.#words, REMOVED, 1);
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#words, SEQUENCE, 1);
    Atomics.notify(this.#words, SEQUENCE);
  }
}
