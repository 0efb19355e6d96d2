import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { fixedMemory } from "../../src/windows/fixed_memory.ts";
import { waitForObject } from "../../src/windows/handle.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import type { Session } from "../../src/wintun/session.ts";
import { MAX_RING_CAPACITY, MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { CALL } from "../emulator/control.ts";
import { control, counts, emulatorTest, inject, packetOf, take, wintun } from "./fixture.ts";

const { symbols } = wintun;

function withSession(body: (session: Session, adapter: Adapter) => void): void {
  using adapter = Adapter.create(wintun, "lab", "Wintun", null);
  using session = adapter.startSession(MIN_RING_CAPACITY);
  body(session, adapter);
}

const handleOf = (session: Session): Deno.PointerValue =>
  Deno.UnsafePointer.create(session.attachment.session);
const lastError = (): number => wintun.libraries.lastError("").code;

function assertCode(code: number, call: () => unknown): void {
  assertEquals(assertThrows(call, Win32Error).code, code);
}

for (const capacity of [0, 1, MIN_RING_CAPACITY / 2, MIN_RING_CAPACITY + 4, MAX_RING_CAPACITY * 2]) {
  emulatorTest(`startSession() fails with 87 for a capacity of ${capacity}`, () => {
    using adapter = Adapter.create(wintun, "lab", "Wintun", null);
    assertCode(87, () => adapter.startSession(capacity));
  });
}

for (const capacity of [MIN_RING_CAPACITY, 0x400000, MAX_RING_CAPACITY]) {
  emulatorTest(`startSession() takes a capacity of ${capacity}`, () => {
    using adapter = Adapter.create(wintun, "lab", "Wintun", null);
    adapter.startSession(capacity).close();
  });
}

emulatorTest("startSession() fails with 1247 while a session is open, and works once it has ended", () => {
  withSession((session, adapter) => {
    assertCode(1247, () => adapter.startSession(MIN_RING_CAPACITY));
    session.close();
    adapter.startSession(MIN_RING_CAPACITY).close();
  });
});

emulatorTest("startSession() that fails with 5 keeps no event open", () => {
  using adapter = Adapter.create(wintun, "lab", "Wintun", null);
  const before = counts().handles;
  control.EmulatorFailNext(CALL.startSession, 5, 1);
  assertCode(5, () => adapter.startSession(MIN_RING_CAPACITY));
  assertEquals(counts().handles, before);
});

emulatorTest("closing an adapter ends its session first", () => {
  const adapter = Adapter.create(wintun, "lab", "Wintun", null);
  const session = adapter.startSession(MIN_RING_CAPACITY);
  adapter.close();
  assertEquals(counts().sessions, 0);
  session.close();
});

emulatorTest("WintunReceivePacket gives packets in order, then 259", () => {
  withSession((session) => {
    const [first, second] = [packetOf(28, 1), packetOf(1400, 2)];
    assert(inject(session.attachment.session, first, second));
    for (const expected of [first, second]) {
      const size = new Uint32Array(fixedMemory(4));
      const packet = symbols.WintunReceivePacket(handleOf(session), Deno.UnsafePointer.of(size))!;
      assertEquals(size[0], expected.length);
      assertEquals(new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(packet, size[0])).slice(), expected);
      symbols.WintunReleaseReceivePacket(handleOf(session), packet);
    }
    const size = new Uint32Array(fixedMemory(4));
    const none = symbols.WintunReceivePacket(handleOf(session), Deno.UnsafePointer.of(size));
    assertEquals([none, lastError()], [null, 259]);
  });
});

emulatorTest("WintunAllocateSendPacket and WintunSendPacket send in the order of allocation", () => {
  withSession((session) => {
    const packets = [packetOf(20, 1), packetOf(60, 2)].map((bytes) => {
      const packet = symbols.WintunAllocateSendPacket(handleOf(session), bytes.length)!;
      new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(packet, bytes.length)).set(bytes);
      return packet;
    });
    symbols.WintunSendPacket(handleOf(session), packets[1]);
    assertEquals(take(session.attachment.session), undefined);
    symbols.WintunSendPacket(handleOf(session), packets[0]);
    assertEquals(take(session.attachment.session), packetOf(20, 1));
    assertEquals(take(session.attachment.session), packetOf(60, 2));
  });
});

emulatorTest("WintunAllocateSendPacket fails with 111 when the ring is full", () => {
  withSession((session) => {
    let allocated = 0;
    let packet = symbols.WintunAllocateSendPacket(handleOf(session), 0xFFFF);
    for (; packet !== null; allocated++) {
      symbols.WintunSendPacket(handleOf(session), packet);
      packet = symbols.WintunAllocateSendPacket(handleOf(session), 0xFFFF);
    }
    assertEquals(lastError(), 111);
    assertEquals(allocated, 1);
  });
});

emulatorTest("an adapter that is removed gives 38 in both directions, and sets the read event", () => {
  const adapter = symbols.WintunCreateAdapter(
    new Uint16Array([0x6C, 0]),
    new Uint16Array([0x6C, 0]),
    null,
  );
  const session = symbols.WintunStartSession(adapter, MIN_RING_CAPACITY);
  const readEvent = symbols.WintunGetReadWaitEvent(session);
  assertNotEquals(control.EmulatorRemoveAdapter(adapter), 0);
  assertEquals(waitForObject(wintun.libraries, readEvent, 0), 0);
  const size = new Uint32Array(fixedMemory(4));
  const received = symbols.WintunReceivePacket(session, Deno.UnsafePointer.of(size));
  assertEquals([received, lastError()], [null, 38]);
  const allocated = symbols.WintunAllocateSendPacket(session, 60);
  assertEquals([allocated, lastError()], [null, 38]);
  symbols.WintunEndSession(session);
  symbols.WintunCloseAdapter(adapter);
});

emulatorTest("a corrupt receive ring gives 13", () => {
  withSession((session) => {
    assertNotEquals(control.EmulatorCorruptReceiveRing(handleOf(session)), 0);
    const size = new Uint32Array(fixedMemory(4));
    const received = symbols.WintunReceivePacket(handleOf(session), Deno.UnsafePointer.of(size));
    assertEquals([received, lastError()], [null, 13]);
  });
});

emulatorTest("the read event is set once a batch, and resets itself", () => {
  withSession((session) => {
    const readEvent = symbols.WintunGetReadWaitEvent(handleOf(session));
    const isSet = (): boolean => waitForObject(wintun.libraries, readEvent, 0) === 0;
    assertEquals(isSet(), false);
    assert(inject(session.attachment.session, packetOf(28), packetOf(28)));
    assertEquals([isSet(), isSet()], [true, false]);
  });
});

emulatorTest("stop() sets the stop event for good, and is harmless after close()", () => {
  withSession((session) => {
    const stopEvent = Deno.UnsafePointer.create(session.attachment.stopEvent);
    session.stop();
    assertEquals(waitForObject(wintun.libraries, stopEvent, 0), 0);
    assertEquals(waitForObject(wintun.libraries, stopEvent, 0), 0);
    session.close();
    session.stop();
    session.close();
  });
});
