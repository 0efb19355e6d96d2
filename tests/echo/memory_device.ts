import {
  type Device,
  EMPTY,
  FULL,
  type PacketCopier,
  type Packets,
  READABLE,
  SENT,
  STOPPED,
} from "../../src/wintun/device.ts";

/** A device with a list of packets. Each is received once, then `end` is reported. Replies are kept as copies. */
export class MemoryDevice implements Device {
  /** The time now, as a FILETIME. At the start: 2026-01-02T03:04:05.6789012Z. */
  time = 134_117_966_456_789_012n;
  /** How far the clock advances each time it is read. */
  timeStep = 0n;
  readonly packets: Packets;
  readonly replies: Uint8Array[] = [];
  released = 0;
  waits = 0;
  /** The number of replies that find room. */
  sendCapacity = Infinity;
  /** Whether the owner has called `stop()`, although packets keep coming. */
  stopped = false;
  /** Whether every wait ends at once because packets have come. */
  readable = false;
  /** The numbers of the packets, from 0 on, that come only after the reader has waited. */
  pauses: number[] = [];
  #next = 0;
  #at = 0;
  readonly #memory = new Uint8Array(1 << 20);
  readonly #receivedSize = new Uint32Array(1);
  readonly #packets: readonly Uint8Array[];
  readonly #end: number;

  /** @param end The result of `receive` after the last packet. With `EMPTY`, `wait` then returns `STOPPED`. */
  constructor(packets: readonly Uint8Array[], end: number = EMPTY) {
    this.#packets = packets;
    this.#end = end;
    this.packets = {
      memory: this.#memory,
      receivedSize: this.#receivedSize,
      receive: () => this.#receive(),
      reply: (offset, size) => this.#send(this.#memory.slice(offset, offset + size)),
      release: () => void this.released++,
      copierTo: (target) => this.#copierTo(target),
      senderOf: (source) => (at, size) => this.#send(source.slice(at, at + size)),
    };
  }

  receiveFirst(): number {
    return this.#receive();
  }

  wait(timeoutMs: number): number {
    this.waits++;
    if (this.pauses[0] === this.#next) {
      this.pauses.shift();
      return READABLE;
    }
    return (this.readable || timeoutMs === 0) && !this.stopped ? READABLE : STOPPED;
  }

  waitPrecisely(timeoutUs: number): number {
    return this.wait(timeoutUs / 1000);
  }

  get early(): Packets {
    return this.packets;
  }

  close(): void {}

  [Symbol.dispose](): void {}

  #receive(): number {
    if (this.pauses[0] === this.#next) return EMPTY;
    if (this.#next === this.#packets.length) return this.#end;
    const packet = this.#packets[this.#next++];
    if (this.#at + packet.length > this.#memory.length) this.#at = 0;
    const offset = this.#at;
    this.#memory.set(packet, offset);
    this.#at += Math.ceil(packet.length / 4) * 4;
    this.#receivedSize[0] = packet.length;
    return offset;
  }

  #send(packet: Uint8Array): number {
    if (this.replies.length >= this.sendCapacity) return FULL;
    this.replies.push(packet);
    return SENT;
  }

  #copierTo(target: Uint8Array): PacketCopier {
    return {
      copy: (offset, size, at) => target.set(this.#memory.subarray(offset, offset + size), at),
      stamp: (at) => {
        new DataView(target.buffer).setBigUint64(at, this.time, true);
        this.time += this.timeStep;
      },
    };
  }
}
