import { assert, assertEquals, assertThrows, fail } from "@std/assert";
import { Output, type OutputOptions, type Paints } from "../../../src/cli/process/output.ts";
import { CapturedStream } from "../fake_environment.ts";

/** Colours that a test can see. Those of @std/fmt do nothing if NO_COLOR is set. */
const MARKS: Paints = {
  bold: mark("bold"),
  dim: mark("dim"),
  red: mark("red"),
  yellow: mark("yellow"),
  green: mark("green"),
  cyan: mark("cyan"),
};

function mark(name: string): (text: string) => string {
  return (text) => `<${name}>${text}</${name}>`;
}

function openOutput(
  options: Partial<OutputOptions> = {},
): { output: Output; stdout: CapturedStream; stderr: CapturedStream } {
  const [stdout, stderr] = [new CapturedStream(), new CapturedStream()];
  const output = new Output(stdout, stderr, {
    json: false,
    quiet: false,
    verbose: false,
    paints: MARKS,
    ...options,
  });
  return { output, stdout, stderr };
}

function writeAll(output: Output): void {
  output.result("result");
  output.note("note");
  output.detail("detail");
  output.warning("warning");
  output.error("error");
}

Deno.test("Output writes results to stdout and everything else to stderr", () => {
  const { output, stdout, stderr } = openOutput({ verbose: true });
  writeAll(output);
  assertEquals(stdout.lines, ["result"]);
  assertEquals(stderr.lines, ["note", "detail", "warning: warning", "error: error"]);
});

Deno.test("Output writes details only with --verbose, and with --quiet only results and errors", () => {
  const { output, stderr } = openOutput();
  writeAll(output);
  assertEquals(stderr.lines, ["note", "warning: warning", "error: error"]);
  const quiet = openOutput({ quiet: true });
  writeAll(quiet.output);
  assertEquals([quiet.stdout.lines, quiet.stderr.lines], [["result"], ["error: error"]]);
});

Deno.test("Output keeps stderr readable as JSON with --json, and leaves out what is for people only", () => {
  const { output, stderr } = openOutput({ json: true, verbose: true });
  output.note("note");
  output.detail("d");
  output.warning("w");
  output.errorJson({ exitCode: 1 });
  assertEquals(stderr.objects, [
    { schema: 1, detail: { message: "d" } },
    { schema: 1, warning: { message: "w" } },
    { schema: 1, error: { exitCode: 1 } },
  ]);
});

Deno.test("Output.resultJson() writes one line, with the schema first and large numbers as text", () => {
  const { output, stdout } = openOutput({ json: true });
  output.resultJson({ event: "ready", luid: 14918173765664768n, name: "a\nb" });
  assertEquals(stdout.text, `{"schema":1,"event":"ready","luid":"14918173765664768","name":"a\\nb"}\n`);
});

Deno.test("Output writes JSON in ASCII, which every code page reads alike", () => {
  const { output, stdout } = openOutput({ json: true });
  output.resultJson({ name: "Büro 🦊\u2028" });
  assert(/^[ -~]+$/.test(stdout.lines[0]), stdout.lines[0]);
  assertEquals(JSON.parse(stdout.lines[0]).name, "Büro 🦊\u2028");
});

Deno.test("Output paints only what goes to a terminal, and nothing when colours are off", () => {
  const { output, stdout, stderr } = openOutput();
  stdout.isTerminal = true;
  assertEquals(output.paint("green")("x"), "<green>x</green>");
  assertEquals(output.paintNote("green")("x"), "x");
  stderr.isTerminal = true;
  output.error("no");
  assertEquals(stderr.text, "<red>error:</red> no\n");
  const plain = openOutput({ paints: undefined });
  plain.stdout.isTerminal = true;
  assertEquals(plain.output.paint("green")("x"), "x");
});

Deno.test("Output tells once that stdout is closed, and drops results from then on", () => {
  const { output, stdout, stderr } = openOutput();
  let told = 0;
  output.onResultsClosed(() => told++);
  stdout.isClosed = true;
  output.result("a");
  output.result("b");
  assertEquals(told, 1);
  output.note("still here");
  assertEquals(stderr.lines, ["still here"]);
});

Deno.test("Output says nothing when stderr is closed, and goes on", () => {
  const { output, stdout, stderr } = openOutput();
  stderr.isClosed = true;
  output.onResultsClosed(() => fail("stdout is open"));
  writeAll(output);
  assertEquals(stdout.lines, ["result"]);
});

Deno.test("Output throws what else keeps it from writing to stdout, and says what it was doing", () => {
  const { output, stdout } = openOutput();
  stdout.write = failAsOnAFullDisk;
  assertThrows(() => output.result("x"), Error, "Cannot write to stdout: No space left");
});

Deno.test("Output goes on when stderr is on a full disk, so that an error keeps its exit code", () => {
  const { output, stdout, stderr } = openOutput();
  stderr.write = failAsOnAFullDisk;
  output.onResultsClosed(() => fail("stdout is open"));
  writeAll(output);
  assertEquals(stdout.lines, ["result"]);
});

Deno.test("Output.startQueues() writes without waiting; a reader that stalls is behind, and errors are still read", async () => {
  const { output, stdout, stderr } = openOutput();
  const reading = Promise.withResolvers<void>();
  const { write } = stdout;
  stdout.writeLater = async (text) => {
    await reading.promise;
    write.call(stdout, text);
  };
  output.startQueues(() => {});
  assert(!output.isBehind);
  let results = 0;
  for (; !output.isBehind && results < 100_000; results++) output.result("x".repeat(999));
  output.error("no");
  output.result("the end");
  assertEquals([stdout.text, stderr.lines], ["", ["error: no"]]);
  reading.resolve();
  assert(await output.flushQueues());
  assertEquals([stdout.lines.length, stdout.lines.at(-1)], [results + 1, "the end"]);
  assert(!output.isBehind);
});

Deno.test("Output.startQueues() drops what a stderr that stalls has no room for", async () => {
  const { output, stdout, stderr } = openOutput();
  const reading = Promise.withResolvers<void>();
  const { write } = stderr;
  stderr.writeLater = async (text) => {
    await reading.promise;
    write.call(stderr, text);
  };
  output.startQueues(() => {});
  for (let notes = 0; notes < 3000; notes++) output.note("x".repeat(999));
  output.result("the end");
  reading.resolve();
  await output.flushQueues();
  // One line is being written, and a mebibyte waits.
  assertEquals([stdout.lines, stderr.lines.length], [["the end"], 1 + Math.ceil(2 ** 20 / 1000)]);
});

Deno.test("Output.startQueues() tells why stdout cannot be written, and a closed one as ever", async () => {
  const full = openOutput();
  full.stdout.write = failAsOnAFullDisk;
  const errors: unknown[] = [];
  full.output.startQueues((error) => errors.push(error));
  full.output.result("x");
  await full.output.flushQueues();
  assertEquals(errors.map(String), [
    "Error: Cannot write to stdout: No space left on device (os error 28)",
  ]);
  const closed = openOutput();
  closed.stdout.isClosed = true;
  let told = 0;
  closed.output.onResultsClosed(() => told++);
  closed.output.startQueues((error) => errors.push(error));
  closed.output.result("x");
  await closed.output.flushQueues();
  assertEquals([told, errors.length], [1, 1]);
});

Deno.test("Output.startQueues() queues nothing for a terminal, so that both streams stay in step", () => {
  const { output, stdout } = openOutput();
  stdout.isTerminal = true;
  stdout.writeLater = () => Promise.reject(new Error("queued"));
  output.startQueues(() => {});
  output.result("x");
  assertEquals(stdout.text, "x\n");
});

function failAsOnAFullDisk(): never {
  throw new Error("No space left on device (os error 28)");
}

Deno.test("Output shows control characters in errors and warnings instead of obeying them", () => {
  const { output, stderr } = openOutput({ paints: undefined });
  output.error('no adapter "a\x1b[31m\u202eb"');
  output.warning("\x07 gone");
  assertEquals(stderr.text, 'error: no adapter "a\\u001b[31m\\u202eb"\nwarning: \\u0007 gone\n');
});
