import { create } from "./adapters/create.ts";
import { deleteCommand } from "./adapters/delete.ts";
import { list } from "./adapters/list.ts";
import { set } from "./adapters/set.ts";
import { watch } from "./adapters/watch.ts";
import type { Command } from "./command.ts";
import { dsc } from "./dsc/dsc.ts";
import { complete } from "./program/complete.ts";
import { driver } from "./program/driver.ts";
import { service } from "./program/service_command.ts";
import { version } from "./program/version.ts";
import { stop } from "./serve/stop.ts";

/** The commands that programs start: Windows, the scripts of `completions`, and Microsoft DSC. Help does not list them. */
export const INTERNAL_COMMANDS: readonly Command[] = [service, complete, dsc];

/** The commands that every start of the program loads, because scripts run them often. The others come with `on_demand.ts`. */
export const USUAL_COMMANDS: readonly Command[] = [
  create,
  list,
  set,
  deleteCommand,
  stop,
  watch,
  driver,
  version,
  ...INTERNAL_COMMANDS,
];
