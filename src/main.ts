import { parseArgs } from "@std/cli/parse-args";
import { format } from "@std/fmt/bytes";
import { bold } from "@std/fmt/colors";
import { join } from "@std/path";
console.log(parseArgs(Deno.args, { string: ["_"] }), format(1000), bold("x"), join("a", "b"));
