import { assertEquals } from "@std/assert";

const END_MS = 30_000;

for (const [how, says] of [["stopped", "stopped"], ["failed", "RangeError,RangeError"]]) {
  Deno.test(`EchoServer leaves no worker behind, which would keep its process, when it has ${how}`, async () => {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "-A", new URL("./server_process.ts", import.meta.url).href, how],
      signal: AbortSignal.timeout(END_MS),
      stderr: "inherit",
    }).output();
    assertEquals([code, new TextDecoder().decode(stdout)], [0, `${says}\n`]);
  });
}
