import { assert, assertEquals } from "@std/assert";
import { LineQueue } from "../../../src/cli/process/line_queue.ts";

/** A reader that accepts one write at each call. */
class SlowReader {
  readonly taken: string[] = [];
  readonly errors: unknown[] = [];
  readonly queue = new LineQueue((text) => this.#write(text), (error) => this.errors.push(error));
  underWay = 0;
  #pending: { text: string; promise: PromiseWithResolvers<void> } | undefined;

  #write(text: string): Promise<void> {
    this.underWay++;
    const promise = Promise.withResolvers<void>();
    this.#pending = { text, promise };
    return promise.promise;
  }

  async take(): Promise<void> {
    const { text, promise } = this.#pending!;
    this.taken.push(text);
    this.underWay--;
    promise.resolve();
    await turn();
  }

  async fail(error: Error): Promise<void> {
    this.underWay--;
    this.#pending!.promise.reject(error);
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("LineQueue writes in order, one write at a time, and together what waited meanwhile", async () => {
  const reader = new SlowReader();
  for (const line of ["a\n", "b\n", "c\n"]) reader.queue.push(line);
  assertEquals(reader.underWay, 1);
  await reader.take();
  assertEquals(reader.underWay, 1);
  reader.queue.push("d\n");
  await reader.take();
  await reader.take();
  assertEquals(reader.taken, ["a\n", "b\nc\n", "d\n"]);
  assertEquals(reader.underWay, 0);
});

Deno.test("LineQueue keeps lines whole and its writes short", async () => {
  const reader = new SlowReader();
  const line = `${"x".repeat(999)}\n`;
  for (let i = 0; i < 200; i++) reader.queue.push(line);
  while (reader.underWay > 0) await reader.take();
  assertEquals(reader.taken.join(""), line.repeat(200));
  assert(reader.taken.every((text) => text.length <= 65536 && text.endsWith("\n")));
});

Deno.test("LineQueue is full with a mebibyte waiting, takes more nevertheless, and is not full once read", async () => {
  const reader = new SlowReader();
  const line = `${"x".repeat(1023)}\n`;
  let lines = 0;
  for (; !reader.queue.isFull && lines < 5000; lines++) reader.queue.push(line);
  assertEquals(lines, 1 + 1024);
  reader.queue.push("the end\n");
  await reader.take();
  await reader.take();
  assert(!reader.queue.isFull);
  while (reader.underWay > 0) await reader.take();
  assert(reader.taken.at(-1)!.endsWith("the end\n"));
});

Deno.test("LineQueue.flush() waits as long as something is read", async () => {
  const reader = new SlowReader();
  assertEquals(await reader.queue.flush(60_000), true);
  for (let i = 0; i < 4; i++) reader.queue.push(`${"x".repeat(65535)}\n`);
  const flushed = reader.queue.flush(400);
  for (let i = 0; i < 4; i++) {
    // Together these writes take longer than the flush waits for one.
    await new Promise((resolve) => setTimeout(resolve, 120));
    await reader.take();
  }
  assertEquals([await flushed, reader.taken.length], [true, 4]);
});

Deno.test("LineQueue.flush() gives up a reader that stalls, and waits for it no second time", async () => {
  const reader = new SlowReader();
  reader.queue.push("a\n");
  reader.queue.push("b\n");
  assertEquals(await reader.queue.flush(10), false);
  reader.queue.push("c\n");
  assertEquals(await reader.queue.flush(60_000), false);
  await reader.take();
  assertEquals([reader.taken, reader.underWay, reader.errors], [["a\n"], 0, []]);
});

Deno.test("LineQueue tells once why a write failed, and drops what waits and what comes", async () => {
  const reader = new SlowReader();
  reader.queue.push("a\n");
  reader.queue.push("b\n");
  const error = new Deno.errors.BrokenPipe();
  await reader.fail(error);
  reader.queue.push("c\n");
  assertEquals([reader.errors, reader.taken, reader.underWay], [[error], [], 0]);
  assertEquals(await reader.queue.flush(60_000), true);
});
