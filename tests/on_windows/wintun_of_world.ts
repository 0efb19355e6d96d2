/** Runs the program of the Windows world with the arguments of this one, and ends with its exit code. For scripts of Linux. */

import { enterWorld } from "./world_under_test.ts";

const world = await enterWorld();
const child = world.wintun(Deno.args, { stdin: "null" }).spawn();
Deno.exit((await child.status).code);
