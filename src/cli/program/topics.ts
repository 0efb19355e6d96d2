import { adapters } from "./topics/adapters.ts";
import { captures } from "./topics/captures.ts";
import { convergence } from "./topics/convergence.ts";
import { dll } from "./topics/dll.ts";
import { dsc } from "./topics/dsc.ts";
import { example } from "./topics/example.ts";
import { exitCodes } from "./topics/exit_codes.ts";
import { json } from "./topics/json.ts";
import { network } from "./topics/network.ts";
import { powershell } from "./topics/powershell.ts";
import { recipes } from "./topics/recipes.ts";
import { scenario } from "./topics/scenario.ts";
import { security } from "./topics/security.ts";
import type { Topic } from "./topics/topic.ts";

/** All topics, in the order in which help lists them. */
export const TOPICS: readonly Topic[] = [
  exitCodes,
  json,
  powershell,
  dsc,
  adapters,
  network,
  scenario,
  captures,
  convergence,
  recipes,
  example,
  dll,
  security,
];
