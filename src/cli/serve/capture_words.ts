/** A capture's file as messages name it. */
export function captureFileName(file: string): string {
  return file === "-" ? "stdout" : `"${file}"`;
}

/**
 * Why a capture's file could not be opened or written. Deno's own text has to be read for that: its errors have no
 * field for the reason alone, and name the call and the file behind it.
 */
export function captureFileFault(error: unknown): string {
  // Deno advises to permit everything, which an executable cannot be told.
  if (error instanceof Deno.errors.NotCapable) return "this program has no permission to open it";
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/: (open|write|remove) '.*'$/s, "");
}
