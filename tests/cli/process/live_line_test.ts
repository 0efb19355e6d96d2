import { assert, assertEquals } from "@std/assert";
import { main } from "../../../src/main.ts";
import { Output } from "../../../src/cli/process/output.ts";
import { CapturedStream, FakeEnvironment } from "../fake_environment.ts";

/** A simulated terminal. A line that is too long continues on the next one. */
class Screen {
  readonly lines: string[] = [""];
  readonly #columns: number;
  #column = 0;

  constructor(columns = 80) {
    this.#columns = columns;
  }

  /** A stream that writes to this screen. */
  stream(): CapturedStream {
    const stream = new CapturedStream();
    stream.isTerminal = true;
    stream.columns = () => this.#columns;
    const write = stream.write.bind(stream);
    stream.write = (text) => {
      for (const character of text) this.#put(character);
      write(text);
    };
    return stream;
  }

  /** The lines that are not blank, without blanks at their end. */
  get text(): string[] {
    return this.lines.map((line) => line.trimEnd()).filter((line) => line !== "");
  }

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") this.#startLine();
    else {
      if (this.#column === this.#columns) this.#startLine();
      const line = this.lines.pop()!;
      this.lines.push(line.slice(0, this.#column) + character + line.slice(this.#column + 1));
      this.#column++;
    }
  }

  #startLine(): void {
    this.lines.push("");
    this.#column = 0;
  }
}

function onScreen(screen: Screen): Output {
  return new Output(screen.stream(), screen.stream(), { json: false, quiet: false, verbose: false });
}

Deno.test("a live line takes the place of the one before, also of a longer one", () => {
  const screen = new Screen();
  const output = onScreen(screen);
  assert(output.hasLive);
  for (const line of ["1 s  in 1000", "2 s  in 9", "3 s  in 20"]) output.live(line);
  assertEquals(screen.text, ["3 s  in 20"]);
});

Deno.test("a live line stays below what is written to either stream, and goes away at the end", () => {
  const screen = new Screen();
  const output = onScreen(screen);
  output.live("1 s");
  output.result("a packet");
  output.warning("a warning");
  assertEquals(screen.text, ["a packet", "warning: a warning", "1 s"]);
  output.live("");
  output.result("the end");
  assertEquals(screen.text, ["a packet", "warning: a warning", "the end"]);
});

Deno.test("a live line is cut to the width that the terminal has", () => {
  const screen = new Screen(20);
  const output = onScreen(screen);
  output.live("0123456789012345678901234567890");
  assertEquals(screen.text, ["0123456789012345678"]);
  output.live("short");
  assertEquals(screen.text, ["short"]);
});

Deno.test("there is no live line in a file or pipe, nor for programs", () => {
  const options = { json: false, quiet: false, verbose: false };
  assert(!new Output(new CapturedStream(), new Screen().stream(), options).hasLive);
  const json = new Output(new Screen().stream(), new Screen().stream(), { ...options, json: true });
  assert(!json.hasLive);
});

Deno.test("serve --stats on a terminal keeps one line up to date, and ends with the summary", async () => {
  const environment = new FakeEnvironment();
  environment.noColor = true;
  const screen = new Screen(200);
  const [stdout, stderr] = [screen.stream(), screen.stream()];
  Object.assign(environment, { stdout, stderr });
  const live = /^ +\d\.\d s {2}in [\d,]+\/s, [\d.]+ k?bit\/s {2}out [\d,]+\/s, /;
  const seen = new Set<string>();
  const liveLines: number[] = [];
  const write = stdout.write.bind(stdout);
  stdout.write = (text) => {
    write(text);
    const lines = screen.text.filter((line) => live.test(line));
    liveLines.push(lines.length);
    for (const line of lines.filter((line) => !seen.has(line))) {
      if (seen.add(line).size === 3) environment.signal("SIGINT");
    }
  };
  const code = await main(["serve", "demo", "--simulate", "--stats", "0.05"], environment);
  assertEquals([code, seen.size, Math.max(...liveLines)], [0, 3, 1]);
  const last = screen.text.slice(-2).join(" ");
  assert(/^Served demo for \d\.\d s .* pings were answered/.test(last), screen.text.join("\n"));
  assertEquals(screen.text.filter((line) => live.test(line)), []);
});
