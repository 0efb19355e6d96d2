/** The stories of tests/stories on Windows: in the world from Linux' bash, and on real Windows in Git's bash. */

import { fromFileUrl } from "@std/path";
import { ARGUMENTS, type MachineCommands, shellLine } from "../stories/machine.ts";
import { canTell, STORIES, tell } from "../stories/story.ts";
import { worldSignedPath } from "./libraries.ts";
import { programLine } from "./program.ts";
import { enterWorld, worldTest } from "./world_under_test.ts";

const RESTART = fromFileUrl(new URL("./restart_world.ts", import.meta.url));

async function worldMachine(): Promise<MachineCommands> {
  const world = await enterWorld();
  const client = shellLine(world.wineLine("/world/wintun_client.exe", [worldSignedPath, ARGUMENTS]));
  return {
    "wintun": shellLine(world.wintunLine([ARGUMENTS])),
    "end-process": `${shellLine(world.wineLine("taskkill", ["/F", "/PID", ARGUMENTS]))} >/dev/null 2>&1`,
    // It runs until its input ends, when the folder of the story is removed.
    "other-program": `while [ -e "$STORY" ]; do sleep 0.2; done | ${client} >"$STORY/other" 2>/dev/null &
       until grep -q ready "$STORY/other"; do sleep 0.1; done`,
    "restart-windows": shellLine([Deno.execPath(), "run", "-A", "--no-check", RESTART]),
  };
}

const machine: MachineCommands = Deno.build.os === "windows"
  ? { "wintun": shellLine(programLine([ARGUMENTS])), "end-process": 'taskkill /F /PID "$1" >/dev/null' }
  : await worldMachine();

for (const story of STORIES) {
  worldTest(`the story ${story} is on Windows as its transcript says`, () => tell(story, machine), {
    ignore: !canTell(story, machine),
  });
}
