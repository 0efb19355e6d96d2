/** The command line asks for something that the program does not offer, or not this way: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What to do about it, as a sentence; empty where there is nothing to say. */
  readonly hint: string;

  constructor(message: string, hint = "") {
    super(message);
    this.hint = hint;
  }
}
