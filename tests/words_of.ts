/** Returns the words of a command line that help or README shows, as cmd, PowerShell and bash take them apart. */
export function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/(?:"[^"]*"|[^\s"])+/g), ([word]) => word.replaceAll('"', ""));
}
