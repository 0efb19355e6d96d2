import { assert, assertEquals } from "@std/assert";
import { buildStalledDisk } from "../emulator/build.ts";
import { TestFolder } from "../test_folder.ts";
import { isAnswered, pause } from "./load.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { serveArguments, serveWith } from "./served.ts";
import { readOutput } from "../validation.ts";

const ADDRESS = ["--address", "10.6.7.7/24"];
const TARGET = "10.6.7.9";
/** Twice the time that a stall may delay the end. */
const LONGEST_END_MS = 8000;

const ENDS: readonly [reason: string, ...args: string[]][] = [
  ["duration", "--duration", "3"],
  ["count", "--count", "2"],
  ["signal"],
];

for (const [reason, ...limit] of ENDS) {
  Deno.test(`a disk that stalls does not keep serve from ending by ${reason}, and echo goes on`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using folder = new TestFolder();
    const file = `${folder.path}/lab.pcapng`;
    const args = [...ADDRESS, ...limit, "--log-packets", "--pcap", file];
    await using serving = await serveWith(
      namespace,
      { LD_PRELOAD: await buildStalledDisk() },
      "lab",
      ...args,
    );
    assert(await isAnswered(namespace, TARGET));
    await Deno.writeTextFile(`${file}.stall`, "");
    assert(await isAnswered(namespace, TARGET));
    // By now the drain has begun the write that does not return.
    await pause(500);
    const killer = setTimeout(() => serving.child.kill("SIGKILL"), LONGEST_END_MS);
    const { code, stopped, stderr } = await (reason === "signal" ? serving.stop() : serving.ended);
    clearTimeout(killer);
    assertEquals([code, stopped?.reason, stopped?.capture.error], [
      1,
      reason,
      "nothing could be written for 2 s",
    ]);
    const { received, replied, capture, packetLog } = stopped!;
    assertEquals(capture.written + capture.missed, received + replied);
    assertEquals(packetLog, { written: received + replied, missed: 0 });
    assertEquals(readOutput("serve", stderr.trim().split("\n").at(-1)!).error.exitCode, 1);
    assertEquals(await namespace.devices(), []);
  });
}

Deno.test("Ctrl-C ends serve whose capture cannot begin because its disk stalls", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.pcapng`;
  await Deno.writeTextFile(`${file}.stall`, "");
  const args = serveArguments("lab", ...ADDRESS, "--pcap", file, "--json");
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const env = { LD_PRELOAD: await buildStalledDisk() };
  const child = namespace.command(Deno.execPath(), args, { ...options, env }).spawn();
  const output = child.output();
  // The program creates its adapter before it begins the capture.
  while ((await namespace.devices()).length === 0) await pause(50);
  await pause(500);
  const killer = setTimeout(() => child.kill("SIGKILL"), LONGEST_END_MS);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await output;
  clearTimeout(killer);
  const { error } = readOutput("serve", new TextDecoder().decode(stderr).trim().split("\n").at(-1)!);
  assertEquals([code, stdout.length, error.exitCode], [130, 0, 130]);
  assertEquals(await namespace.devices(), []);
});

Deno.test("Ctrl-C ends serve when neither of its outputs is read, from its beginning on", async () => {
  await using namespace = await NetworkNamespace.create();
  // Both pipes are full, so that the first write into each blocks.
  const script = `mkfifo "$0/out" "$0/err" && exec 3<>"$0/out" 4<>"$0/err" &&
    for fd in 3 4; do dd if=/dev/zero bs=65536 count=1 >&$fd 2>/dev/null; done && exec "$@" >&3 2>&4`;
  await using folder = new TestFolder();
  const args = serveArguments("lab", ...ADDRESS, "--log-packets", "--verbose");
  const child = namespace.command("bash", ["-c", script, folder.path, Deno.execPath(), ...args], {
    stdin: "null",
  }).spawn();
  while (!await isAnswered(namespace, TARGET)) await pause(50);
  const killer = setTimeout(() => child.kill("SIGKILL"), LONGEST_END_MS);
  child.kill("SIGINT");
  const { code } = await child.status;
  clearTimeout(killer);
  assertEquals([code, await namespace.devices()], [0, []]);
});
