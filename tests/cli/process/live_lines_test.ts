import { assert, assertEquals } from "@std/assert";
import { main } from "../validated_main.ts";
import { Output } from "../../../src/cli/process/output.ts";
import { CapturedStream, FakeEnvironment } from "../fake_environment.ts";
import { Screen } from "../screen.ts";

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

Deno.test("several live lines take the place of those before, of fewer and of more", () => {
  const screen = new Screen();
  const output = onScreen(screen);
  output.result("first");
  for (const lines of [["a", "b", "c"], ["d"], ["e", "f"]]) output.live(...lines);
  assertEquals(screen.text, ["first", "e", "f"]);
  output.result("second");
  output.warning("third");
  assertEquals(screen.text, ["first", "second", "warning: third", "e", "f"]);
  output.live();
  output.result("fourth");
  assertEquals(screen.text, ["first", "second", "warning: third", "fourth"]);
});

Deno.test("live lines are at most as many as the terminal has rows, but for one", () => {
  const screen = new Screen(80, 4);
  const output = onScreen(screen);
  output.live("1", "2", "3", "4", "5");
  assertEquals(screen.text, ["1", "2", "3"]);
});

Deno.test("live lines follow the width of the terminal, and leave nothing behind when it changes", () => {
  const screen = new Screen(40);
  const output = onScreen(screen);
  output.result("kept");
  const lines = ["0123456789012345678901234567890", "abcdefghijklmnopqrstuvwxyz", "short"];
  for (const columns of [40, 12, 25, 8, 60]) {
    screen.resize(columns);
    output.live(...lines);
    assertEquals(screen.text, ["kept", ...lines.map((line) => line.slice(0, columns - 1))]);
  }
  output.live();
  assertEquals(screen.text, ["kept"]);
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
  const code = await main(
    ["serve", "demo", "--simulate", "--address", "10.6.7.7/24", "--stats", "0.05"],
    environment,
  );
  assertEquals([code, seen.size, Math.max(...liveLines)], [0, 3, 1]);
  const last = screen.text.slice(-2).join(" ");
  assert(/^Served demo for \d\.\d s .* pings were answered/.test(last), screen.text.join("\n"));
  assertEquals(screen.text.filter((line) => live.test(line)), []);
});

Deno.test("serve --stats with a network shows its hosts on a terminal, and nothing of that stays", async () => {
  const environment = new FakeEnvironment();
  environment.noColor = true;
  const screen = new Screen(120);
  const [stdout, stderr] = [screen.stream(), screen.stream()];
  Object.assign(environment, { stdout, stderr });
  const host = /^ {2}(10\.6\.7\.\d+( +\d+){4}|HOST +PACKETS\/S +PACKETS +ANSWERED +LOST)$/;
  const write = stdout.write.bind(stdout);
  let most: string[] = [];
  stdout.write = (text) => {
    write(text);
    const lines = screen.text.filter((line) => host.test(line) || /[▁▂▃▄▅▆▇█]$/.test(line));
    if (lines.length > most.length) most = lines;
    if (lines.length === 5) environment.signal("SIGINT");
  };
  const args = ["--hosts", "10.6.7.8-10.6.7.9", "--loss", "10%", "--stats", "0.05"];
  assertEquals(
    await main(["serve", "demo", "--simulate", "--address", "10.6.7.7/24", ...args], environment),
    0,
  );
  assertEquals(most.length, 5, screen.text.join("\n"));
  assertEquals(screen.text.filter((line) => host.test(line) || /[▁▂▃▄▅▆▇█]$/.test(line)), []);
});
