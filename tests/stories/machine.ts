/** What a machine brings for the scripts of stories. */

/** The commands that a script finds in the PATH, as lines for bash that may use "$@". */
export interface MachineCommands {
  readonly "wintun": string;
  /** `end-process PID`: kills a process, as taskkill /F does. */
  readonly "end-process": string;
  /** `other-program NAME`: makes an adapter of another program, which runs until the story is over. */
  readonly "other-program"?: string;
  /** Restarts Windows. */
  readonly "restart-windows"?: string;
}

/** Returns a word for bash that means just this text. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns the line for bash that runs a program with some arguments, and those of the script behind or between them. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => word === ARGUMENTS ? word : shellWord(word)).join(" ");
}

/** Stands for the arguments of the script. */
export const ARGUMENTS = '"$@"';
