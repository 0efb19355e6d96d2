import { assert, assertEquals, assertMatch } from "@std/assert";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { Holder, removeAsOthersDo } from "../holder.ts";
import { serve } from "../program.ts";

adapterTest(
  "a keeper whose adapter somebody removes ends with 10, its log says why, and the name is free",
  async () => {
    const { adapter, log } = await must("create", "lab", "--address", "10.77.0.1/24");
    using keeper = new Holder(adapter.owner.pid);
    removeAsOthersDo(adapter.instanceId);
    assertEquals(await keeper.exitCode(), 10);
    assertMatch(
      await Deno.readTextFile(log),
      /Z error {3}Cannot go on holding adapter "lab": it was removed\r\n$/,
    );
    assertEquals(await list(), []);
    const again = await must("create", "lab", "--if-not-exists", "--address", "10.77.0.1/24");
    assertEquals([again.created, again.adapter.guid], [true, adapter.guid]);
    await must("delete", "lab");
  },
);

adapterTest("a keeper that hangs keeps its removed adapter as lost, and ends when it goes on", async () => {
  const { adapter } = await must("create", "lab");
  using keeper = new Holder(adapter.owner.pid);
  keeper.hang();
  try {
    removeAsOthersDo(adapter.instanceId);
    assertEquals((await list()).map(({ name, state }) => [name, state]), [["lab", "lost"]]);
    const { findings } = (await ask("doctor")).result;
    // deno-lint-ignore no-explicit-any
    const owners = findings.find(({ check }: any) => check === "owners");
    assertMatch(owners.message, /Somebody has removed these adapters, and their processes still run: lab/);
    assertEquals((await ask("set", "lab", "--mtu", "1400")).code, 4);
    assertEquals((await must("create", "lab", "--if-not-exists", "--dry-run")).created, true);
    assertEquals((await ask("delete", "lab", "--timeout", "1")).code, 9);
  } finally {
    keeper.goOn();
  }
  // It was asked to let go, and sees that the adapter is gone: whichever comes first.
  assert([0, 10].includes(await keeper.exitCode() ?? -1));
  assertEquals(await list(), []);
  await must("create", "lab");
  await must("delete", "lab");
});

adapterTest("delete --force gives up on a keeper that hangs, and create makes the adapter anew", async () => {
  const { adapter } = await must("create", "lab");
  using keeper = new Holder(adapter.owner.pid);
  keeper.hang();
  try {
    removeAsOthersDo(adapter.instanceId);
    assertEquals((await must("delete", "lab", "--force", "--timeout", "1")).changed, true);
    assertEquals(await list(), []);
  } finally {
    keeper.goOn();
  }
  await keeper.exitCode();
  await must("create", "lab");
  await must("delete", "lab");
});

adapterTest("serve ends with 10 when somebody removes its adapter", async () => {
  await using serving = await serve("lab", "--address", "10.77.0.1/24");
  const [{ instanceId }] = await list();
  removeAsOthersDo(instanceId);
  const { code, stopped } = await serving.ended;
  assertEquals([code, stopped?.reason], [10, "removed"]);
});
