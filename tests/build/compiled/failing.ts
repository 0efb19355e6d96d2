// deno-lint-ignore-file no-console -- a program that prints
/** Prints a stack trace that begins on line 5 of this file. To be bundled. */
export function fail(): string {
  // A bundle has this on another line.
  return new Error("on line 5").stack!;
}
console.log(fail());
