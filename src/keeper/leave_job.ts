import { restartOutsideJob } from "../windows/breakaway.ts";
import { childrenEndWithJob } from "../windows/job.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import type { KeeperMessage } from "./message.ts";

/** The operand of a keeper that was restarted outside a job, so that it does not try again. */
export const MOVED_OPERAND = "moved";

/**
 * Restarts the keeper outside its job if that job ends it together with the process that started it, as the jobs of sshd
 * and WinRM do. Call it before any of the order is read. Returns
 *
 * - `free` if no job ends this process;
 * - `moved` if the keeper goes on as another process outside the job: this process must end;
 * - `held` if a job ends this process, and it cannot leave the job.
 *
 * @param libraries The libraries of Windows; `undefined` on another operating system, which has no jobs.
 * @param hasMoved Whether this process is the one that was restarted.
 * @param send Sends a message to the process that started the keeper.
 */
export function leaveJob(
  libraries: SystemLibraries | undefined,
  hasMoved: boolean,
  send: (message: KeeperMessage) => void,
): "free" | "held" | "moved" {
  if (libraries === undefined || !childrenEndWithJob(libraries)) return "free";
  if (hasMoved) return "held";
  const hasRestarted = restartOutsideJob(libraries, MOVED_OPERAND, (pid) => send({ type: "moved", pid }));
  return hasRestarted ? "moved" : "held";
}
