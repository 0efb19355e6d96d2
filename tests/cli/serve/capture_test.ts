import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { main } from "../validated_main.ts";
import { blocksOf } from "../../echo/capture/memory.ts";
import { TestFolder } from "../../test_folder.ts";
import { FakeEnvironment } from "../fake_environment.ts";
import { machineTest, other } from "../machine.ts";

const PACKET = 6;
const packetsIn = (content: Uint8Array): number =>
  blocksOf(content).filter(({ type }) => type === PACKET).length;

async function serve(
  args: readonly string[],
  prepare: (environment: FakeEnvironment) => void = () => {},
): Promise<{ code: number; environment: FakeEnvironment }> {
  const environment = new FakeEnvironment();
  prepare(environment);
  const code = await main(["serve", "demo", "--simulate", "--address", "10.6.7.7/24", ...args], environment);
  return { code, environment };
}

Deno.test("serve --pcap FILE captures every packet and reply, and says what came of it", async () => {
  await using folder = new TestFolder();
  const path = `${folder.path}/lab.pcapng`;
  const { code, environment } = await serve(["--count", "5", "--pcap", path]);
  assertEquals(code, 0);
  assertEquals(packetsIn(await Deno.readFile(path)), 10);
  const last = environment.stdout.lines.at(-1)!;
  assertMatch(last, /^Captured 10 packets \(1\.\d+ kiB\) into ".*lab\.pcapng"; none missed\.$/);
});

Deno.test("serve --pcap --json tells of the capture in stats and stopped", async () => {
  await using folder = new TestFolder();
  const path = `${folder.path}/lab.pcapng`;
  const { code, environment } = await serve(
    ["--duration", "1", "--stats", "0.05", "--json", "--pcap", path, "--snaplen", "20"],
  );
  assertEquals([code, environment.stderr.text], [0, ""]);
  const events = environment.stdout.objects;
  const stopped = events.at(-1);
  const content = await Deno.readFile(path);
  assertEquals(stopped.capture, {
    file: path,
    files: 1,
    kept: 1,
    written: stopped.received + stopped.replied,
    missed: 0,
    bytes: content.length,
    error: null,
  });
  assertEquals(packetsIn(content), stopped.capture.written);
  assert(blocksOf(content).filter(({ type }) => type === PACKET).every(({ length }) => length === 44 + 20));
  const stats = events.findLast(({ event }) => event === "stats");
  assert(stats.capture.written > 0 && stats.droppedPerSecond === 0);
});

for (const json of [false, true]) {
  Deno.test(`serve --pcap - ${json ? "--json " : ""}writes only the capture to stdout`, async () => {
    const args = ["--count", "3", "--log-packets", "--pcap", "-", ...(json ? ["--json"] : [])];
    const { code, environment } = await serve(args);
    assertEquals([code, environment.stdout.text], [0, ""]);
    assertEquals(packetsIn(environment.stdout.bytes), 6);
    const { stderr } = environment;
    if (json) {
      const events = stderr.objects.map(({ event }) => event);
      assertEquals(events, ["ready", ...Array.from({ length: 6 }, () => "packet"), "stopped"]);
      assertEquals(stderr.objects.at(-1).capture.file, "-");
    } else {
      assertMatch(stderr.text, /ICMP echo request/);
      assertMatch(stderr.text, /^Captured 6 packets \(.*\) into stdout; none missed\.$/m);
    }
  });
}

Deno.test("serve goes on when the reader of --pcap - leaves, says so once, and exits 0", async () => {
  const { code, environment } = await serve(["--count", "20", "--json", "--pcap", "-"], (environment) => {
    environment.stderr.written(/"ready"/).then(() => environment.stdout.isClosed = true);
  });
  assertEquals(code, 0);
  const objects = environment.stderr.objects;
  assertEquals(objects.filter(({ warning }) => warning !== undefined).map(({ warning }) => warning.message), [
    "The reader of the capture (stdout) closed it, so the capture has ended. Serving goes on.",
  ]);
  const { reason, replied, received, capture } = objects.at(-1);
  assertEquals([reason, replied], ["count", 20]);
  assertEquals(capture.written + capture.missed, received + replied);
  assert(capture.missed > 0);
  assertStringIncludes(capture.error, "Broken pipe");
});

Deno.test("serve refuses to write a capture to a terminal, before it opens anything", async () => {
  const { code, environment } = await serve(["--pcap", "-"], (environment) => {
    environment.stdout.isTerminal = true;
  });
  assertEquals([code, environment.stdout.bytes.length, environment.simulatedHost], [2, 0, undefined]);
  assertStringIncludes(environment.stderr.text, "stdout is a terminal");
});

Deno.test("serve makes no adapter when the capture cannot be opened", async () => {
  const { code, environment } = await serve(["--json", "--pcap", "/no/such/folder/lab.pcapng"]);
  const [{ error }] = environment.stderr.objects;
  assertEquals([code, environment.stdout.text, await environment.simulatedHost!.list()], [1, "", []]);
  assertEquals(error.operation, `Cannot open the capture into "/no/such/folder/lab.pcapng"`);
});

machineTest(
  "serve of an adapter that it may not serve leaves the capture's file as it is",
  async (machine) => {
    await using folder = new TestFolder();
    const path = `${folder.path}/lab.pcapng`;
    await Deno.writeTextFile(path, "of an earlier run");
    machine.others = [other({ state: "down" })];
    assertEquals(await machine.run("serve", "nosuch", "--pcap", path), 4);
    assertEquals(await machine.run("serve", "wg0", "--pcap", path), 1);
    assertEquals(await Deno.readTextFile(path), "of an earlier run");
  },
);

Deno.test("serve --pcap-seconds numbers its files and keeps the newest", async () => {
  await using folder = new TestFolder();
  const args = ["--duration", "0.5", "--pcap-seconds", "0.1", "--pcap-files", "2", "--json"];
  const { code, environment } = await serve([...args, "--pcap", `${folder.path}/lab.pcapng`]);
  assertEquals(code, 0);
  const { files, kept, file } = environment.stdout.objects.at(-1).capture;
  assertEquals([folder.files.length, folder.files[1], kept], [2, file, 2]);
  assert(files >= 3, `${files}`);
  for (const path of folder.files) assert(packetsIn(await Deno.readFile(path)) > 0);
});

Deno.test("serve --pcap-files says how many files there were, and how many are kept", async () => {
  await using folder = new TestFolder();
  const rotation = ["--pcap-seconds", "0.05", "--pcap-files", "2"];
  const { environment } = await serve([
    "--duration",
    "0.5",
    ...rotation,
    "--pcap",
    `${folder.path}/lab.pcapng`,
  ]);
  assertMatch(
    environment.stdout.lines.at(-1)!,
    /^Captured [\d,]+ packets \(.*\) into \d+ files, of which the last 2 are kept, the last ".*"; none missed\.$/,
  );
});

for (const rotation of [[], ["--pcap-size", "1MiB"]]) {
  const args = ["--pcap", "FOLDER", ...rotation];
  Deno.test(`wintun serve ${args.join(" ")} names a file as the way out, before it makes anything`, async () => {
    await using folder = new TestFolder();
    const { code, environment } = await serve(["--json", "--pcap", folder.path, ...rotation]);
    const [{ error }] = environment.stderr.objects;
    assertEquals([code, environment.stdout.text, await environment.simulatedHost!.list()], [1, "", []]);
    assertEquals(error.message, `Cannot open the capture into "${folder.path}": it is a folder`);
    assertEquals(error.hint, `Name a file in it, such as "${join(folder.path, "lab.pcapng")}".`);
    assertEquals(folder.files, []);
  });
}

const REFUSED: readonly [args: string, message: string][] = [
  ["--snaplen 20", "--snaplen has no effect without a capture. Add --pcap FILE."],
  ["--pcap-size 1MiB", "--pcap-size has no effect without a capture. Add --pcap FILE."],
  [
    "--pcap x --pcap-files 2",
    "--pcap-files has no effect with one file only. Add --pcap-size or --pcap-seconds.",
  ],
  [
    "--pcap - --pcap-seconds 5",
    "--pcap - writes one stream, so there can be no second file. Name a file instead.",
  ],
  [
    "--pcap x --pcap-size 1KiB",
    "--pcap-size 1KiB: must be a whole number of bytes, KiB, MiB or GiB, such as 100MiB, and at least 131072 bytes.",
  ],
  ["--pcap x --pcap-files 0", "--pcap-files 0: must be a whole number, 1 or more."],
  ["--pcap x --snaplen 0", "--snaplen 0: must be a whole number from 1 to 65535."],
];

for (const [args, message] of REFUSED) {
  Deno.test(`wintun serve ${args} is a usage error`, async () => {
    const { code, environment } = await serve(args.split(" "));
    assertEquals([code, environment.stderr.text], [2, `error: ${message}\n`]);
    assertEquals(environment.simulatedHost, undefined);
  });
}
