/**
 * Starts the worker of a keeper. It owns all callbacks of the process, because the main thread blocks while wintun.dll creates
 * and removes the adapter: those of the Service Control Manager (`enterService`) and the one for log lines of wintun.dll
 * (`HostOptions.logThread`). A second worker would take as long to start as everything else that a keeper does.
 */
export function startKeeperThread(): Worker {
  return new Worker(new URL("./keeper_worker.ts", import.meta.url), {
    type: "module",
    name: "wintun-keeper",
  });
}
