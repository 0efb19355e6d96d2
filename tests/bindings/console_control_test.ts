import { assertEquals } from "@std/assert";
import { ConsoleControl } from "../../src/windows/console_control.ts";
import type { ConsoleEnd } from "../../src/windows/console_control_messages.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { emulatorTest, libraries } from "./fixture.ts";

const CTRL_C_EVENT = 0;
const CTRL_CLOSE_EVENT = 2;
/** The answer while a handler still blocks the thread of Windows. */
const NO_ANSWER = 0xFFFF_FFFF;

const emulator = Deno.dlopen(libraries.kernel32!, {
  EmulatorConsoleEvent: { parameters: ["u32"], result: "i32" },
  EmulatorConsoleHandlers: { parameters: [], result: "u32" },
  EmulatorConsoleAnswer: { parameters: [], result: "u32" },
}).symbols;

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** Sends an event to the handlers, and returns their answer within `ms` milliseconds, or `NO_ANSWER`. */
async function answerTo(event: number, ms = 30_000): Promise<number> {
  emulator.EmulatorConsoleEvent(event);
  const end = performance.now() + ms;
  while (emulator.EmulatorConsoleAnswer() === NO_ANSWER && performance.now() < end) await pause(5);
  return emulator.EmulatorConsoleAnswer();
}

/** Registers a handler, and returns when Windows knows it. */
async function listen(system: SystemLibraries, onEnd: (end: ConsoleEnd) => void): Promise<ConsoleControl> {
  const control = new ConsoleControl(system, onEnd);
  while (emulator.EmulatorConsoleHandlers() === 0) await pause(5);
  return control;
}

emulatorTest("Ctrl-C is left to other handlers", async () => {
  using system = new SystemLibraries(libraries);
  const ends: ConsoleEnd[] = [];
  using _control = await listen(system, (end) => ends.push(end));
  assertEquals([await answerTo(CTRL_C_EVENT), ends], [0, []]);
});

emulatorTest("Windows is held up when it is about to end the process, and not for ever", async () => {
  using system = new SystemLibraries(libraries);
  const told = Promise.withResolvers<ConsoleEnd>();
  const control = await listen(system, told.resolve);
  const answer = answerTo(CTRL_CLOSE_EVENT);
  assertEquals([await told.promise, emulator.EmulatorConsoleAnswer()], ["close", NO_ANSWER]);
  // close() does not wait for Windows, and does not unblock its thread: the process has not ended yet.
  control.close();
  assertEquals(emulator.EmulatorConsoleAnswer(), NO_ANSWER);
  assertEquals(await answer, 1);
});

emulatorTest("after close() Windows finds no handler", async () => {
  using system = new SystemLibraries(libraries);
  const control = await listen(system, () => {});
  control.close();
  control.close();
  assertEquals(await answerTo(CTRL_CLOSE_EVENT), 0);
});

emulatorTest("close() may come before the handler is installed", async () => {
  using system = new SystemLibraries(libraries);
  new ConsoleControl(system, () => {}).close();
  await pause(500);
  assertEquals(await answerTo(CTRL_CLOSE_EVENT), 0);
});
