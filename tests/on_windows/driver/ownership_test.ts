import { assert, assertEquals, assertMatch } from "@std/assert";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { eventually } from "../eventually.ts";
import { withLegacyDevice } from "../leftovers.ts";
import { renameAsUsersDo } from "../holder.ts";
import { isWindowsWorld } from "../libraries.ts";
import { OtherProgram } from "../other_program.ts";
import { run, serve } from "../program.ts";

const inWorld = { ignore: !isWindowsWorld };

adapterTest(
  "set, serve and create --if-not-exists leave the adapter of another program as it is",
  async () => {
    await using _other = await OtherProgram.start("corp-vpn");
    const before = await list();
    const settings = ["--address", "10.98.0.1/24", "--mtu", "1300"];
    for (
      const [code, ...command] of [
        [1, "set", "corp-vpn"],
        [1, "serve", "corp-vpn", "--duration", "1"],
        [5, "create", "corp-vpn", "--if-not-exists"],
      ] as const
    ) {
      const answer = await ask(...command, ...settings);
      assertEquals(answer.code, code, command.join(" "));
      assertMatch(answer.error.reason, /another program made .*with tunnel type "Client"/);
    }
    assertEquals(await list(), before);
    assertEquals((await ask("serve", "corp-vpn", "--force", ...settings)).code, 8);
    assertEquals((await must("set", "corp-vpn", "--force", ...settings)).adapter.mtu, 1300);
  },
  inWorld,
);

adapterTest("after a rename the idempotent script works on, and messages name the adapter", async () => {
  const { guid } = (await must("create", "lab", "--address", "10.77.0.1/24")).adapter;
  await using other = await OtherProgram.start("lab");
  const again = await run(["create", "lab", "--if-not-exists", "--json"]);
  assertEquals([again.code, JSON.parse(again.stdout).adapter.name], [0, "lab 1"]);
  assertMatch(again.stderr, /created as \\"lab\\" is called \\"lab 1\\" now/);
  await other[Symbol.asyncDispose]();
  assert(await eventually(async () => (await list()).length === 1), "the other adapter does not go");
  const { error } = await ask("create", "lab");
  assertEquals(error.reason, `adapter "lab 1", created as "lab", has the GUID ${guid}`);
  assertEquals((await must("set", "lab", "--mtu", "1400")).adapter.name, "lab 1");
  await using serving = await serve("lab 1", "--duration", "1");
  assertEquals((await serving.ready).adapter.guid, guid);
  assertEquals((await serving.ended).code, 0);
  assertEquals((await must("delete", "lab")).deleted[0].name, "lab 1");
}, inWorld);

adapterTest("serve fails when wintun.dll opens another adapter, and changes neither", async () => {
  const first = (await must("create", "lab", "--address", "10.77.0.1/24")).adapter;
  renameAsUsersDo(first.guid, "lab 1");
  const guid = "11111111-2222-3333-4444-555555555555";
  await must("create", "lab", "--guid", guid, "--address", "10.90.0.1/24");
  const before = await list();
  // Which of the two wintun.dll opens is its own affair.
  const answers = [
    await ask("serve", "lab 1", "--address", "10.77.0.5/24", "--duration", "0.2"),
    await ask("serve", "lab", "--address", "10.90.0.5/24", "--duration", "0.2"),
  ];
  assertEquals(answers.map(({ code }) => code).sort(), [0, 1]);
  const failed = answers.findIndex(({ code }) => code === 1);
  const name = ["lab 1", "lab"][failed];
  assertMatch(answers[failed].error.reason, /wintun.dll knows both as "lab"/);
  const addressesOf = (adapters: { name: string }[]): unknown => adapters.find((one) => one.name === name);
  assertEquals(addressesOf(await list()), addressesOf(before));
}, inWorld);

adapterTest(
  "create --if-not-exists does not accept the adapter of a running serve; delete --all ends it",
  async () => {
    await using serving = await serve("s1", "--address", "10.77.7.7/24");
    const { code, error } = await ask("create", "s1", "--if-not-exists");
    assertEquals(code, 5);
    const [{ owner }] = await list();
    assertEquals(
      error.reason,
      `process ${owner.pid} made the adapter of this name for itself, and Windows removes it when that process ends`,
    );
    assertEquals((await must("delete", "--all")).deleted.map(({ name }: { name: string }) => name), ["s1"]);
    assertEquals((await serving.ended).code, 10);
  },
);

adapterTest("serve of a name that does not exist makes nothing without --address", async () => {
  const { code, error } = await ask("serve", "nosuch", "--duration", "0.2");
  assertEquals(code, 4);
  assertMatch(error.hint, /--address/);
  assertEquals(await list(), []);
});

adapterTest("serve says in ready what it changed, and the adapter keeps it", async () => {
  await must("create", "lab", "--address", "10.77.0.1/24", "--mtu", "1400");
  await using serving = await serve("lab", "--address", "10.78.0.1/24", "--mtu", "1300", "--duration", "0.2");
  const { changed, changes } = await serving.ready;
  assertEquals([changed, changes], [true, [
    { setting: "mtu", before: ["1400"], after: ["1300"] },
    { setting: "address", before: ["10.77.0.1/24"], after: ["10.78.0.1/24"] },
  ]]);
  assertEquals((await serving.ended).code, 0);
  const [{ addresses, mtu }] = await list();
  assertEquals([addresses, mtu], [["10.78.0.1/24"], 1300]);
});

adapterTest(
  "create --dry-run sees settings that would change, and an address and a name that are taken",
  async () => {
    await must("create", "a", "--address", "10.71.0.1/24", "--mtu", "1300");
    const before = await list();
    const plan = await must("create", "a", "--if-not-exists", "--dry-run", "--mtu", "1500");
    assertEquals([plan.changed, plan.changes], [true, [{
      setting: "mtu",
      before: ["1300"],
      after: ["1500"],
    }]]);
    const taken = await ask("create", "zz", "--address", "10.71.0.1/24", "--dry-run");
    assertEquals([taken.code, taken.error.reason], [
      1,
      'another interface, "a", has the address 10.71.0.1/24',
    ]);
    assertEquals((await ask("create", "zz", "--address", "10.71.0.1/24")).error.reason, taken.error.reason);
    const named = await ask("create", "a", "--dry-run");
    assertEquals(named.code, 5);
    assertMatch(named.error.hint, /--if-not-exists/);
    assertEquals(await list(), before);
  },
);

adapterTest("a legacy device is listed once, and delete removes it with --force only", async () => {
  await withLegacyDevice(async () => {
    const legacy = async (): Promise<{ name: string }[]> =>
      (await must("list", "--all")).adapters.filter(({ state }: { state: string }) => state === "legacy");
    const [{ name }, ...more] = await legacy();
    assertEquals(more, []);
    assertEquals((await ask("delete", name)).code, 1);
    assertEquals((await must("delete", name, "--force")).changed, true);
    assertEquals(await legacy(), []);
    assert((await ask("delete", name, "--force")).code === 4);
  });
}, inWorld);
