// deno-lint-ignore-file no-console
/**
 * `deno task windows ARGS`: the command line tool under deno.exe for Windows, on the signed wintun.dll or,
 * with WINTUN_WORLD_DLL=emulator, on the emulator (Linux, root). Each call is a process of its own; what it leaves behind, adapters for one, is there for the next.
 *
 *   deno task windows create lab --address 10.6.7.7/24
 *   deno task windows --not-elevated list      as a user who is no administrator
 *   deno task windows --ping 10.6.7.9          ping from the world's network, which has the adapters
 *   deno task windows --stop                   ends everything
 */

import { signedPath } from "./libraries.ts";
import { bringSignedDll } from "./world/signed_dll.ts";
import { enterSharedWorld, stopSharedWorld } from "./world/shared.ts";
import type { World } from "./world/world.ts";

const [first, ...rest] = Deno.args;

if (first === "--stop") {
  console.error(await stopSharedWorld() ? "The Windows world has ended." : "There is no Windows world.");
  Deno.exit(0);
}

if (!await isFile(signedPath) && !await bringSignedDll()) Deno.exit(1);
const world = await enterSharedWorld((line) => console.error(line));
const child = start(world).spawn();
// A terminal's Ctrl-C reaches deno.exe by itself, as it does any program in the foreground; a signal sent to us does not.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    if (!Deno.stdin.isTerminal()) world.interrupt(child).catch(() => {});
  });
}
const errors = child.stderr.pipeTo(Deno.stderr.writable, { preventClose: true });
const { code } = await child.status;
// Wine keeps the Unix side of stderr open in every process that the command has started, keepers too. Whoever reads ours
// must not wait for them, so it is a pipe of its own, left when the command has ended.
await Promise.race([errors, new Promise((resolve) => setTimeout(resolve, 100))]);
Deno.exit(code);

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}

function start(world: World): Deno.Command {
  const streams = { stdin: "inherit", stdout: "inherit", stderr: "piped" } as const;
  if (first === "--ping") return world.linux("ping", rest, streams);
  const elevated = first !== "--not-elevated";
  return world.wintun(elevated ? Deno.args : rest, { elevated, ...streams });
}
