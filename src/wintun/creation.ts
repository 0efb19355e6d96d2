import { Win32Error } from "../windows/win32_error.ts";
import { Adapter } from "./adapter.ts";
import type { FromCreationWorker, ToCreationWorker } from "./creation_messages.ts";
import type { Wintun } from "./library.ts";

/**
 * Creates an adapter as `Adapter.create` does, on a worker: the calling thread goes on, however long Windows takes. The
 * worker calls GetLastError too, because Windows keeps the last error of each thread apart.
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
  try {
    const answer = await new Promise<FromCreationWorker>((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<FromCreationWorker>) => resolve(event.data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`the creation worker failed: ${event.message}`));
      };
      const { path, libraries } = wintun;
      const request: ToCreationWorker = { path, kernel32: libraries.path("kernel32"), name, type, guid };
      worker.postMessage(request);
    });
    if ("code" in answer) throw new Win32Error(answer.code, answer.operation);
    return Adapter.adopt(wintun, answer.handle);
  } finally {
    worker.terminate();
  }
}
