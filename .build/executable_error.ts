/** Reports that an executable does not have the layout that `deno compile` produces. The message is a reason. */
export class ExecutableError extends Error {
  override name = "ExecutableError";
}
