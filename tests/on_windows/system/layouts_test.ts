import { assert, assertEquals } from "@std/assert";
import { isWindowsWorld } from "../libraries.ts";

type Layout = Record<string, number>;

const folder = new URL("../../../src/windows/", import.meta.url);

/** Every exported object of src/windows that says how big a structure is. */
async function ourLayouts(): Promise<Map<string, Layout>> {
  const found = new Map<string, Layout>();
  const names = [folder, new URL("network/", folder), new URL("services/", folder)].flatMap((folder) =>
    Array.from(Deno.readDirSync(folder), ({ name }) => new URL(name, folder).href)
  );
  for (const name of names) {
    if (!name.endsWith(".ts")) continue;
    const module: Record<string, unknown> = await import(name);
    for (const [key, value] of Object.entries(module)) {
      if (/^[A-Z][A-Z0-9_]+$/.test(key) && typeof (value as Layout | null)?.size === "number") {
        found.set(key, value as Layout);
      }
    }
  }
  return found;
}

Deno.test({
  name: "every structure has the size and the offsets of the Windows headers",
  ignore: !isWindowsWorld, // the program that knows the headers is built with mingw-w64
  fn: async () => {
    const { stdout } = await new Deno.Command("Z:\\world\\layouts.exe").output();
    const headers: Record<string, Layout> = JSON.parse(new TextDecoder().decode(stdout));
    const ours = await ourLayouts();
    assert(ours.size >= 15, `only ${ours.size} layouts were found: ${[...ours.keys()]}`);
    for (const [name, layout] of ours) {
      const expected = headers[name];
      assert(expected, `${name} is not in tests/on_windows/programs/layouts.c`);
      for (const [field, offset] of Object.entries(layout)) {
        assertEquals({ [`${name}.${field}`]: offset }, { [`${name}.${field}`]: expected[field] });
      }
    }
  },
});
