import { askWorker } from "../windows/ask_worker.ts";
import { Adapter } from "./adapter.ts";
import type { CreatedAdapter, ToCreationWorker } from "./creation_messages.ts";
import type { Wintun } from "./library.ts";

/**
 * Creates an adapter as `Adapter.create` does, on a worker: the calling thread goes on, however long Windows takes.
 * @throws {Win32Error} as `Adapter.create` does.
 */
export async function createAdapter(
  wintun: Wintun,
  name: string,
  type: string,
  guid: Uint8Array<ArrayBuffer> | null,
): Promise<Adapter> {
  const worker = new Worker(new URL("./creation_worker.ts", import.meta.url), {
    type: "module",
    name: "wintun-creation",
  });
  const { path, libraries } = wintun;
  const request: ToCreationWorker = { path, kernel32: libraries.path("kernel32"), name, type, guid };
  const { handle } = await askWorker<CreatedAdapter>(worker, "creation", request);
  return Adapter.adopt(wintun, handle);
}
