import { assertEquals } from "@std/assert";

/**
 * Ends a process at once, as Task Manager does. Administrators may end a process of LocalSystem only with a privilege that
 * taskkill enables, and Deno does not.
 */
export async function endProcess(pid: number): Promise<void> {
  const { code, stderr } = await new Deno.Command("taskkill", { args: ["/F", "/PID", `${pid}`] }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}
