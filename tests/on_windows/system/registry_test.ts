import { assertEquals, assertThrows } from "@std/assert";
import { System } from "../../../src/windows/system.ts";
import { Win32Error } from "../../../src/windows/win32_error.ts";

Deno.test("registry values are read as they were written, and vanish with their key", () => {
  using system = new System();
  const path = `SOFTWARE\\wintun test ${crypto.randomUUID()}`;
  assertEquals(system.registry.open(path), undefined);
  {
    using key = system.registry.createVolatile(`${path}\\sub`);
    key.setText("Text", "Käfig 🦊");
    key.setDword("Number", 0xFFFF_FFFF);
    key.setTexts("Texts", [".lab.example", "Käfig 🦊"]);
  }
  {
    using key = system.registry.open(`${path}\\sub`)!;
    assertEquals([key.text("Text"), key.dword("Number")], ["Käfig 🦊", 0xFFFF_FFFF]);
    assertEquals(key.texts("Texts"), [".lab.example", "Käfig 🦊"]);
    assertEquals([key.text("Number"), key.dword("Text"), key.dword("None")], [
      undefined,
      undefined,
      undefined,
    ]);
  }
  {
    using parent = system.registry.open(path)!;
    assertEquals(parent.subkeys(), ["sub"]);
  }
  assertEquals(system.registry.delete(path), false);
  assertEquals([system.registry.delete(`${path}\\sub`), system.registry.delete(path)], [true, true]);
});

Deno.test("a registry value of any length up to 4 MiB is read as it was written, and a longer one is not", () => {
  using system = new System();
  const path = `SOFTWARE\\wintun test ${crypto.randomUUID()}`;
  try {
    using key = system.registry.createVolatile(path);
    for (const length of [0, 510, 511, 512, 65_536, 2 * 1024 * 1024 - 1]) {
      const text = "x".repeat(length);
      key.setText("Text", text);
      assertEquals(key.text("Text")?.length, length);
      assertEquals(key.text("Text"), text);
    }
    key.setText("Text", "x".repeat(2 * 1024 * 1024));
    assertEquals(key.text("Text"), undefined);
  } finally {
    system.registry.delete(path);
  }
});

Deno.test("a registry value is deleted, and deleting one that is not there does nothing", () => {
  using system = new System();
  const path = `SOFTWARE\\wintun test ${crypto.randomUUID()}`;
  try {
    using key = system.registry.create(path);
    key.setText("Text", "value");
    key.deleteValue("Text");
    assertEquals(key.text("Text"), undefined);
    key.deleteValue("Text");
  } finally {
    system.registry.delete(path);
  }
});

Deno.test("a key that survives a restart may hold a volatile one, and a volatile one none that survives", () => {
  using system = new System();
  const path = `SOFTWARE\\wintun test ${crypto.randomUUID()}`;
  try {
    system.registry.create(path)[Symbol.dispose]();
    system.registry.createVolatile(`${path}\\volatile`)[Symbol.dispose]();
    assertThrows(() => system.registry.create(`${path}\\volatile\\sub`), Win32Error);
  } finally {
    system.registry.delete(`${path}\\volatile`);
    system.registry.delete(path);
  }
});
