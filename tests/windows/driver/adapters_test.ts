import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { ask, ended, list, must, traces } from "../adapters.ts";
import { emulatorPath, isWindowsWorld } from "../libraries.ts";
import { ping, run, Serving } from "../program.ts";

/** Registers a test that begins without adapters of ours, and must leave nothing behind. */
function adapterTest(name: string, body: () => Promise<void>, { ignore = false } = {}): void {
  Deno.test({ name, ignore, fn: () => withoutTraces(body) });
}

async function withoutTraces(body: () => Promise<void>): Promise<void> {
  const before = await traces();
  try {
    await body();
  } finally {
    if (await traces() !== before) await run(["delete", "--all"]);
  }
  // Windows removes the device of a killed program in its own time.
  for (let tries = 0; tries < 50 && await traces() !== before; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assertEquals(await traces(), before, "something is left behind");
}

/** A program that is not ours and holds an adapter for some seconds. Only the Windows world has one. */
class OtherProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  static async start(name: string): Promise<OtherProgram> {
    const child = new Deno.Command("Z:\\world\\wintun_client.exe", {
      args: [emulatorPath, name, "0", "20000"],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    assertMatch(new TextDecoder().decode((await reader.read()).value), /^ready/);
    await reader.cancel();
    return new OtherProgram(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
  }
}

adapterTest("create makes an adapter that is listed, served, set and deleted by later commands", async () => {
  const created = await must("create", "lab", "--address", "10.77.0.1/24", "--mtu", "1400", "--type", "Test");
  assertEquals([created.changed, created.created], [true, true]);
  assertEquals(created.adapter.guid, created.requestedGuid);
  const [shown, ...more] = await list();
  assertEquals(more, []);
  assertEquals(shown, created.adapter);
  const { name, type, mtu, addresses, state, owner } = shown;
  assertEquals({ name, type, mtu, addresses, state }, {
    name: "lab",
    type: "Test",
    mtu: 1400,
    addresses: ["10.77.0.1/24"],
    state: "down",
  });
  assertEquals([owner.ours, owner.role], [true, "keeper"]);
  {
    await using serving = await Serving.start("lab", "--count", "2");
    assertEquals((await serving.ready).created, false);
    assertEquals((await list())[0].state, "up");
    assert(await ping("10.77.0.9", 2));
    assertEquals((await serving.ended).code, 0);
  }
  assertEquals((await must("set", "lab", "--mtu", "1300", "--metric", "9")).changed, true);
  assertEquals((await must("set", "lab", "--mtu", "1300", "--metric", "9")).changed, false);
  assertEquals([(await list())[0].mtu, (await list())[0].metric], [1300, 9]);
  const deleted = await must("delete", "lab");
  assertEquals(deleted, {
    schema: 1,
    changed: true,
    deleted: [{ name: "lab", guid: created.adapter.guid }],
    missing: [],
  });
  assertEquals(await list(), []);
  await ended(owner.pid);
});

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

adapterTest("the keeper that is killed leaves a stale adapter, which create takes over", async () => {
  const { owner } = (await must("create", "lab")).adapter;
  Deno.kill(owner.pid, "SIGKILL");
  await ended(owner.pid);
  const [stale, ...more] = await list();
  assertEquals([more.length, stale.name, stale.state, stale.owner.pid], [0, "lab", "stale", owner.pid]);
  const again = await must("create", "lab");
  assertEquals([again.created, again.adapter.state], [true, "down"]);
  assertNotEquals(again.adapter.owner.pid, owner.pid);
});

adapterTest("delete cleans up a stale adapter", async () => {
  const { owner } = (await must("create", "lab")).adapter;
  Deno.kill(owner.pid, "SIGKILL");
  await ended(owner.pid);
  assertEquals((await must("delete", "lab")).changed, true);
  assertEquals(await list(), []);
});

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

adapterTest("serve on an adapter that is deleted ends with 10", async () => {
  await must("create", "lab", "--address", "10.77.0.1/24");
  await using serving = await Serving.start("lab");
  await must("delete", "lab");
  assertEquals((await serving.ended).code, 10);
  assertEquals(serving.stopped?.reason, "removed");
});

adapterTest(
  "serve that made its adapter itself is told in list, and ends with 10 when it is deleted",
  async () => {
    await using serving = await Serving.start("lab", "--address", "10.77.0.1/24");
    assertEquals((await list())[0].owner.role, "command");
    await must("delete", "lab");
    assertEquals((await serving.ended).code, 10);
  },
);

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

adapterTest("delete during create leaves either nothing or the whole adapter", async () => {
  for (let round = 0; round < 2; round++) {
    const creating = ask("create", "lab", "--address", "10.77.0.1/24");
    let deleting = await ask("delete", "lab");
    while (deleting.code === 4 && round === 0) deleting = await ask("delete", "lab");
    const created = await creating;
    assert([0, 10].includes(created.code), JSON.stringify(created));
    assert([0, 4].includes(deleting.code), JSON.stringify(deleting));
    const names = (await list()).map(({ name, state }) => [name, state]);
    assertEquals(names, deleting.code === 0 ? [] : [["lab", "down"]]);
    await must("delete", "lab", "--ignore-missing");
  }
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
  while ((await list()).length === 0) { /* each look takes its time */ }
  assertEquals((await list())[0].owner.role, "keeper");
  await must("delete", "lab");
  assertEquals((await holding).code, 0);
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

adapterTest("a bad name is refused with 2 before anything is made", async () => {
  assertEquals((await ask("create", "a/b")).code, 2);
});
