/// <reference lib="deno.worker" />
import { SystemLibraries } from "../windows/system_libraries.ts";
import { Win32Error } from "../windows/win32_error.ts";
import { Adapter } from "./adapter.ts";
import type { FromCreationWorker, ToCreationWorker } from "./creation_messages.ts";
import { openWintun } from "./library.ts";

const post = (message: FromCreationWorker): void => self.postMessage(message);

self.onmessage = ({ data }: MessageEvent<ToCreationWorker>) => {
  const { path, kernel32, name, type, guid } = data;
  using libraries = new SystemLibraries({ kernel32 });
  try {
    post({ handle: Adapter.create(openWintun(path, libraries), name, type, guid).release() });
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    post({ code: error.code, operation: error.operation });
  }
};
