/** What README shows. */

const text = await Deno.readTextFile(new URL("../README.md", import.meta.url));

/** A line behind a prompt, and what README shows below it. */
export interface Example {
  readonly words: readonly string[];
  readonly output: string;
}

/** The section about everyday use: its console, and the text below that. */
const [, console, below] = /^## Everyday use$[\s\S]*?```console\n([\s\S]*?)```([\s\S]*?)^## /m.exec(text)!;

/** The lines of everyday use. */
export const examples: readonly Example[] = console.split(/^> wintun /m).slice(1).map((text) => {
  const [command, ...output] = text.trim().split("\n");
  return { words: command.split(" "), output: output.join("\n") };
});

/** The file that makes the program from source a command of every folder and script. */
export const [, sourceCommand] = /^```sh\n([\s\S]*?)```$/m.exec(text)!;

/** The text below those lines. */
export const everydayText: string = below;

/** The command lines of the table of settings, without `wintun`. */
export const settingsLines: readonly string[] = Array.from(
  text.matchAll(/^\| [\w ,]+ \| (`[^|]+`) +\|.*\|$/gm),
  ([, cell]) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, line]) => line),
).flat();

/** Returns a text with one number for every process, and one blank where columns stand apart. */
export function normal(text: string): string {
  return text.trim().replaceAll("\r", "").replace(/process \d+/g, "process 1").replace(/ +/g, " ");
}
