import { create } from "./adapters/create.ts";
import { deleteCommand } from "./adapters/delete.ts";
import { list } from "./adapters/list.ts";
import { set } from "./adapters/set.ts";
import { watch } from "./adapters/watch.ts";
import type { Command } from "./command.ts";
import { completions } from "./program/completions.ts";
import { doctor } from "./program/doctor.ts";
import { driver } from "./program/driver.ts";
import { help } from "./program/help.ts";
import { simulate } from "./program/simulate.ts";
import { version } from "./program/version.ts";
import { serve } from "./serve/serve.ts";
import { stop } from "./serve/stop.ts";

/** The commands for people, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
  create,
  list,
  set,
  deleteCommand,
  serve,
  stop,
  watch,
  driver,
  doctor,
  simulate,
  completions,
  version,
  help,
];
