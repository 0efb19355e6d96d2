import { assert, assertEquals, assertMatch } from "@std/assert";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { Holder } from "../holder.ts";
import { isWindowsWorld } from "../libraries.ts";
import { OtherProgram } from "../other_program.ts";

adapterTest(
  "delete waits for the end of the service's process, whose program can then be replaced",
  async () => {
    const { owner } = (await must("create", "lab")).adapter;
    using keeper = new Holder(owner.pid);
    assertEquals((await must("delete", "lab")).changed, true);
    assertEquals([keeper.hasEnded(), await list()], [true, []]);
  },
);

adapterTest(
  "delete and list and set say 4 for a name that is not there; --ignore-missing makes it 0",
  async () => {
    assertEquals((await ask("delete", "nobody")).code, 4);
    assertEquals((await ask("list", "nobody")).code, 4);
    assertEquals((await ask("set", "nobody", "--mtu", "1400")).code, 4);
    const ignored = await must("delete", "nobody", "--ignore-missing");
    assertEquals([ignored.changed, ignored.missing], [false, ["nobody"]]);
  },
);

adapterTest("delete --all deletes what create made", async () => {
  await must("create", "one");
  await must("create", "two");
  const { deleted } = await must("delete", "--all");
  assertEquals(deleted.map(({ name }: { name: string }) => name).sort(), ["one", "two"]);
  assertEquals(await list(), []);
});

adapterTest("delete during create leaves either nothing or the whole adapter", async () => {
  for (let round = 0; round < 2; round++) {
    let isOver = false;
    const creating = ask("create", "lab", "--address", "10.77.0.1/24").finally(() => isOver = true);
    let deleting = await ask("delete", "lab");
    while (deleting.code === 4 && round === 0 && !isOver) deleting = await ask("delete", "lab");
    const created = await creating;
    assert([0, 10].includes(created.code), JSON.stringify(created));
    assert([0, 4].includes(deleting.code), JSON.stringify(deleting));
    const names = (await list()).map(({ name, state }) => [name, state]);
    assertEquals(names, deleting.code === 0 ? [] : [["lab", "down"]]);
    await must("delete", "lab", "--ignore-missing");
  }
});

adapterTest("an adapter of another program is listed, and delete refuses it until --force", async () => {
  await using _other = await OtherProgram.start("foreign");
  const [info] = await list();
  assertEquals([info.name, info.owner], ["foreign", null]);
  const { code, error } = await ask("delete", "foreign");
  assertEquals(code, 1);
  assertMatch(error.message, /another program/);
  assertEquals((await must("delete", "--all")).changed, false);
  assertEquals((await ask("create", "foreign")).code, 5);
  assertEquals((await must("delete", "foreign", "--force")).changed, true);
}, { ignore: !isWindowsWorld });

adapterTest("driver status and driver uninstall see the adapters of every process", async () => {
  const none = await must("driver", "status");
  assertEquals([none.loaded, none.version], [false, null]);
  assertEquals((await must("driver", "uninstall")).changed, false);
  await must("create", "lab");
  const used = await must("driver", "status");
  assertEquals([used.loaded, used.version], [true, "0.14"]);
  assertEquals((await ask("driver", "uninstall")).code, 8);
  await must("delete", "lab");
  assertEquals((await must("driver", "status")).loaded, false);
}, { ignore: !isWindowsWorld });
