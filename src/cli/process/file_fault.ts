/**
 * Returns why a file could not be opened, read or written, as part of a sentence. Deno's errors have the reason only in
 * their message, followed by the call and the file, which are removed here.
 */
export function fileFault(error: unknown): string {
  // The message of Deno advises to add a permission, which a user of the executable cannot do.
  if (error instanceof Deno.errors.NotCapable) return "this program has no permission to open it";
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/: (open|write|remove) '.*'$/s, "");
}
