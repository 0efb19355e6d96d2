import { assertEquals } from "@std/assert";
import { Registry } from "../../src/windows/registry.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { emulatorTest, libraries } from "./fixture.ts";

const PATH = "SOFTWARE\\wintun test";

/** Registers a test with a key that is there before it, and not after it. */
function registryTest(name: string, body: (registry: Registry) => void): void {
  emulatorTest(name, () => {
    using system = new SystemLibraries(libraries);
    const registry = new Registry(system);
    registry.create(PATH)[Symbol.dispose]();
    try {
      body(registry);
    } finally {
      registry.delete(PATH);
    }
  });
}

registryTest("a value is read back whole, up to 4 MiB, and a shorter one in its place too", (registry) => {
  using key = registry.create(PATH);
  for (const length of [2 * 1024 * 1024 - 1, 65_536, 512, 511, 0]) {
    const text = "x".repeat(length);
    key.setText("Text", text);
    assertEquals(key.text("Text"), text);
  }
  key.setText("Text", "x".repeat(2 * 1024 * 1024));
  assertEquals(key.text("Text"), undefined);
});

registryTest("a list of texts is read back as it was written, and is no text", (registry) => {
  using key = registry.create(PATH);
  for (const texts of [[".lab.example"], [".käfig", ".🦊", "x".repeat(1000)], []]) {
    key.setTexts("Texts", texts);
    assertEquals([key.texts("Texts"), key.text("Texts")], [texts, undefined]);
  }
});

registryTest("a key has many values, and loses the one that is deleted", (registry) => {
  using key = registry.create(PATH);
  for (let index = 0; index < 100; index++) key.setDword(`${index}`, index);
  key.deleteValue("50");
  key.deleteValue("50");
  assertEquals([key.dword("49"), key.dword("50"), key.dword("51")], [49, undefined, 51]);
});

registryTest("only the keys directly below one are listed", (registry) => {
  registry.create(`${PATH}\\sub`)[Symbol.dispose]();
  registry.createVolatile(`${PATH}\\sub\\deeper`)[Symbol.dispose]();
  {
    using key = registry.open(PATH);
    assertEquals(key?.subkeys(), ["sub"]);
  }
  registry.delete(`${PATH}\\sub\\deeper`);
  registry.delete(`${PATH}\\sub`);
});
