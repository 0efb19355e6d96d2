/**
 * README's install, everyday use and uninstall, line by line. What PowerShell does there is done by equal steps, as Wine
 * has none: Expand-Archive by unzip, Get-FileHash by Deno. The release workflow tries gh, winget and scoop.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { sha256Hex } from "../../../vendor/fetch.ts";
import { programFolder } from "../world/command_line.ts";
import { ARCHIVE, archivePath, linuxPath } from "../world/executable.ts";
import { everydayText, examples, normal } from "../../readme.ts";
import { eventually } from "../eventually.ts";
import { assertNothingLeft, worldTest } from "../world_under_test.ts";
import { wordsOf } from "../../words_of.ts";
import { dataFolder, type Ended, ended, file, isPinged, remove, unpacked, world } from "./installed.ts";

const readme = await Deno.readTextFile(new URL("../../../README.md", import.meta.url));
const install = /^## Install$([\s\S]*?)^## /m.exec(readme)![1];
const home = "C:\\users\\root";

/** The lines of code in a text that call the program. */
function calls(text: string): string[][] {
  return Array.from(
    text.matchAll(/`wintun ([^`]+)`/g),
    ([, words]) => wordsOf(words),
  );
}

/** `wintun WORDS` at an administrator's prompt, where the program's folder is in PATH. */
function atPrompt(words: readonly string[]): Deno.Command {
  return world.launch(`${programFolder}\\wintun.exe`, words, {
    cwd: linuxPath(home),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

const run = (words: readonly string[]): Promise<Ended> => ended(atPrompt(words).spawn());

async function mustRun(words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(words);
  assertEquals(code, 0, `wintun ${words.join(" ")}\n${stderr}`);
  return stdout;
}

worldTest("README: the archive has the hash in SHA256SUMS, and is unpacked where README says", async () => {
  const [, archive, folder] = /`Expand-Archive (\S+) '([^']+)'`/.exec(install)!;
  assertEquals([archive, folder], [ARCHIVE, programFolder]);
  const sums = await Deno.readTextFile(world.file("/world/SHA256SUMS"));
  const hash = await sha256Hex(await Deno.readFile(world.file(archivePath)));
  assert(sums.split("\n").includes(`${hash}  ${ARCHIVE}`), sums);
  const inside = new TextDecoder().decode(unpacked("SHA256SUMS")).trim().split("\n").map((line) =>
    line.split("  ")
  );
  for (const [sum, name] of inside) assertEquals(await sha256Hex(unpacked(name)), sum, name);
  const names = Array.from(Deno.readDirSync(file(programFolder)), ({ name }) => name);
  assertEquals(names.sort(), [...inside.map(([, name]) => name), "SHA256SUMS"].sort());
});

worldTest("README: with that folder in PATH, wintun doctor finds nothing wrong", async () => {
  assert(calls(install).some((words) => words.join(" ") === "doctor"));
  const path = "C:\\readme.cmd";
  await Deno.writeTextFile(file(path), `@set PATH=%PATH%;${programFolder}\r\n@wintun doctor\r\n`);
  const { code, stdout } = await ended(
    world.launch("C:\\windows\\system32\\cmd.exe", ["/c", path], {
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );
  await remove(path);
  assertEquals(code, 0, stdout);
  const lines = stdout.trim().split(/\r?\n/);
  assertEquals(lines.filter((line) => !line.startsWith("ok ")), []);
  assertMatch(stdout, /Only administrators can change C:\\Program Files\\wintun\\wintun\.exe/);
});

worldTest("README: wintun doctor --self-test proves that adapters work, and leaves nothing", async () => {
  const words = calls(install).find((words) => words.join(" ") === "doctor --self-test")!;
  const stdout = await mustRun(words);
  assertMatch(stdout, /^ok +IPv4: \d+ of \d+ pings/m);
  assertMatch(stdout, /^ok +The adapter was removed in \d+ ms, and nothing of it is left\./m);
});

worldTest("README: the lines of everyday use do what is written below them", async () => {
  assert(examples.length >= 7);
  for (const [index, { words, output }] of examples.entries()) {
    if (words[0] !== "serve") {
      const shown = await mustRun(words);
      if (output !== "") assertEquals(normal(shown), normal(output));
      continue;
    }
    const child = atPrompt(words).spawn();
    const over = ended(child);
    assert(await eventually(() => isPinged("10.77.0.9")), `wintun ${words.join(" ")} answers no ping`);
    assert(await isPinged("10.77.0.200"));
    const next = examples[index + 1]?.words;
    if (next?.[0] === "stop") await mustRun(next);
    else await world.interrupt(child);
    const { code, stderr } = await over;
    assertEquals(code, 0, stderr);
  }
  const magic = Deno.readFileSync(file(`${home}\\lab.pcapng`)).subarray(0, 4);
  assertEquals([...magic], [0x0a, 0x0d, 0x0d, 0x0a], "the capture is no pcapng");
  await remove(`${home}\\lab.pcapng`);
});

worldTest("README: serve with an address makes an adapter for as long as it serves", async () => {
  const words = calls(everydayText).find((words) => words[0] === "serve" && words.includes("--address"))!;
  const child = atPrompt(words).spawn();
  const over = ended(child);
  assert(await eventually(() => isPinged("10.6.7.9")));
  await world.interrupt(child);
  assertEquals((await over).code, 0);
  assertStringIncludes(await mustRun(["list", "--json"]), '"adapters":[]');
});

worldTest("README: completions are a script for PowerShell", async () => {
  assert(readme.includes("`wintun completions powershell`"));
  assertMatch(await mustRun(["completions", "powershell"]), /Register-ArgumentCompleter/);
});

worldTest("README: the uninstall leaves no adapter, and the folders can be removed", async () => {
  const [, uninstall] = /\*\*Uninstall\*\*: ([\s\S]*?)\n\n/.exec(install)!;
  await mustRun(["create", "lab"]);
  const steps = calls(uninstall);
  assertEquals(steps.length, 2);
  for (const words of steps) await mustRun(words);
  assert(uninstall.includes(`\`${dataFolder}\``));
  // A program that still ran would keep its files from being removed.
  await assertNothingLeft(world);
});
