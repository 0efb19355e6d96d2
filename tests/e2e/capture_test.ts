import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestFolder } from "../test_folder.ts";
import { countPackets, describeCapture, INBOUND, OUTBOUND } from "./capture_tools.ts";
import { echoUdp, Flood, isAnswered, pause, untilAnswered } from "./load.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import type { ServeEvent } from "../serving.ts";
import { serve, serveArguments, serveFaulty } from "./served.ts";
import { watchThreads } from "./threads.ts";
import { readOutput } from "../validation.ts";

const ADDRESS = ["--address", "10.6.7.7/24"];
const TARGET = "10.6.7.9";

function assertNothingMissed(stopped: ServeEvent): void {
  const { received, replied, capture, tapMissed } = stopped;
  assertEquals([capture.written, capture.missed, capture.error], [received + replied, 0, null]);
  assertEquals(tapMissed, 0);
}

Deno.test("a capture of ping and UDP over IPv4 and IPv6, whole and in fragments, holds what was counted", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.pcapng`;
  const args = [...ADDRESS, "--address", "fd06:7::7/64", "--mtu", "1500", "--pcap", file, "--log-packets"];
  await using served = await serve(namespace, "lab", ...args);
  for (const target of [TARGET, "fd06:7::9"]) {
    for (const size of ["56", "1400", "20000"]) {
      await namespace.run("ping", "-n", "-q", "-c", "5", "-i", "0.02", "-s", size, target);
    }
    await echoUdp(namespace, target, 9000, 5);
  }
  const { code, stopped, stderr } = await served.stop();
  assertEquals([code, stderr], [0, ""]);
  assertNothingMissed(stopped!);
  const { received, replied, capture } = stopped!;
  assertEquals(await countPackets(file), received + replied);
  assertEquals(await countPackets(file, INBOUND), received);
  assertEquals(await countPackets(file, OUTBOUND), replied);
  assertEquals(await countPackets(file, "icmp.type == 0 && icmp.checksum.status == 1"), 15);
  assertEquals(await countPackets(file, "icmpv6.type == 129 && icmpv6.checksum.status == 1"), 15);
  assertEquals(await countPackets(file, "_ws.malformed || icmp.checksum.status == 0"), 0);
  assertEquals(served.events.filter(({ event }) => event === "packet").length, received + replied);
  assertEquals((await Deno.stat(file)).size, capture.bytes);

  const about = await describeCapture(file);
  assertEquals(about.get("Number of packets"), `${received + replied}`);
  assertEquals(about.get("File encapsulation"), "rawip");
  assertMatch(about.get("File timestamp precision")!, /^nanoseconds/);
  assertEquals([about.get("Name"), about.get("Description")], ["lab", "Wintun adapter of type Wintun"]);
  assertMatch(about.get("Capture application")!, /^wintun \d/);
  assertEquals(about.get("Number of stat entries"), "1");
});

Deno.test("the times of a capture are those of the packets", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.pcapng`;
  await using served = await serve(namespace, "lab", ...ADDRESS, "--pcap", file);
  const before = Date.now();
  const ping = await namespace.run("ping", "-n", "-q", "-c", "4", "-i", "0.2", TARGET);
  assertStringIncludes(ping, "4 received");
  // Rounded down, as Date.now() does, it could be before the last packet.
  const after = Date.now() + 1;
  await served.stop();
  // Requests a fifth of a second apart, each followed by its answer.
  const seconds = [before, after].map((ms) => (ms / 1000).toFixed(3));
  const inTime = `frame.time_epoch >= ${seconds[0]} && frame.time_epoch <= ${seconds[1]}`;
  assertEquals(await countPackets(file, `icmp && ${inTime}`), 8);
  assertEquals(await countPackets(file, "icmp.resptime >= 0"), 4);
});

Deno.test("--snaplen keeps the start of each packet and its true length", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.pcapng`;
  const args = [...ADDRESS, "--pcap", file, "--snaplen", "64"];
  await using served = await serve(namespace, "lab", ...args);
  await namespace.run("ping", "-n", "-q", "-c", "3", "-i", "0.02", "-s", "1000", TARGET);
  await served.stop();
  assertEquals(await countPackets(file, "icmp && frame.len == 1028 && frame.cap_len == 64"), 6);
  assertEquals((await describeCapture(file)).get("Capture length"), "64");
});

Deno.test("--pcap - brings packets to a program that reads along, though no others follow them", async () => {
  await using namespace = await NetworkNamespace.create();
  const args = serveArguments("lab", ...ADDRESS, "--pcap", "-", "--json");
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const process = namespace.command(Deno.execPath(), args, options).spawn();
  const stderr = new Response(process.stderr).text();
  try {
    let [arrived, hasEnded] = ["", false];
    const reading = (async () => {
      // A decoder leaves the letters in binary data as they are.
      for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) arrived += text;
      hasEnded = true;
    })();
    await untilAnswered(namespace, TARGET);
    for (let times = 0; times < 5; times++) {
      const words = crypto.randomUUID().slice(0, 16);
      const pattern = new TextEncoder().encode(words).toHex();
      // The time of sending takes the first 16 bytes, so the words stand in each packet once.
      await namespace.run("ping", "-q", "-n", "-c", "1", "-s", "32", "-p", pattern, TARGET);
      // Request and reply. If they do not come, this waits until all that runs in the namespace is killed.
      while (arrived.split(words).length < 3 && !hasEnded) await pause(10);
    }
    process.kill("SIGINT");
    await reading;
    const { code } = await process.status;
    const stopped = readOutput("serve", (await stderr).trim().split("\n").at(-1)!);
    assertEquals([code, stopped.event, stopped.capture.file], [0, "stopped", "-"]);
    assertNothingMissed(stopped);
  } finally {
    try {
      process.kill("SIGKILL");
    } catch {
      // The process has ended already.
    }
  }
});

Deno.test("tshark reads --pcap - live, and what it leaves unread does not end serve", async () => {
  await using namespace = await NetworkNamespace.create();
  const script = `"$0" "$@" | tshark -l -n -r - -c 10 -Y icmp -T fields -e ip.dst; echo "\${PIPESTATUS[*]}"`;
  const serve = serveArguments("lab", ...ADDRESS, "--count", "2000", "--pcap", "-", "--json");
  const args = ["-c", script, Deno.execPath(), ...serve];
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const process = namespace.command("bash", args, options).spawn();
  const stdout = new Response(process.stdout).text();
  let stderr = "";
  const reading = (async () => {
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) stderr += text;
  })();
  await untilAnswered(namespace, TARGET);
  while (!stderr.includes("so the capture has ended")) assert(await isAnswered(namespace, TARGET));
  await namespace.run("ping", "-n", "-q", "-f", "-c", "2000", TARGET).catch(() => "the count is reached");
  await reading;
  await process.status;
  const lines = (await stdout).trim().split("\n");
  assert(lines.includes(TARGET), lines.join("\n"));
  assertEquals(lines.at(-1), "0 0");
  const events = stderr.split("\n").filter((line) => line.startsWith("{")).map((line) =>
    readOutput("serve", line)
  );
  const said = events.filter(({ warning }) => warning !== undefined).map(({ warning }) => warning.message);
  assertEquals(said, [
    "The reader of the capture (stdout) closed it, so the capture has ended. Serving goes on.",
  ]);
  const { reason, received, replied, capture } = events.at(-1);
  assertEquals([reason, capture.written + capture.missed], ["count", received + replied]);
});

Deno.test("--pcap-size goes on in numbered files under a flood, each complete, and together they hold all", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const limit = 1024 * 1024;
  const args = [...ADDRESS, "--pcap", `${folder.path}/lab.pcapng`, "--pcap-size", "1MiB"];
  await using served = await serve(namespace, "lab", ...args);
  {
    await using _flood = new Flood(namespace, TARGET, 1400);
    for (let tries = 0; tries < 200 && folder.files.length < 4; tries++) await pause(100);
  }
  const { code, stopped } = await served.stop();
  assertEquals(code, 0);
  const { capture, received, replied } = stopped!;
  assertEquals(capture.written + capture.missed, received + replied);
  assertEquals([capture.files, capture.file], [folder.files.length, folder.files.at(-1)]);
  assert(capture.files > 2, `${capture.files} files`);
  let packets = 0;
  for (const [index, file] of folder.files.entries()) {
    const number = `${index + 1}`.padStart(5, "0");
    assertMatch(file, new RegExp(`/lab_${number}_20\\d{12}\\.pcapng$`));
    const { size } = await Deno.stat(file);
    assert(size <= limit && (index === folder.files.length - 1 || size > limit - 2000), `${size}`);
    const about = await describeCapture(file);
    assertEquals(about.get("Number of stat entries"), "1");
    packets += Number(about.get("Number of packets"));
  }
  assertEquals(packets, capture.written);
  for (const file of [folder.files[0], capture.file]) await countPackets(file);
});

Deno.test("--pcap-seconds with --pcap-files keeps the newest files", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const rotation = ["--pcap-seconds", "0.3", "--pcap-files", "2"];
  const args = [...ADDRESS, "--pcap", `${folder.path}/lab.pcapng`, ...rotation];
  await using served = await serve(namespace, "lab", ...args);
  const isFourth = (file: string): boolean => file.includes("lab_00004_");
  while (!folder.files.some(isFourth)) assert(await isAnswered(namespace, TARGET));
  const { stopped } = await served.stop();
  assertNothingMissed(stopped!);
  assert(stopped!.capture.files >= 4, `${stopped!.capture.files}`);
  assertEquals([folder.files.length, folder.files[1]], [2, stopped!.capture.file]);
  for (const file of folder.files) await countPackets(file);
});

Deno.test("a full disk ends the capture behind its last whole packet, with exit 1 in the end, and echo goes on", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.pcapng`;
  // `ip netns exec` gives its program a separate mount namespace, and this disk ends with it.
  const script = `mount -t tmpfs -o size=1m none /mnt && {
    "$@" & read; kill -TERM $!; wait $!; code=$?
  }; cp /mnt/lab.pcapng "$0"; exit $code`;
  const serve = serveArguments("lab", ...ADDRESS, "--pcap", "/mnt/lab.pcapng", "--json");
  const args = ["-c", script, file, Deno.execPath(), ...serve];
  const options = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const process = namespace.command("bash", args, options).spawn();
  const output = process.output();
  await untilAnswered(namespace, TARGET);
  {
    await using _flood = new Flood(namespace, TARGET, 1400);
    await pause(1500);
  }
  assert(await isAnswered(namespace, TARGET));
  await process.stdin.close();
  const { code, stdout, stderr } = await output;
  const [said, failed, ...more] = new TextDecoder().decode(stderr).trim().split("\n").map((line) =>
    readOutput("serve", line)
  );
  const full = "No space left on device (os error 28)";
  assertEquals(
    said.warning.message,
    `The capture into "/mnt/lab.pcapng" has stopped: ${full}. Serving goes on.`,
  );
  assertEquals(failed.error.message, `Cannot complete the capture into "/mnt/lab.pcapng": ${full}`);
  assertEquals([code, failed.error.exitCode, more], [1, 1, []]);
  const stopped = readOutput("serve", new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
  const { reason, received, replied, capture } = stopped;
  assertEquals([reason, capture.error], ["signal", full]);
  assertEquals(capture.written + capture.missed, received + replied);
  assert(capture.missed > 0);
  assertEquals(await countPackets(file), capture.written);
  assertEquals((await Deno.stat(file)).size, capture.bytes);
  assertEquals(await namespace.devices(), []);
});

Deno.test("a capture that cannot even begin ends serve with exit 1, and no adapter is left", async () => {
  await using namespace = await NetworkNamespace.create();
  const args = serveArguments("lab", ...ADDRESS, "--pcap", "/dev/full", "--json");
  const { code, stdout, stderr } = await namespace.command(Deno.execPath(), args, { stdin: "null" }).output();
  assertEquals([code, stdout.length], [1, 0]);
  const { error } = readOutput("serve", new TextDecoder().decode(stderr));
  assertStringIncludes(error.message, `Cannot write the capture into "/dev/full": No space left`);
  assertEquals(await namespace.devices(), []);
});

Deno.test("a reader that stops reading costs packets of the capture, which are said, and never the echo", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const pipe = `${folder.path}/pipe`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  const reader = new Deno.Command("bash", { args: ["-c", `exec 3<"$0"; sleep 60`, pipe] }).spawn();
  try {
    await using served = await serve(namespace, "lab", ...ADDRESS, "--pcap", pipe);
    {
      await using _first = new Flood(namespace, TARGET, 8000);
      await using _second = new Flood(namespace, "10.6.7.10", 8000);
      await pause(3000);
    }
    const ping = await namespace.run("ping", "-n", "-q", "-c", "100", "-i", "0.002", TARGET);
    assertStringIncludes(ping, "100 received, 0% packet loss");
    const { code, stopped, stderr } = await served.stop();
    assertEquals([code, stopped?.capture.error], [1, "nothing could be written for 2 s"]);
    const { received, replied, capture, tapMissed } = stopped!;
    assert(tapMissed > 0 && capture.missed > tapMissed);
    assertEquals(capture.written + capture.missed, received + replied);
    const said = stderr.trim().split("\n").map((line) => readOutput("serve", line).warning?.message ?? "");
    const counts = said.map((text) =>
      /^([\d,]+) packets? came too fast for the capture and are missing there\./.exec(text)?.[1]
    );
    const total = counts.reduce((sum, text) => sum + Number((text ?? "0").replaceAll(",", "")), 0);
    assertEquals(total, tapMissed);
    assert(counts.filter((text) => text !== undefined).length <= 5, said.join("\n"));
  } finally {
    reader.kill("SIGKILL");
    await reader.status;
  }
});

Deno.test("a corrupt ring does not interrupt the capture", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.pcapng`;
  const args = ["corrupt", "lab", ...ADDRESS, "--pcap", file] as const;
  await using served = await serveFaulty(namespace, ...args);
  assert(await isAnswered(namespace, TARGET));
  served.child.kill("SIGUSR2");
  await pause(500);
  assert(await isAnswered(namespace, TARGET));
  const { code, stopped } = await served.stop();
  assertEquals([code, stopped?.restarts], [0, 1]);
  assertNothingMissed(stopped!);
  assertEquals(await countPackets(file), stopped!.received + stopped!.replied);
  assertEquals(await countPackets(file, "icmp.type == 0"), 2);
});

Deno.test("serve with a capture, the log and statistics sleeps while nothing comes", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const args = [...ADDRESS, "--pcap", `${folder.path}/lab.pcapng`, "--log-packets", "--stats", "1"];
  await using served = await serve(namespace, "lab", ...args);
  // By then the program has started, and the kernel has sent its packets to the new interface.
  await pause(2000);
  const { sleepsPerSecond, leastAsleepPercent } = await watchThreads(served.child.pid, 4000);
  await served.stop();
  // The taps of the capture and of the log are read fifty times a second each. All other timers run a few times a second.
  // A loop that does not pause wakes thousands of times.
  assert(sleepsPerSecond < 400, `woken ${sleepsPerSecond} times a second`);
  assert(leastAsleepPercent > 20, `a thread was asleep in ${leastAsleepPercent} % of the looks`);
});
