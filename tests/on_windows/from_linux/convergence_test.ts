import { fromFileUrl } from "@std/path";
import { convergeThreeAdapters } from "../../convergence.ts";
import { ensurePackages } from "../world/debian.ts";
import { worldTest } from "../world_under_test.ts";

const WINTUN = fromFileUrl(new URL("../wintun_of_world.ts", import.meta.url));

worldTest(
  "the convergence script for bash makes three adapters once, changes what differs, and deletes others",
  async () => {
    await ensurePackages({ "jq": "jq" });
    await convergeThreeAdapters(`"${Deno.execPath()}" run -A --no-check "${WINTUN}"`);
  },
);
