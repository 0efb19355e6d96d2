import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import type { Paints } from "./output.ts";

/** The colours of a terminal. */
export const PAINTS: Paints = { bold, dim, red, yellow, green, cyan };
