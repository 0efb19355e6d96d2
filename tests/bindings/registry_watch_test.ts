import { assertEquals } from "@std/assert";
import { RegistryWatch } from "../../src/windows/registry_watch.ts";
import { System } from "../../src/windows/system.ts";
import { emulatorTest, libraries } from "./fixture.ts";
import { RegistryWithoutRights } from "./registry_without_rights.ts";

const ABOVE = "SOFTWARE\\wintun test";
const DENIED = `${ABOVE}\\denied`;

emulatorTest("a watch goes on without a key that this user may not read", async () => {
  using system = new System(libraries);
  const { registry } = system;
  for (const path of [ABOVE, DENIED]) registry.create(path)[Symbol.dispose]();
  try {
    const errors: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    await using _watch = new RegistryWatch(
      { libraries: system.libraries, registry: new RegistryWithoutRights(system.libraries, DENIED) },
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
