import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AdapterServices } from "../../../src/tun/windows/adapter_services.ts";
import { System } from "../../../src/windows/system.ts";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { eventually } from "../eventually.ts";
import { isWindowsWorld } from "../libraries.ts";
import { OtherProgram } from "../other_program.ts";
import { serve } from "../program.ts";

adapterTest("set --name renames an adapter while it is served, and the serve goes on", async () => {
  const { adapter } = await must("create", "lab", "--address", "10.77.0.1/24");
  await using serving = await serve("lab");
  await serving.ready;
  const { changes } = await must("set", "lab", "--name", "Büro 1", "--mtu", "1400");
  assertEquals(changes, [
    { setting: "name", before: ["lab"], after: ["Büro 1"] },
    { setting: "mtu", before: ["65535"], after: ["1400"] },
  ]);
  const [{ name, guid, createdAs, state, luid }] = await list();
  assertEquals([name, guid, createdAs, state, luid], ["Büro 1", adapter.guid, null, "up", adapter.luid]);
  assertEquals((await ask("list", "lab")).code, 4);
  await must("stop", "Büro 1");
  assertEquals((await serving.ended).code, 0);
  await using again = await serve("Büro 1", "--duration", "0.2");
  assertEquals((await again.ready).adapter.guid, adapter.guid);
  assertEquals((await again.ended).code, 0);
  const { code, error } = await ask("create", "lab");
  assertEquals(code, 5);
  assertStringIncludes(
    error.reason,
    `"Büro 1" has the GUID ${adapter.guid}, which follows from the name "lab"`,
  );
  const second = await must("create", "lab", "--guid", "11111111-2222-3333-4444-555555555555");
  await using other = await serve("lab", "--address", "10.78.0.1/24", "--duration", "0.2");
  assertEquals((await other.ready).adapter.guid, second.adapter.guid);
  assertEquals((await other.ended).code, 0);
});

adapterTest("set --name renames what a serve made for itself, and stop finds it", async () => {
  await using serving = await serve("s1", "--address", "10.77.7.7/24");
  await serving.ready;
  await must("set", "s1", "--name", "s2");
  assertEquals((await list()).map(({ name, createdAs }) => [name, createdAs]), [["s2", null]]);
  assertEquals((await must("stop", "s2")).changed, true);
  assertEquals((await serving.ended).code, 0);
});

adapterTest(
  "a persistent adapter that was renamed has its new name whenever its service starts",
  async () => {
    const { adapter: { guid } } = await must("create", "lab", "--persistent", "--address", "10.77.0.1/24");
    await must("set", "lab", "--name", "office");
    using system = new System();
    const services = new AdapterServices(system);
    const displayName = (): string => {
      using service = services.open(guid, "readConfig");
      return service!.config().displayName;
    };
    assertEquals(displayName(), "Wintun adapter: office");
    await services.askToStop(guid);
    assert(await eventually(async () => (await list())[0].state === "stopped"));
    await must("set", "office", "--name", "office 2");
    assertEquals(displayName(), "Wintun adapter: office 2");
    const { adapter } = await must("create", "office 2", "--if-not-exists");
    assertEquals([adapter.name, adapter.guid, adapter.createdAs], ["office 2", guid, null]);
  },
  { ignore: !isWindowsWorld },
);

adapterTest("set --name takes no name from another network adapter", async () => {
  await must("create", "lab");
  await using _other = await OtherProgram.start("corp-vpn");
  const before = await list();
  const { code, error } = await ask("set", "lab", "--name", "Corp-VPN", "--mtu", "1400");
  assertEquals([code, error.reason], [5, 'the name "Corp-VPN" is taken: a network adapter has it']);
  assertEquals((await ask("set", "corp-vpn", "--name", "mine")).code, 1);
  assertEquals(await list(), before);
  assertEquals((await must("set", "corp-vpn", "--name", "mine", "--force")).adapter.name, "mine");
}, { ignore: !isWindowsWorld });
