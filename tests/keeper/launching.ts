// deno-lint-ignore-file no-console -- a program of launch_test.ts
/** Launches the fake keeper. As a program, it prints the keeper's PID when the keeper is ready, and ends. */

import { fromFileUrl } from "@std/path";
import { type Launched, launchKeeper, type LaunchOptions, type Program } from "../../src/keeper/launch.ts";
import type { KeeperOrder } from "../../src/keeper/order.ts";

export const GUID = "deadbabe-cafe-beef-0123-456789abcdef";

const FAKE_KEEPER: Program = {
  path: Deno.execPath(),
  args: [
    "run",
    "--quiet",
    "--allow-read",
    "--allow-write",
    "--allow-run",
    fromFileUrl(new URL("./fake_keeper.ts", import.meta.url)),
  ],
};

/**
 * Launches the fake keeper.
 * @param name Chooses the behaviour of the fake keeper.
 */
export function launch(
  name: string,
  options: Partial<LaunchOptions> = {},
  { program = FAKE_KEEPER, ...order }: Partial<KeeperOrder> & { program?: Program } = {},
): Promise<Launched> {
  const request = { name, type: "T", guid: GUID };
  return launchKeeper(
    { request, settings: { mtu: 1400 }, removeLegacy: false, ...order },
    { timeoutMs: 20_000, log: () => {}, ...options },
    undefined,
    program,
  );
}

if (import.meta.main) console.log((await launch("ready")).info.owner!.pid);

/** Ends a keeper that is a child of this process, and waits until Deno has noticed its end. Throws if it has ended before. */
export async function endChild(pid: number): Promise<void> {
  Deno.kill(pid, "SIGKILL");
  for (let isThere = true; isThere;) {
    await new Promise((wake) => setTimeout(wake, 10));
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      isThere = false;
    }
  }
}
