/** A capture's file as it is said to people. */
export function nameOf(file: string): string {
  return file === "-" ? "stdout" : `"${file}"`;
}

/** Why a file could not be opened or written, without its name, which Deno says behind the reason. */
export function reasonOf(error: unknown): string {
  // Deno advises to permit everything, which an executable cannot be told.
  if (error instanceof Deno.errors.NotCapable) return "Deno does not permit this program to open it";
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/: (open|write|remove) '.*'$/s, "");
}
