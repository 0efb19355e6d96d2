/** What the finished executable may do, as Deno has written it into the file. */

import { assertEquals } from "@std/assert";
import { resourcesOf } from "../../build/image.ts";
import { unpacked } from "./installed.ts";

/** Deno keeps the settings of a compiled program as JSON in the resource of type RCDATA (10). */
function settings(): Record<string, unknown> {
  const [, bytes] = resourcesOf(unpacked("wintun.exe")).find(([[type]]) => type === 10)!;
  const text = new TextDecoder("latin1").decode(bytes);
  const start = text.indexOf('{"argv":');
  for (let end = text.indexOf("}", start), depth = 1; end > 0; end = text.indexOf("}", end + 1)) {
    depth = text.slice(start, end + 1).split("{").length - text.slice(start, end + 1).split("}").length;
    if (depth === 0) return JSON.parse(text.slice(start, end + 1));
  }
  throw new Error("there are no settings in the executable");
}

Deno.test("the finished executable has no permission for network, processes, system information and imports, and may read one variable of the environment", () => {
  // An empty list is everything, null is nothing. What is denied counts more than what is allowed.
  const { prompt, ...permissions } = settings().permissions as Record<string, unknown>;
  const listed = (kind: string): string[] =>
    Object.keys(permissions).filter((name) => name.startsWith(kind) && permissions[name] !== null).sort();
  assertEquals(prompt, false);
  assertEquals(listed("allow_"), ["allow_env", "allow_ffi", "allow_import", "allow_read", "allow_write"]);
  assertEquals(permissions.allow_env, ["WINTUN_SIMULATE"]);
  assertEquals(listed("deny_"), ["deny_import", "deny_net", "deny_run", "deny_sys"]);
  for (const name of listed("deny_")) assertEquals(permissions[name], [], name);
});

Deno.test("nothing of the machine that built it and no unstable feature is in the finished executable", () => {
  const {
    argv,
    env_vars_from_env_file,
    preload_modules,
    require_modules,
    unsafely_ignore_certificate_errors,
    unstable_config,
  } = settings() as Record<string, unknown> & { unstable_config: { features: unknown[] } };
  assertEquals([argv, env_vars_from_env_file, preload_modules, require_modules], [[], {}, [], []]);
  assertEquals([unsafely_ignore_certificate_errors, unstable_config.features], [null, []]);
});
