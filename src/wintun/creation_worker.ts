/// <reference lib="deno.worker" />
import { answerOf } from "../windows/ask_worker.ts";
import { SystemLibraries } from "../windows/system_libraries.ts";
import { Adapter } from "./adapter.ts";
import type { CreatedAdapter, ToCreationWorker } from "./creation_messages.ts";
import { openWintun } from "./library.ts";

self.onmessage = ({ data }: MessageEvent<ToCreationWorker>) => self.postMessage(answerOf(() => create(data)));

function create({ path, kernel32, name, type, guid }: ToCreationWorker): CreatedAdapter {
  using libraries = new SystemLibraries({ kernel32 });
  return { handle: Adapter.create(openWintun(path, libraries), name, type, guid).release() };
}
