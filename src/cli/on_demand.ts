/**
 * The parts of the program that a run loads only if it needs them: the commands that are not usual, and help. V8 needs half as
 * long to read them as to read everything else.
 */
export { COMMANDS } from "./commands.ts";
export { writeCommandHelp, writeOverview } from "./program/help.ts";
