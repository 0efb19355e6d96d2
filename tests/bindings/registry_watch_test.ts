import { assertEquals } from "@std/assert";
import { Registry, type RegistryKey } from "../../src/windows/registry.ts";
import { RegistryWatch } from "../../src/windows/registry_watch.ts";
import { System } from "../../src/windows/system.ts";
import { ERROR_ACCESS_DENIED, Win32Error } from "../../src/windows/win32_error.ts";
import { emulatorTest, libraries } from "./fixture.ts";

const ABOVE = "SOFTWARE\\wintun test";
const DENIED = `${ABOVE}\\denied`;

/** The registry of a user who may not read one of its keys. */
class RegistryWithoutRights extends Registry {
  override open(path: string): RegistryKey | undefined {
    if (path === DENIED) throw new Win32Error(ERROR_ACCESS_DENIED, "Cannot open it");
    return super.open(path);
  }
}

emulatorTest("a watch goes on without a key that this user may not read", async () => {
  using system = new System(libraries);
  const { registry } = system;
  for (const path of [ABOVE, DENIED]) registry.create(path)[Symbol.dispose]();
  try {
    const errors: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    await using _watch = new RegistryWatch(
      { libraries: system.libraries, registry: new RegistryWithoutRights(system.libraries) },
      () => [DENIED, ABOVE].map((path) => ({ path, what: "everything" as const })),
      resolve,
      (error) => errors.push(error),
    );
    using above = registry.create(ABOVE);
    above.setText("Value", "changed");
    await promise;
    assertEquals(errors, []);
  } finally {
    for (const path of [DENIED, ABOVE]) registry.delete(path);
  }
});
