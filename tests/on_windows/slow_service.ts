/** The service of an adapter that takes long to start: `slow_service.ts service GUID`. It is starting until it is asked to stop. */

import { startKeeperThread } from "../../src/keeper/keeper_thread.ts";
import { serviceName } from "../../src/tun/service_name.ts";
import { cancelValue } from "../../src/tun/windows/service_keys.ts";
import { enterService } from "../../src/windows/services/service_process.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";

const [, guid] = Deno.args;
const service = await enterService(
  new SystemLibraries(),
  startKeeperThread(),
  serviceName(guid),
  cancelValue(guid),
);
if (service === undefined) throw new Error("Windows has not started this process as a service");
await new Promise((resolve) => {
  service.stopRequested.addEventListener("abort", resolve);
  if (service.stopRequested.aborted) resolve(undefined);
});
await service.end(0);
Deno.exit();
