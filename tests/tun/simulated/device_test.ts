import { assert, assertEquals } from "@std/assert";
import {
  CLOSED,
  CORRUPT,
  type Device,
  EMPTY,
  ENDED,
  FULL,
  READABLE,
  SENT,
  STOPPED,
  TIMED_OUT,
} from "../../../src/wintun/device.ts";
import {
  attachSimulatedDevice,
  createSimulatedAttachment,
  type SimulatedAttachment,
  SimulatedLink,
} from "../../../src/tun/simulated/device.ts";
import { corruptReceiveRing } from "./faults.ts";

const CAPACITY = 0x20000;

function openDevice(): { attachment: SimulatedAttachment; link: SimulatedLink; device: Device } {
  const attachment = createSimulatedAttachment(CAPACITY);
  // As between threads: the message is cloned, and the memory stays shared.
  const clone = structuredClone(attachment);
  return { attachment, link: new SimulatedLink(attachment), device: attachSimulatedDevice(clone) };
}

Deno.test("SimulatedDevice.receive() gives what the link delivers, in order, then EMPTY", () => {
  const { link, device } = openDevice();
  link.deliver(Uint8Array.of(1, 2, 3));
  link.deliver(new Uint8Array(0));
  const at = device.packets.receive();
  assertEquals(device.packets.receivedSize[0], 3);
  assertEquals([...device.packets.memory.slice(at, at + 3)], [1, 2, 3]);
  device.packets.release(at);
  device.packets.release(device.packets.receive());
  assertEquals(device.packets.receivedSize[0], 0);
  assertEquals(device.packets.receive(), EMPTY);
});

Deno.test("SimulatedDevice.reply() copies a packet that was changed in place into the send ring", () => {
  const { link, device } = openDevice();
  link.deliver(Uint8Array.of(1, 2, 3, 4, 5));
  const at = device.packets.receive();
  device.packets.memory[at] = 9;
  assertEquals(device.packets.reply(at, 5), SENT);
  device.packets.memory[at] = 0;
  device.packets.release(at);
  assertEquals(link.collect(), Uint8Array.of(9, 2, 3, 4, 5));
  assertEquals(link.collect(), undefined);
});

Deno.test("SimulatedDevice.reply() gives FULL while nobody collects, and SENT again afterwards", () => {
  const { link, device } = openDevice();
  link.deliver(new Uint8Array(65535));
  const at = device.packets.receive();
  assertEquals([device.packets.reply(at, 65535), device.packets.reply(at, 65535)], [SENT, FULL]);
  link.collect();
  assertEquals(device.packets.reply(at, 65535), SENT);
});

Deno.test("SimulatedLink.deliver() is false when the receive ring is full", () => {
  const { link } = openDevice();
  assert(link.deliver(new Uint8Array(65535)));
  assert(!link.deliver(new Uint8Array(65535)));
});

Deno.test("SimulatedDevice.receive() gives CORRUPT for a record that cannot be, after the packets before it", () => {
  const { attachment, link, device } = openDevice();
  link.deliver(new Uint8Array(20));
  corruptReceiveRing(attachment);
  const at = device.packets.receive();
  assert(at > 0);
  assertEquals([device.packets.receive(), device.packets.receive()], [CORRUPT, CORRUPT]);
  assertEquals(device.packets.reply(at, 20), SENT);
});

Deno.test("SimulatedDevice gives ENDED and CLOSED once the adapter is removed, whatever lies in the rings", () => {
  const { link, device } = openDevice();
  link.deliver(new Uint8Array(20));
  link.deliver(new Uint8Array(20));
  const at = device.packets.receive();
  link.remove();
  assertEquals([device.packets.receive(), device.packets.reply(at, 20)], [ENDED, CLOSED]);
});

Deno.test("SimulatedDevice.wait() returns at once for what came since the ring was last looked at", () => {
  const { link, device } = openDevice();
  assertEquals(device.wait(0), READABLE, "a new reader looks at the ring first");
  assertEquals(device.wait(0), TIMED_OUT);
  assertEquals(device.packets.receive(), EMPTY);
  link.deliver(new Uint8Array(20));
  assertEquals(device.wait(60_000), READABLE);
  assertEquals(device.wait(1), TIMED_OUT);
});

Deno.test("SimulatedDevice.wait() gives STOPPED from stop() on, before anything else", () => {
  const { link, device } = openDevice();
  link.deliver(new Uint8Array(20));
  link.stop();
  assertEquals([device.wait(60_000), device.wait(0)], [STOPPED, STOPPED]);
});

Deno.test("SimulatedDevice.wait() is woken from another thread by a packet and by stop()", async () => {
  const attachment = createSimulatedAttachment(CAPACITY);
  const link = new SimulatedLink(attachment);
  const worker = new Worker(new URL("./reader.ts", import.meta.url), { type: "module" });
  const messages: unknown[] = [];
  const finished = Promise.withResolvers<void>();
  worker.onmessage = ({ data }) => {
    messages.push(data);
    if (data === "attached") link.deliver(Uint8Array.of(1, 2, 3));
    else if (data === STOPPED) finished.resolve();
    else link.stop();
  };
  worker.postMessage(attachment);
  await finished.promise;
  worker.terminate();
  assertEquals(messages, ["attached", [1, 2, 3], STOPPED]);
  assert(!link.hasReader);
});

Deno.test("SimulatedDevice.packets.copierTo() gives what writes packets and times to its target", () => {
  const { link, device } = openDevice();
  const target = new Uint8Array(32);
  const { copy, stamp } = device.packets.copierTo(target);
  link.deliver(Uint8Array.of(1, 2, 3, 4));
  const at = device.packets.receive();
  copy(at, 3, 20);
  stamp(8);
  assertEquals([...target.subarray(18, 25)], [0, 0, 1, 2, 3, 0, 0]);
  const filetime = new DataView(target.buffer).getBigUint64(8, true);
  const unixMs = Number(filetime / 10_000n) - 11_644_473_600_000;
  assert(Math.abs(unixMs - Date.now()) < 5_000, `${unixMs}`);
});

Deno.test("SimulatedLink.hasReader follows attaching and closing", () => {
  const attachment = createSimulatedAttachment(CAPACITY);
  const link = new SimulatedLink(attachment);
  assert(!link.hasReader);
  const device = attachSimulatedDevice(attachment);
  assert(link.hasReader);
  device.close();
  device.close();
  assert(!link.hasReader);
});
