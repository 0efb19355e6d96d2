import { assertEquals, assertRejects } from "@std/assert";
import type { CategorySetting } from "../../../../src/tun/settings/category.ts";
import { categorySubject } from "../../../../src/tun/windows/settings/category.ts";
import type { SettingsChange, Subject } from "../../../../src/tun/windows/settings/subject.ts";
import type { SettableCategory } from "../../../../src/windows/network/network_list.ts";
import { ERROR_TIMEOUT, Win32Error } from "../../../../src/windows/win32_error.ts";

/** An adapter whose network is private, and a Network List Manager that does not answer when it is to change that. */
class Adapter {
  given: SettableCategory | undefined = "private";

  subject(isHeld: boolean, wanted: CategorySetting): Promise<Subject> {
    const networks = {
      find: () => Promise.resolve({ category: "private", identity: undefined } as const),
      setCategory: () => Promise.reject(new Win32Error(ERROR_TIMEOUT, "Cannot set it")),
    };
    const given = {
      get: () => this.given,
      set: (_guid: string, category: SettableCategory | undefined) => this.given = category,
    };
    return categorySubject(networks, given, { name: "lab", guid: "guid", isHeld, wanted });
  }
}

function change(category: CategorySetting): SettingsChange {
  const attempt = <T>(_step: string, make: () => T): T => make();
  return { wanted: { category }, attempt } as Partial<SettingsChange> as SettingsChange;
}

for (
  const [wanted, given, then] of [
    ["public", "public", "The process that holds the adapter sets it when Windows answers."],
    ["default", undefined, "The network may keep the category that it has until Windows identifies it anew."],
  ] as const
) {
  Deno.test(`the category ${wanted} is noted, with a warning, if Windows does not set it in time`, async () => {
    const adapter = new Adapter();
    const subject = await adapter.subject(true, wanted);
    assertEquals(await subject.write(change(wanted)), [
      `Windows has not set the category of the network in time. ${then}`,
    ]);
    assertEquals(adapter.given, given);
  });
}

Deno.test("a category that nobody would set later is an error if Windows does not set it in time", async () => {
  const subject = await new Adapter().subject(false, "public");
  await assertRejects(
    async () => await subject.write(change("public")),
    Win32Error,
    "has not answered in time",
  );
});
