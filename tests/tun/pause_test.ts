import { assert, assertEquals } from "@std/assert";
import { pause } from "../../src/tun/pause.ts";

Deno.test("pause() ends with its time", async () => {
  const started = performance.now();
  await pause(20, new AbortController().signal);
  // A timer may be a millisecond early.
  assert(performance.now() - started >= 19);
});

Deno.test("pause() ends when its signal is aborted, and at once if it was before", async () => {
  const interrupt = new AbortController();
  setTimeout(() => interrupt.abort(), 5);
  await pause(3_600_000, interrupt.signal);
  await pause(3_600_000, interrupt.signal);
});

Deno.test("pause() leaves no listener at the signal", async () => {
  const listeners = new Set<unknown>();
  const { signal } = new AbortController();
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject): void => {
    listeners.add(listener);
    add(type, listener);
  };
  const remove = signal.removeEventListener.bind(signal);
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject): void => {
    listeners.delete(listener);
    remove(type, listener);
  };
  const pausing = pause(1, signal);
  assertEquals(listeners.size, 1);
  await pausing;
  assertEquals(listeners.size, 0);
});
