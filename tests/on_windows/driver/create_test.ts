import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { eventually } from "../eventually.ts";
import { isWindowsWorld } from "../libraries.ts";
import { withLegacyDevice } from "../leftovers.ts";
import { run } from "../program.ts";

adapterTest("a name and a machine have one GUID, whatever the case, and another name another", async () => {
  const first = (await must("create", "lab")).adapter.guid;
  await must("delete", "lab");
  const second = (await must("create", "LAB")).adapter.guid;
  const other = (await must("create", "lab 2")).adapter.guid;
  assertEquals(second, first);
  assertNotEquals(other, first);
});

adapterTest("create --guid asks for that GUID, and a taken one is refused with 5", async () => {
  const guid = "deadbabe-cafe-beef-0123-456789abcdef";
  assertEquals((await must("create", "lab", "--guid", guid)).adapter.guid, guid);
  assertEquals((await ask("create", "other", "--guid", guid)).code, 5);
  assertEquals((await list()).length, 1);
  await must("delete", guid);
});

adapterTest("create refuses a taken name with 5, and the other adapter keeps it", async () => {
  const { guid } = (await must("create", "lab")).adapter;
  const { code, error } = await ask("create", "Lab");
  assertEquals([code, error.exitCode], [5, 5]);
  assertEquals((await list()).map(({ name, guid }) => [name, guid]), [["lab", guid]]);
});

adapterTest("create --if-not-exists twice changes nothing the second time, and aligns settings", async () => {
  const args = ["create", "lab", "--address", "10.77.0.1/24", "--address", "fd77::1/64", "--if-not-exists"];
  assertEquals((await must(...args)).changed, true);
  const second = await must(...args);
  assertEquals([second.changed, second.created], [false, false]);
  const third = await must(...args, "--mtu", "1400");
  assertEquals([third.changed, third.created, third.adapter.mtu], [true, false, 1400]);
});

adapterTest("create --dry-run makes nothing, and says which GUID it would ask for", async () => {
  const plan = await must("create", "lab", "--dry-run");
  assertEquals(plan.dryRun, true);
  assertEquals(await list(), []);
  assertEquals((await must("create", "lab")).adapter.guid, plan.requestedGuid);
});

adapterTest("create that fails half-way leaves nothing behind", async () => {
  await must("create", "one", "--address", "10.77.0.1/24");
  const { code, error } = await ask("create", "two", "--address", "10.77.0.1/24");
  assertEquals(code, 1);
  assertMatch(error.message, /10\.77\.0\.1\/24/);
  assertEquals((await list()).map(({ name }) => name), ["one"]);
});

adapterTest("create gives up after --timeout with 9, and nothing is left", async () => {
  assertEquals((await ask("create", "lab", "--timeout", "0.01")).code, 9);
  assertEquals(await list(), []);
});

adapterTest("of two creates of one name at once, one makes it and the other is refused", async () => {
  const answers = await Promise.all([ask("create", "lab"), ask("create", "lab")]);
  assertEquals(answers.map(({ code }) => code).sort(), [0, 5], JSON.stringify(answers));
  assertEquals((await list()).length, 1);
});

adapterTest("two creates --if-not-exists at once both succeed, and one of them made it", async () => {
  const answers = await Promise.all([
    must("create", "lab", "--if-not-exists"),
    must("create", "lab", "--if-not-exists"),
  ]);
  assertEquals(answers.map(({ created }) => created).sort(), [false, true]);
});

adapterTest("ten adapters are created and deleted at once", async () => {
  const names = Array.from({ length: 10 }, (_, index) => `lab ${index}`);
  await Promise.all(names.map((name, index) => must("create", name, "--address", `10.77.${index}.1/24`)));
  const adapters = await list();
  assertEquals(adapters.map(({ name }) => name).sort(), names);
  assertEquals(new Set(adapters.map(({ guid }) => guid)).size, 10);
  await Promise.all(names.map((name) => must("delete", name)));
});

adapterTest("create --foreground holds the adapter until it is deleted", async () => {
  const holding = run(["create", "lab", "--foreground", "--json"]);
  assert(await eventually(async () => (await list()).length === 1), "no adapter comes about");
  assertEquals((await list())[0].owner.role, "keeper");
  await must("delete", "lab");
  assertEquals((await holding).code, 0);
});

adapterTest("a bad name is refused with 2 before anything is made", async () => {
  assertEquals((await ask("create", "a/b")).code, 2);
});

adapterTest(
  "create refuses to load wintun.dll where that removes a legacy device, until --remove-legacy lets it, and warns then",
  () =>
    withLegacyDevice(async () => {
      const { code, error } = await ask("create", "lab");
      assertEquals(code, 1);
      assertMatch(error.message, /ROOT\\NET\\0007/i);
      assertMatch(error.hint, /--remove-legacy/);
      assertEquals(await list(), []);
      const plan = await must("create", "lab", "--dry-run", "--remove-legacy");
      assertEquals(plan.removes.map((id: string) => id.toUpperCase()), ["ROOT\\NET\\0007"]);

      const created = await run(["create", "lab", "--remove-legacy", "--json"]);
      assertEquals(created.code, 0, created.stderr);
      const warnings = created.stderr.trim().split("\n").map((line) => JSON.parse(line).warning.message);
      // Another may say that the emulator is trusted only because of --trust-dll.
      const removals = warnings.filter((message) => message.startsWith("Loading "));
      assertEquals(removals.length, 1, created.stderr);
      assertMatch(
        removals[0],
        /^Loading .*wintun[^\\]*\.dll removes devices of Wintun 0.13 or older: ROOT\\NET\\0007\.$/i,
      );
      assertEquals((await list()).map(({ name }) => name), ["lab"]);
      await must("delete", "lab");
    }),
  { ignore: !isWindowsWorld },
);
