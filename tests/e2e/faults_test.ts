import { assert, assertEquals, assertMatch } from "@std/assert";
import { TestFolder } from "../test_folder.ts";
import { Flood, isAnswered, pause, untilAnswered } from "./load.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import type { ServeEvent } from "../serving.ts";
import { faultyServeArguments, serve, serveArguments, serveFaulty } from "./served.ts";
import { readOutput } from "../validation.ts";

const ADDRESS = ["--address", "10.6.7.7/24"];
const TARGET = "10.6.7.9";

/** The messages on stderr, each with its kind. */
function complaintsIn(stderr: string): string[] {
  return stderr.split("\n").filter((line) => line !== "").map((line) => {
    const { warning, error } = readOutput("serve", line);
    return warning === undefined ? `error: ${error.message}` : `warning: ${warning.message}`;
  });
}

function assertAddsUp(stopped: ServeEvent): void {
  const { received, replied, ignored, malformed, dropped } = stopped;
  assertEquals(received, replied + ignored + malformed + dropped);
}

Deno.test("an adapter that is removed while it is served ends serve with exit 10", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serveFaulty(namespace, "removed", "lab", ...ADDRESS);
  await using _flood = new Flood(namespace, TARGET);
  await pause(300);
  served.child.kill("SIGUSR2");
  const { code, stopped, stderr } = await served.ended;
  assertEquals([code, stopped?.reason], [10, "removed"]);
  assertAddsUp(stopped!);
  assertEquals(complaintsIn(stderr), [`error: Cannot go on serving adapter "lab": it was removed`]);
  assertEquals(readOutput("serve", stderr).error.exitCode, 10);
  assertEquals(await namespace.devices(), []);
});

Deno.test("a corrupt ring is replaced by a new session on the same adapter, in the midst of a flood", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serveFaulty(namespace, "corrupt", "lab", ...ADDRESS);
  await using _flood = new Flood(namespace, TARGET);
  await pause(300);
  served.child.kill("SIGUSR2");
  await pause(700);
  assert(await isAnswered(namespace, TARGET));
  assertEquals(await namespace.devices(), ["lab"]);
  const { code, stopped, stderr } = await served.stop();
  assertEquals([code, stopped?.reason, stopped?.restarts], [0, "signal", 1]);
  assertAddsUp(stopped!);
  assertEquals(complaintsIn(stderr), [
    `warning: The receive ring of adapter "lab" was corrupt. A new session is open ` +
    `(restart 1 of at most 3 in a row).`,
  ]);
});

Deno.test("a ring that is corrupt again and again ends serve after three restarts with exit 1", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serveFaulty(namespace, "always-corrupt", "lab", ...ADDRESS);
  served.child.kill("SIGUSR2");
  const { code, stopped, stderr } = await served.ended;
  assertEquals([code, stopped?.reason, stopped?.restarts], [1, "corrupt", 3]);
  const complaints = complaintsIn(stderr);
  assertEquals(complaints.length, 4);
  assertEquals(
    complaints[3],
    `error: Cannot go on serving adapter "lab": the receive ring was corrupt 4 times in a row`,
  );
  assertEquals(await namespace.devices(), []);
});

Deno.test("a send ring that is full for seconds costs replies, which are counted, and then echo goes on", async () => {
  await using namespace = await NetworkNamespace.create();
  const args = ["lab", ...ADDRESS, "--ring", "128KiB", "--stats", "0.5"];
  await using served = await serveFaulty(namespace, "full", ...args);
  const rates = (): number[] =>
    served.events.filter(({ event }) => event === "stats").map(({ droppedPerSecond }) => droppedPerSecond);
  {
    // An unanswered flood is a hundred a second: large packets fill the ring soon.
    await using _flood = new Flood(namespace, TARGET, 8000);
    await pause(300);
    served.child.kill("SIGUSR2");
    while (!rates().some((rate) => rate > 0)) await pause(50);
    while (rates().at(-1)! > 0) await pause(50);
  }
  assert(await isAnswered(namespace, TARGET));
  const { code, stopped, stderr } = await served.stop();
  assertEquals([code, stderr], [0, ""]);
  assert(stopped!.dropped > 0, `${stopped!.dropped} dropped`);
  assertAddsUp(stopped!);
});

Deno.test("serve of an adapter that has a session already ends with exit 8, and leaves it alone", async () => {
  await using namespace = await NetworkNamespace.create();
  const args = faultyServeArguments("busy", "lab", ...ADDRESS, "--json");
  const { code, stdout, stderr } = await namespace.command(Deno.execPath(), args, { stdin: "null" }).output();
  assertEquals([code, stdout.length], [8, 0]);
  assertEquals(complaintsIn(new TextDecoder().decode(stderr)), [
    `error: Cannot serve adapter "lab": it has an open session already`,
  ]);
});

for (
  const [end, ...args] of [["duration", "--duration", "1"], ["count", "--count", "5000"]]
) {
  Deno.test(`--${end} ends a session in the midst of a flood`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using served = await serve(namespace, "lab", ...ADDRESS, ...args);
    await using _flood = new Flood(namespace, TARGET, 1400);
    const { code, stopped, stderr } = await served.ended;
    assertEquals([code, stopped?.reason, stderr], [0, end, ""]);
    assertAddsUp(stopped!);
    assertEquals(await namespace.devices(), []);
  });
}

Deno.test("Ctrl-C ends serve while everything is busy: a flood, the log, a capture, statistics", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const args = ["--log-packets", "--stats", "0.1", "--pcap", `${folder.path}/lab.pcapng`];
  await using served = await serve(namespace, "lab", ...ADDRESS, ...args);
  await using _first = new Flood(namespace, TARGET, 1400);
  await using _second = new Flood(namespace, "10.6.7.10");
  await pause(1500);
  const { code, stopped } = await served.stop();
  assertEquals([code, stopped?.reason], [0, "signal"]);
  assertAddsUp(stopped!);
  assertEquals(stopped!.capture.written + stopped!.capture.missed, stopped!.received + stopped!.replied);
  assertEquals(await namespace.devices(), []);
});

Deno.test("Ctrl-C ends serve when nobody reads its log, and echo goes on until then", async () => {
  await using namespace = await NetworkNamespace.create();
  const args = serveArguments("lab", ...ADDRESS, "--log-packets", "--json");
  await using process = namespace.command(Deno.execPath(), args, {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let stderr = "";
  const reading = (async () => {
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) stderr += text;
  })();
  const unlogged =
    /"[\d,]+ packets came too fast for the log and are missing there\. The echo is not affected\."/;
  await untilAnswered(namespace, TARGET);
  {
    await using _flood = new Flood(namespace, TARGET);
    for (let tries = 0; tries < 300 && !unlogged.test(stderr); tries++) await pause(100);
  }
  assert(await isAnswered(namespace, TARGET));
  process.kill("SIGINT");
  const { code } = await process.status;
  assertEquals(code, 0);
  assertEquals(await namespace.devices(), []);
  await process.stdout.cancel();
  await reading;
  assertMatch(stderr, unlogged);
  assertEquals(
    complaintsIn(stderr).at(-1),
    "warning: The reader of the output takes nothing, so the end of the output is missing.",
  );
});

Deno.test("serve ends quietly and cleanly when its reader leaves, as head does", async () => {
  await using namespace = await NetworkNamespace.create();
  const script = `"$0" "$@" | head -n 1; echo "\${PIPESTATUS[*]}"`;
  const args = ["-c", script, Deno.execPath(), ...serveArguments("lab", ...ADDRESS, "--log-packets")];
  const process = namespace.command("bash", args, {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // The packets that the kernel sends to a new interface may be enough to end the program.
  let hasEnded = false;
  const output = process.output().finally(() => hasEnded = true);
  while (!hasEnded) {
    await isAnswered(namespace, TARGET);
    await pause(20);
  }
  const [stdout, stderr] = [(await output).stdout, (await output).stderr].map((bytes) =>
    new TextDecoder().decode(bytes).trimEnd().split("\n")
  );
  assertEquals(stdout.length, 2);
  assertMatch(stdout[0], /^\d\d:\d\d:\d\d\.\d{6} in /);
  assertEquals(stdout[1], "0 0");
  assertEquals(stderr.at(-1), "The reader of the output closed it, so serving has ended.");
  assert(stderr.every((line) => !/error|warning/.test(line)), stderr.join("\n"));
  assertEquals(await namespace.devices(), []);
});
