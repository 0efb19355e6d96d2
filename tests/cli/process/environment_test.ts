import { assertEquals } from "@std/assert";
import { processEnvironment } from "../../../src/cli/process/environment.ts";

/** Runs `body` while stdout refuses every other write, and takes three bytes at most. Returns the text that was written. */
async function withReluctantStdout(body: () => void | Promise<void>): Promise<string> {
  let tries = 0;
  let written = "";
  const write = (bytes: Uint8Array): number => {
    if (tries++ % 2 === 0) throw new Deno.errors.WouldBlock("Resource temporarily unavailable (os error 11)");
    written += new TextDecoder().decode(bytes.subarray(0, 3));
    return Math.min(bytes.length, 3);
  };
  const { writeSync, write: writeAsync } = Deno.stdout;
  // deno-lint-ignore require-await -- errors must be rejections
  Object.assign(Deno.stdout, { writeSync: write, write: async (bytes: Uint8Array) => write(bytes) });
  try {
    await body();
  } finally {
    Object.assign(Deno.stdout, { writeSync, write: writeAsync });
  }
  return written;
}

Deno.test("write() and writeLater() wait for a pipe that is full and does not block, and write all", async () => {
  const { stdout } = processEnvironment();
  assertEquals(await withReluctantStdout(() => stdout.write("seven b")), "seven b");
  assertEquals(await withReluctantStdout(() => stdout.writeLater("seven b")), "seven b");
});

Deno.test("writeBytes() waits for a pipe that is full and does not block, and gives how many it wrote", async () => {
  const { stdout } = processEnvironment();
  let count = 0;
  const written = await withReluctantStdout(async () => {
    count = await stdout.writeBytes(new TextEncoder().encode("seven b"));
  });
  assertEquals([written, count], ["sev", 3]);
});
