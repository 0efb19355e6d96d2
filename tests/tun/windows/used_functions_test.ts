import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join, toFileUrl } from "@std/path";
import { USED_FUNCTIONS } from "../../../src/tun/windows/used_functions.ts";
import type { AnySystemFunctions } from "../../../src/windows/system_functions.ts";

const SRC = fromFileUrl(new URL("../../../src/", import.meta.url));
const FOLDERS = ["windows", "windows/network", "windows/services", "wintun"];

Deno.test("every function of Windows that the program declares is among those that doctor looks for", async () => {
  let declared = 0;
  for (const folder of FOLDERS) {
    for (const { name } of Deno.readDirSync(join(SRC, folder))) {
      const text = name.endsWith(".ts") ? Deno.readTextFileSync(join(SRC, folder, name)) : "";
      const tables = Array.from(
        text.matchAll(/^export const (\w+) = systemFunctions\(/gm),
        ([, table]) => table,
      );
      assertEquals(
        tables.length,
        text.match(/= systemFunctions\(/g)?.length ?? 0,
        `${name} exports its tables`,
      );
      if (tables.length === 0) continue;
      const module = await import(toFileUrl(join(SRC, folder, name)).href);
      for (const table of tables) {
        assert(
          USED_FUNCTIONS.includes(module[table] as AnySystemFunctions),
          `${table} of ${name} is missing`,
        );
      }
      declared += tables.length;
    }
  }
  assertEquals(USED_FUNCTIONS.length, declared);
});
