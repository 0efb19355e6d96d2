/** A capture's file as it is said to people. */
export function nameOf(file: string): string {
  return file === "-" ? "stdout" : `"${file}"`;
}

/** Why a file could not be opened or written, without its name, which Deno says behind the reason. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/: (open|write|remove) '.*'$/s, "");
}
