import { adapters } from "./topics/adapters.ts";
import { captures } from "./topics/captures.ts";
import { dll } from "./topics/dll.ts";
import { exitCodes } from "./topics/exit_codes.ts";
import { json } from "./topics/json.ts";
import { security } from "./topics/security.ts";
import type { Topic } from "./topics/topic.ts";

/** All topics, in the order in which help lists them. */
export const TOPICS: readonly Topic[] = [exitCodes, json, adapters, captures, dll, security];
