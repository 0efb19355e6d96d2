/** Restarts the Windows world. For scripts of Linux. */

import { enterWorld } from "./world_under_test.ts";

const world = await enterWorld();
await world.restart();
