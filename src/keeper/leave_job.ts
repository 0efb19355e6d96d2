import { join } from "@std/path";
import { restartOutsideJob } from "../windows/breakaway.ts";
import { childrenEndWithJob } from "../windows/job.ts";
import { systemFolder } from "../windows/system.ts";
import type { KeeperMessage } from "./message.ts";

/** The operand of a keeper that has left a job, so that none tries it twice. */
export const MOVED_OPERAND = "moved";

/**
 * Whether a job ends the keeper together with whoever started it, as those of sshd and WinRM do: `free`, no; `held`, yes;
 * `moved`, it goes on as another process outside the job, and this one, which has read nothing of its order, is to end.
 *
 * @param hasMoved Whether this process is that other one.
 */
export function leaveJob(
  hasMoved: boolean,
  tell: (message: KeeperMessage) => void,
): "free" | "held" | "moved" {
  if (Deno.build.os !== "windows") return "free";
  const kernel32 = join(systemFolder(), "kernel32.dll");
  if (!childrenEndWithJob(kernel32)) return "free";
  if (hasMoved) return "held";
  const isLet = restartOutsideJob(kernel32, MOVED_OPERAND, (pid) => tell({ type: "moved", pid }));
  return isLet ? "moved" : "held";
}
