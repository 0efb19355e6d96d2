import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { run, spawn } from "./program.ts";

const SERVE = ["serve", "demo", "--simulate=:memory:", "--address", "10.6.7.7/24"];

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}

Deno.test("The process ends with the exit code of the command", async () => {
  const { code, stderr } = await spawn(["srve"]).output();
  assertEquals(code, 2);
  assertEquals(new TextDecoder().decode(stderr), `error: There is no command "srve". Did you mean serve?\n`);
});

Deno.test({
  name: "serve ends with exit 0 on a real Ctrl-C, and says so",
  // Deno cannot send SIGINT to another process on Windows; tests/on_windows does it with a console event.
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using process = spawn([...SERVE, "--json"]);
    let stdout = "";
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      if (stdout === "") process.kill("SIGINT");
      stdout += text;
    }
    const { code } = await process.status;
    assertEquals([code, await textOf(process.stderr)], [0, ""]);
    assertStringIncludes(stdout, `"event":"stopped","reason":"signal"`);
  },
});

Deno.test({
  name: "Two signals at once, as a task runner makes of one Ctrl-C, are one",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using process = spawn([...SERVE, "--json"]);
    const [stdout, stderr] = [process.stdout.getReader(), textOf(process.stderr)];
    await stdout.read();
    // Signals that come while the process is stopped reach it together. The system would merge two of the same signal.
    for (const signal of ["SIGSTOP", "SIGINT", "SIGTERM", "SIGCONT"] as const) process.kill(signal);
    const { code } = await process.status;
    await stdout.cancel();
    assertEquals([code, (await stderr).includes("again")], [0, false]);
  },
});

Deno.test("serve ends by itself, without a stack trace, when the reader of its output leaves", async () => {
  await using process = spawn([...SERVE, "--log-packets"]);
  const reader = process.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const [{ code }, stderr] = await Promise.all([process.status, textOf(process.stderr)]);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "The reader of the output closed it, so serving has ended.\n");
  assert(!stderr.includes("    at "), stderr);
});

Deno.test("dsc reads UTF-8 with or without a byte order mark and with CRLF, and refuses other bytes and too many", async () => {
  const env = { WINTUN_SIMULATE: ":memory:" };
  const get = async (...bytes: (string | number)[]): Promise<[code: number, ended: string]> => {
    const encoder = new TextEncoder();
    const stdin = bytes.flatMap((part) => typeof part === "number" ? [part] : [...encoder.encode(part)]);
    const { code, stdout, stderr } = await run(["dsc", "get"], { env, stdin: Uint8Array.from(stdin) });
    return [code, code === 0 ? JSON.parse(stdout).name : JSON.parse(stderr.trim().split("\n").at(-1)!).error];
  };
  assertEquals(await get('{"name":"büro"}'), [0, "büro"]);
  assertEquals(await get(0xef, 0xbb, 0xbf, '{"name":"lab"}\r\n'), [0, "lab"]);
  assertEquals(await get('{"name":"l', 0xff, 'b"}'), [2, "Stdin is not UTF-8."]);
  assertEquals(await get(" ".repeat(1024 * 1024), "{}"), [2, "Stdin has more than 1048576 bytes."]);
});
