import { restartOutsideJob } from "../windows/breakaway.ts";
import { childrenEndWithJob } from "../windows/job.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import type { KeeperMessage } from "./message.ts";

/** The operand of a keeper that has left a job, so that none tries it twice. */
export const MOVED_OPERAND = "moved";

/**
 * Whether a job ends the keeper together with whoever started it, as those of sshd and WinRM do: `free`, no; `held`, yes;
 * `moved`, it goes on as another process outside the job, and this one, which has read nothing of its order, is to end.
 *
 * @param libraries Windows'; `undefined` on another operating system, which has no jobs.
 * @param hasMoved Whether this process is that other one.
 */
export function leaveJob(
  libraries: SystemLibraries | undefined,
  hasMoved: boolean,
  tell: (message: KeeperMessage) => void,
): "free" | "held" | "moved" {
  if (libraries === undefined || !childrenEndWithJob(libraries)) return "free";
  if (hasMoved) return "held";
  const isLet = restartOutsideJob(libraries, MOVED_OPERAND, (pid) => tell({ type: "moved", pid }));
  return isLet ? "moved" : "held";
}
