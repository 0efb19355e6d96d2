import { assert, assertEquals } from "@std/assert";
import { Adapter } from "../../src/wintun/adapter.ts";
import { attachRings } from "../../src/wintun/rings.ts";
import {
  CLOSED,
  CORRUPT,
  type Device,
  type EarlyPackets,
  EMPTY,
  ENDED,
  FULL,
  type Packets,
  READABLE,
  SENT,
  STOPPED,
  TIMED_OUT,
} from "../../src/wintun/device.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { control, emulatorTest, inject, packetOf, take, wintun } from "./fixture.ts";

/** An address without memory near it, whose lower 32 bits are zero. */
const FOUR_GIB_LINE = 0x700_0000_0000n;

/** Rings with a single method to receive, so that no test depends on which packet is the first. */
class Reader {
  readonly #rings: Device;
  #begun = false;

  constructor(rings: Device) {
    this.#rings = rings;
  }

  get packets(): Packets {
    return this.#rings.packets;
  }

  get memory(): Uint8Array {
    return this.packets.memory;
  }

  receive(): number {
    if (this.#begun) return this.packets.receive();
    const offset = this.#rings.receiveFirst();
    this.#begun = offset >= 0;
    return offset;
  }

  reply(offset: number, size: number): number {
    return this.packets.reply(offset, size);
  }

  release(offset: number): void {
    this.packets.release(offset);
  }

  wait(timeoutMs: number): number {
    return this.#rings.wait(timeoutMs);
  }

  waitPrecisely(timeoutUs: number): number {
    return this.#rings.waitPrecisely(timeoutUs);
  }

  get early(): EarlyPackets {
    return this.#rings.early;
  }

  close(): void {
    this.#rings.close();
  }
}

interface Bench {
  readonly rings: Reader;
  /** WINTUN_SESSION_HANDLE */
  readonly session: bigint;
  readonly adapter: Deno.PointerValue;
  stop(): void;
}

/** An adapter, a session on it and its reader. The emulator's controls need the adapter's raw handle. */
function withRings(body: (bench: Bench) => void, capacityBytes = MIN_RING_CAPACITY): void {
  const name = new Uint16Array([0x6C, 0]);
  const adapter = wintun.symbols.WintunCreateAdapter(name, name, null);
  {
    using opened = Adapter.open(wintun, "l");
    using session = opened.startSession(capacityBytes);
    using rings = attachRings(session.attachment);
    body({
      rings: new Reader(rings),
      adapter,
      session: session.attachment.session,
      stop: () => session.stop(),
    });
  }
  wintun.symbols.WintunCloseAdapter(adapter);
}

function assertReceives(rings: Reader, expected: Uint8Array): number {
  const offset = rings.receive();
  assert(offset >= 0, `receive() gave ${offset}`);
  assertEquals(offset % 4, 0);
  assertEquals(rings.packets.receivedSize[0], expected.length);
  assertEquals(rings.memory.slice(offset, offset + expected.length), expected);
  return offset;
}

for (const size of [20, 21, 22, 23, 28, 1400, 0xFFFF]) {
  emulatorTest(`a packet of ${size} bytes is received and replied byte for byte`, () => {
    withRings(({ rings, session }) => {
      assert(inject(session, packetOf(size, size)));
      const offset = assertReceives(rings, packetOf(size, size));
      assertEquals(rings.reply(offset, size), SENT);
      rings.release(offset);
      assertEquals(rings.receive(), EMPTY);
      assertEquals(take(session), packetOf(size, size));
    });
  });
}

emulatorTest("a reply is what the received packet was changed to in place", () => {
  withRings(({ rings, session }) => {
    assert(inject(session, packetOf(40)));
    const offset = rings.receive();
    rings.memory[offset + 39] = 0xEE;
    assertEquals(rings.reply(offset, 40), SENT);
    rings.release(offset);
    assertEquals(take(session)?.[39], 0xEE);
  });
});

emulatorTest("packets go round the rings many times without a byte lost", () => {
  withRings(({ rings, session }) => {
    let bytes = 0;
    for (let round = 0; bytes < 20 * MIN_RING_CAPACITY; round++) {
      const sizes = [20 + round % 1400, 60, 20 + (round * 7) % 9000];
      const packets = sizes.map((size) => packetOf(size, round));
      assert(inject(session, ...packets));
      for (const packet of packets) {
        const offset = assertReceives(rings, packet);
        assertEquals(rings.reply(offset, packet.length), SENT);
        rings.release(offset);
        assertEquals(take(session), packet);
        bytes += packet.length;
      }
    }
    assertEquals(rings.receive(), EMPTY);
  });
});

emulatorTest("packets may be released in another order than they came", () => {
  withRings(({ rings, session }) => {
    for (let round = 0; round < 100; round++) {
      const packets = [packetOf(1400, round), packetOf(28, round), packetOf(9000, round)];
      assert(inject(session, ...packets), "the room of released packets must be free again");
      const offsets = packets.map((packet) => assertReceives(rings, packet));
      for (const index of [2, 0, 1]) rings.release(offsets[index]);
    }
  });
});

emulatorTest("memory is one and the same array until close(), and empty afterwards", () => {
  withRings(({ rings, session }) => {
    assert(inject(session, packetOf(28)));
    rings.release(rings.receive());
    const memory = rings.memory;
    assert(memory.length >= 2 * MIN_RING_CAPACITY);
    assert(inject(session, packetOf(28)));
    rings.release(rings.receive());
    assert(rings.memory === memory);
    rings.close();
    assertEquals(memory.length, 0);
    rings.close();
  });
});

emulatorTest("reply() says FULL when the send ring is full, and SENT once the driver took a packet", () => {
  withRings(({ rings, session }) => {
    assert(inject(session, packetOf(60_000)));
    const offset = rings.receive();
    let sent = 0;
    while (rings.reply(offset, 60_000) === SENT) sent++;
    assertEquals([sent, rings.reply(offset, 60_000)], [2, FULL]);
    take(session);
    assertEquals(rings.reply(offset, 60_000), SENT);
    rings.release(offset);
  });
});

emulatorTest("receive() says ENDED and reply() CLOSED when the adapter is removed", () => {
  withRings(({ rings, session, adapter }) => {
    assert(inject(session, packetOf(28)));
    const offset = rings.receive();
    control.EmulatorRemoveAdapter(adapter);
    assertEquals(rings.wait(0), READABLE);
    assertEquals([rings.reply(offset, 28), rings.receive()], [CLOSED, ENDED]);
    rings.release(offset);
    assertEquals(rings.receive(), ENDED);
  });
});

emulatorTest("receive() says ENDED when the adapter went before the first packet came", () => {
  withRings(({ rings, adapter }) => {
    control.EmulatorRemoveAdapter(adapter);
    assertEquals(rings.receive(), ENDED);
  });
});

emulatorTest("receive() says CORRUPT from the corrupt packet on", () => {
  withRings(({ rings, session }) => {
    assert(inject(session, packetOf(28)));
    control.EmulatorCorruptReceiveRing(Deno.UnsafePointer.create(session));
    rings.release(rings.receive());
    assertEquals([rings.receive(), rings.receive()], [CORRUPT, CORRUPT]);
  });
});

emulatorTest("wait() tells packets, the stop event and the end of its time apart, stop first", () => {
  withRings(({ rings, session, stop }) => {
    assertEquals(rings.wait(0), TIMED_OUT);
    const start = performance.now();
    assertEquals(rings.wait(50), TIMED_OUT);
    assert(performance.now() - start >= 45);
    assert(inject(session, packetOf(28)));
    assertEquals([rings.wait(1000), rings.wait(0)], [READABLE, TIMED_OUT]);
    stop();
    assert(inject(session, packetOf(28)));
    assertEquals([rings.wait(1000), rings.wait(1000)], [STOPPED, STOPPED]);
  });
});

emulatorTest(
  "waitPrecisely() tells packets, the stop event and the end of its time apart, stop first",
  () => {
    withRings(({ rings, session, stop }) => {
      assertEquals(rings.waitPrecisely(1), TIMED_OUT);
      const before = performance.now();
      assertEquals(rings.waitPrecisely(3500), TIMED_OUT);
      assert(performance.now() - before >= 3.4, `it took ${performance.now() - before} ms`);
      assert(inject(session, packetOf(20)));
      assertEquals(rings.waitPrecisely(10_000_000), READABLE);
      // The time of that wait has no effect on a later one.
      assertEquals(rings.wait(0), TIMED_OUT);
      assert(inject(session, packetOf(20)));
      stop();
      assertEquals(rings.waitPrecisely(1), STOPPED);
    });
  },
);

emulatorTest("senderOf() sends from other memory, early before the first packet comes", () => {
  withRings(({ rings, session }) => {
    const source = Uint8Array.of(...new Uint8Array(8), ...packetOf(24));
    assertEquals(rings.early.senderOf(source)(8, 24), SENT);
    assertEquals(take(session), packetOf(24));
    assert(inject(session, packetOf(20)));
    assert(rings.receive() >= 0);
    assertEquals(rings.packets.senderOf(source)(8, 24), SENT);
    assertEquals(take(session), packetOf(24));
  });
});

emulatorTest("early.copierTo() writes times before the first packet comes", () => {
  withRings(({ rings }) => {
    const target = new Uint8Array(8);
    rings.early.copierTo(target).stamp(0);
    const year = 1601 + Number(new DataView(target.buffer).getBigUint64(0, true)) / (1e7 * 86_400 * 365.2425);
    assert(year > 2025 && year < 2200, `${year}`);
  });
});

emulatorTest("copierTo() gives what writes packets and times to its target", () => {
  withRings(({ rings, session }) => {
    assert(inject(session, packetOf(100, 7)));
    const offset = rings.receive();
    const target = new Uint8Array(64);
    const { copy, stamp } = rings.packets.copierTo(target);
    copy(offset + 50, 20, 9);
    assertEquals(target.subarray(9, 29), packetOf(100, 7).subarray(50, 70));
    stamp(32);
    const ticks = new DataView(target.buffer).getBigUint64(32, true) / 10_000n - 11_644_473_600_000n;
    assert(Math.abs(Number(ticks) - Date.now()) < 60_000, `the time was ${new Date(Number(ticks))}`);
    rings.release(offset);
  });
});

emulatorTest("rings that cross a 4 GiB line lose no packet, not even the one that lies on it", () => {
  const distance = MIN_RING_CAPACITY;
  control.EmulatorSetNextRegionBase(FOUR_GIB_LINE - BigInt(distance));
  withRings(({ rings, session }) => {
    const offsets = new Set<number>();
    // The ring's first packet lies at 16; one of 44 bytes makes those of 28 bytes behind it hit multiples of 32.
    for (let count = 0; count < 20_000; count++) {
      const packet = packetOf(count === 0 ? 44 : 28, count);
      assert(inject(session, packet));
      const offset = assertReceives(rings, packet);
      offsets.add(offset);
      assertEquals(rings.reply(offset, packet.length), SENT);
      rings.release(offset);
      assertEquals(take(session), packet);
    }
    assert(offsets.has(distance), "no packet lay on the line: the rings were not where this test wants them");
  });
});

emulatorTest("two readers may attach one after the other", () => {
  using adapter = Adapter.create(wintun, "lab", "Wintun", null);
  using session = adapter.startSession(MIN_RING_CAPACITY);
  for (let reader = 0; reader < 3; reader++) {
    using attached = attachRings(session.attachment);
    const rings = new Reader(attached);
    assert(inject(session.attachment.session, packetOf(28, reader)));
    rings.release(assertReceives(rings, packetOf(28, reader)));
  }
});
