/**
 * The world that `deno task windows` keeps between its calls, so that adapters are shared between programs as on a real
 * machine.
 */

import { join } from "@std/path";
import { checkout, partsKey } from "./build.ts";
import { cacheFolder, locked } from "./cache.ts";
import { World } from "./world.ts";

interface Record {
  pid: number;
  /** Identifies the checkout and the C parts that the world contains. */
  key: string;
}

/** The name of the world. A different name starts a separate world. */
const name = Deno.env.get("WINTUN_SHARED_WORLD") ?? "shared";
const recordPath = (): string => join(cacheFolder(), `${name}.json`);

/** Returns the shared world. Starts it if it does not run or was built from different sources. */
export async function enterSharedWorld(say: (line: string) => void): Promise<World> {
  return await locked(name, async () => {
    const key = JSON.stringify([checkout, await partsKey()]);
    const record = await readRecord();
    const running = record && await World.attach(record.pid);
    if (running && record.key === key) return running;
    if (running) {
      say("The Windows world was made from other sources: starting it anew.");
      await running.close();
    }
    const world = await World.start({ say, stays: true });
    await Deno.writeTextFile(recordPath(), JSON.stringify({ pid: world.pid, key } satisfies Record));
    return world;
  });
}

/** Ends the shared world, with every program and adapter in it. Returns false if it was not running. */
export async function stopSharedWorld(): Promise<boolean> {
  return await locked(name, async () => {
    const record = await readRecord();
    const running = record && await World.attach(record.pid);
    await running?.close();
    if (record) await Deno.remove(recordPath());
    return running !== undefined;
  });
}

async function readRecord(): Promise<Record | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(recordPath()));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
