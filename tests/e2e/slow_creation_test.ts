import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Serving } from "../serving.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { pause } from "./load.ts";
import { faultyServeArguments } from "./served.ts";

const ADDRESS = ["--address", "10.6.7.7/24"];

/** Starts serve or create with an adapter whose creation takes 2 s, and waits until the creation has begun. */
function start(namespace: NetworkNamespace, command: string, ...options: string[]): Deno.ChildProcess {
  const args = faultyServeArguments("slow-creation").toSpliced(-1, 1, command);
  return namespace.command(Deno.execPath(), [...args, "lab", ...ADDRESS, "--verbose", ...options], {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Reads stderr up to a text. */
async function untilWritten(reader: ReadableStreamDefaultReader<string>, text: string): Promise<string> {
  let read = "";
  while (!read.includes(text)) {
    const { value, done } = await reader.read();
    assert(!done, `"${text}" is not in: ${read}`);
    read += value;
  }
  return read;
}

/** Sends Ctrl-C while the adapter is being created. Returns what the program writes from its answer on. */
async function interrupt(child: Deno.ChildProcess): Promise<ReadableStreamDefaultReader<string>> {
  const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  await untilWritten(stderr, 'Creating adapter "lab"');
  child.kill("SIGINT");
  await untilWritten(stderr, "Ctrl-C again ends it at once");
  return stderr;
}

for (const [command, ...options] of [["serve"], ["create", "--foreground"]]) {
  Deno.test(`Ctrl-C is answered while ${command} waits for its adapter, which is removed then`, async () => {
    await using namespace = await NetworkNamespace.create();
    const child = start(namespace, command, ...options);
    const stderr = await interrupt(child);
    await untilWritten(stderr, "error: Interrupted before");
    const { code } = await child.status;
    assertEquals([code, await namespace.devices()], [130, []]);
    await Promise.all([stderr.cancel(), child.stdout.cancel()]);
  });

  Deno.test(`a second Ctrl-C ends ${command} before it has its adapter`, async () => {
    await using namespace = await NetworkNamespace.create();
    const child = start(namespace, command, ...options);
    const stderr = await interrupt(child);
    // An earlier signal would count as the same one.
    await pause(150);
    child.kill("SIGINT");
    const { code } = await child.status;
    assertStringIncludes(await untilWritten(stderr, "again"), "Interrupted again");
    assertEquals([code, await namespace.devices()], [130, []]);
    await Promise.all([stderr.cancel(), child.stdout.cancel()]);
  });
}

Deno.test("serve serves an adapter that took its time", async () => {
  await using namespace = await NetworkNamespace.create();
  await using serving = await Serving.start(
    namespace.command(Deno.execPath(), faultyServeArguments("slow-creation", "lab", ...ADDRESS, "--json"), {
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }),
  );
  assertEquals((await serving.stop()).code, 0);
});
