import { UsageError } from "./usage_error.ts";

/** What commands on adapters that exist take as NAME, as help states it. */
export const NAME_FORMS =
  "NAME is the adapter's name, its GUID or ifIndex:N. wintun list NAME shows all three.";

/**
 * Returns the only operand of a command, which is the name of an adapter.
 * @throws {UsageError} if there is none, or more than one.
 */
export function onlyOperand(operands: readonly string[], command: string): string {
  if (operands.length === 0) {
    throw new UsageError(`${command} needs the name of an adapter.`, `Usage: wintun ${command} NAME.`);
  }
  if (operands.length === 1) return operands[0];
  throw new UsageError(
    `${command} takes one name, but ${operands.length} are given: ${operands.join(", ")}.`,
    "Put a name with spaces in quotation marks, and in PowerShell a value with commas too. Give an option once for each of " +
      "its values.",
  );
}

/**
 * Makes sure that a command that takes options only has no operand.
 * @throws {UsageError} if there is one.
 */
export function refuseOperands(operands: readonly string[], command: string): void {
  if (operands.length === 0) return;
  throw new UsageError(`${command} takes options only, not "${operands[0]}".`);
}
