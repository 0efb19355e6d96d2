/** The error for a command line that is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** Advice to the user in sentences, or "". */
  readonly hint: string;

  constructor(message: string, hint = "") {
    super(message);
    this.hint = hint;
  }
}
