import { assert, assertEquals } from "@std/assert";
import { startKeeperThread } from "../../src/keeper/keeper_thread.ts";
import { Event } from "../../src/windows/event.ts";
import { waitForObject } from "../../src/windows/handle.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import type { LogLine } from "../../src/wintun/log_line.ts";
import { Logger } from "../../src/wintun/logger.ts";
import { control, counts, emulatorTest, wintun } from "./fixture.ts";

const log = (level: number, text: string, foreign = false): number =>
  control.EmulatorLog(level, toWideString(text), foreign ? 1 : 0);

async function collect(body: () => void | Promise<void>): Promise<LogLine[]> {
  const messages: LogLine[] = [];
  const logger = await Logger.open(wintun, (message) => messages.push(message));
  await body();
  await logger.close();
  return messages;
}

emulatorTest("the logger gets level, time and text, beyond ASCII too, in order", async () => {
  const messages = await collect(() => {
    log(0, "first");
    log(1, "zweite: Käfig 🦊");
    log(2, "third");
  });
  assertEquals(messages.map(({ level, message }) => [level, message]), [
    ["info", "first"],
    ["warning", "zweite: Käfig 🦊"],
    ["error", "third"],
  ]);
});

emulatorTest("the logger hears what wintun.dll says of a failing call", async () => {
  const messages = await collect(() => {
    try {
      Adapter.open(wintun, "nobody").close();
    } catch { /* the message is what this is about */ }
  });
  assert(
    messages.some(({ level, message }) => level === "error" && message.includes("nobody")),
    JSON.stringify(messages),
  );
});

emulatorTest("threads that are not ours may log while this thread is blocked in a call", async () => {
  const messages = await collect(() => {
    using event = Event.create(wintun.libraries);
    const neverSet = Deno.UnsafePointer.create(event.handle);
    for (let index = 0; index < 50; index++) log(0, `foreign ${index}`, true);
    // This thread is blocked here and runs no callback. The foreign threads must still finish.
    const deadline = performance.now() + 30_000;
    while (counts().logThreads > 0 && performance.now() < deadline) {
      waitForObject(wintun.libraries, neverSet, 50);
    }
    assertEquals(counts().logThreads, 0);
  });
  const texts = messages.map(({ message }) => message).sort();
  assertEquals(texts, Array.from({ length: 50 }, (_, index) => `foreign ${index}`).sort());
});

emulatorTest("nothing is delivered after close(), and close() twice is harmless", async () => {
  const messages: LogLine[] = [];
  const logger = await Logger.open(wintun, (message) => messages.push(message));
  await logger.close();
  await logger.close();
  log(0, "too late");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(messages, []);
});

emulatorTest("flush() returns when what was logged before has been delivered", async () => {
  const messages: LogLine[] = [];
  await using logger = await Logger.open(wintun, (message) => messages.push(message));
  for (let index = 0; index < 500; index++) log(0, "text");
  await logger.flush();
  assertEquals(messages.length, 500);
});

emulatorTest("flush() answers every caller, also those that ask at once", async () => {
  await using logger = await Logger.open(wintun, () => {});
  await Promise.all([logger.flush(), logger.flush()]);
});

emulatorTest("loggers use the thread of a keeper one after another, and leave it running", async () => {
  const thread = startKeeperThread();
  for (const text of ["first", "second"]) {
    const messages: LogLine[] = [];
    const logger = await Logger.open(wintun, (message) => messages.push(message), thread);
    log(0, text);
    log(0, `${text} of another thread`, true);
    while (counts().logThreads > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await logger.close();
    assertEquals(messages.map(({ message }) => message).toSorted(), [text, `${text} of another thread`]);
  }
  thread.terminate();
});
