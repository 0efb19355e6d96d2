import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HostError } from "../../../src/tun/host_error.ts";
import { FileMachine } from "../../../src/tun/simulated/file.ts";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { newMachine } from "../../../src/tun/simulated/machine.ts";
import { encodeMachine } from "../../../src/tun/simulated/machine_text.ts";
import { TestFolder } from "../../test_folder.ts";
import { fileMachineTest } from "../../file_machine.ts";

const RING_BYTES = 0x20000;
const REQUEST = { name: "lab", type: "Wintun" };
const hasLinks = Deno.build.os !== "windows";

function hostOf(file: string): SimulatedHost {
  return new SimulatedHost({ storage: new FileMachine(file) });
}

function refusal(action: () => unknown): HostError {
  const error = assertThrows(action, HostError);
  assertEquals(error.kind, "failed");
  return error;
}

fileMachineTest(
  "a machine in a file stays when its host is closed, and another one finds its adapters",
  async () => {
    await using folder = new TestFolder();
    const file = `${folder.path}/lab.json`;
    {
      await using host = hostOf(file);
      await host.startKeeper({ request: { ...REQUEST, persistent: true }, settings: { mtu: 1400 } });
    }
    await using host = hostOf(file);
    const found = await host.find("LAB");
    assertEquals([found?.mtu, found?.persistent, found?.state], [1400, true, "down"]);
  },
);

fileMachineTest(
  "reading a machine makes no file, and neither does a change that is refused or changes nothing",
  async () => {
    await using folder = new TestFolder();
    const machine = new FileMachine(`${folder.path}/lab.json`);
    assertEquals(machine.read().adapters, []);
    assertEquals(folder.files, []);
    assertThrows(() =>
      machine.update(() => {
        throw new Error("no");
      })
    );
    machine.update(() => {});
    assertEquals(folder.files, [`${folder.path}/lab.json.lock`]);
  },
);

fileMachineTest("an adapter that a process holds is gone with it, and a session too", async () => {
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.json`;
  await using looking = hostOf(file);
  const holding = hostOf(file);
  const adapter = await holding.create(REQUEST);
  const session = adapter.openSession(RING_BYTES);
  assertEquals((await looking.find("lab"))?.session, { pid: Deno.pid });
  // The lock goes as it does with a process that is killed: nothing is written.
  holding.storage.close();
  assertEquals(await looking.list(), []);
  session.close();
  await holding.close();
});

for (
  const [what, text] of [
    ["an empty file", ""],
    ["another JSON file", '{"name":"x"}'],
    ["a text", "hello\n"],
    ["a machine that is cut off", encodeMachine(newMachine()).slice(0, -20)],
    ["a machine of a later version", encodeMachine(newMachine()).replace('"version": 1', '"version": 2')],
  ]
) {
  fileMachineTest(`${what} is no machine: every use is refused, and it is not overwritten`, async () => {
    await using folder = new TestFolder();
    const file = `${folder.path}/lab.json`;
    Deno.writeTextFileSync(file, text);
    const machine = new FileMachine(file);
    const { message, hint } = refusal(() => machine.read());
    assertStringIncludes(message, `Cannot read the simulated machine in ${file}: it `);
    assertStringIncludes(hint, "It was not changed.");
    refusal(() => machine.update(() => {}));
    assertEquals(Deno.readTextFileSync(file), text);
  });
}

fileMachineTest("a folder that does not exist is no machine to change, and a new one to read", async () => {
  await using folder = new TestFolder();
  const machine = new FileMachine(`${folder.path}/nowhere/lab.json`);
  assertEquals(machine.read().adapters, []);
  assertStringIncludes(refusal(() => machine.update(() => {})).message, ": its folder does not exist");
});

fileMachineTest({
  name: "a link in the place of the machine or of its lock is refused, and what it leads to stays",
  ignore: !hasLinks,
  fn: async () => {
    await using folder = new TestFolder();
    const [file, other] = [`${folder.path}/lab.json`, `${folder.path}/other`];
    Deno.writeTextFileSync(other, encodeMachine(newMachine()));
    Deno.symlinkSync(other, file);
    const machine = new FileMachine(file);
    assertStringIncludes(
      refusal(() => machine.update(({ adapters }) => adapters.pop())).message,
      "it is a link",
    );
    Deno.removeSync(file);
    Deno.removeSync(`${file}.lock`);
    for (const target of [other, `${folder.path}/nothing`]) {
      Deno.symlinkSync(target, `${file}.lock`);
      refusal(() => machine.update(() => {}));
      Deno.removeSync(`${file}.lock`);
    }
    assertEquals(folder.files, [other]);
    assertEquals(Deno.readTextFileSync(other), encodeMachine(newMachine()));
  },
});

fileMachineTest({
  name: "something else in the place of a process' file is not opened, and the process counts as ended",
  ignore: !hasLinks,
  fn: async () => {
    await using folder = new TestFolder();
    const file = `${folder.path}/lab.json`;
    await using host = hostOf(file);
    using _adapter = await host.create(REQUEST);
    const [path] = folder.files.filter((name) => name.endsWith(".process"));
    Deno.removeSync(path);
    // To open a pipe would wait for a writer.
    assert((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
    const kinds = new FileMachine(file).read().adapters.map(({ holding }) => holding.kind);
    assertEquals(kinds, ["nobody"]);
    Deno.removeSync(path);
  },
});

fileMachineTest(
  "an adapter whose machine is removed is removed too, and its end makes no machine again",
  async () => {
    await using folder = new TestFolder();
    await using host = hostOf(`${folder.path}/lab.json`);
    using adapter = await host.create(REQUEST);
    const session = adapter.openSession(RING_BYTES);
    for (const path of folder.files) Deno.removeSync(path);
    await adapter.removed;
    session.close();
    adapter.close();
    assertEquals(folder.files, []);
  },
);

fileMachineTest("the name of a process in a file cannot lead to another folder", async () => {
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.json`;
  {
    await using host = hostOf(file);
    using _adapter = await host.create(REQUEST);
    const text = Deno.readTextFileSync(file).replace(/"process": "[^"]*"/, '"process": "../../etc"');
    Deno.writeTextFileSync(file, text);
  }
  refusal(() => new FileMachine(file).read());
});

fileMachineTest("tidy() deletes what killed processes have left, and nothing else", async () => {
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.json`;
  const [machine, running] = [new FileMachine(file), new FileMachine(file)];
  running.register();
  const [alive] = folder.files;
  const left = [`${file}.${crypto.randomUUID()}.process`, `${file}.${crypto.randomUUID()}.new`];
  const others = [`${file}.mine`, `${folder.path}/other.${crypto.randomUUID()}.new`];
  for (const path of [...left, ...others]) Deno.writeTextFileSync(path, "");
  machine.tidy();
  assertEquals(folder.files, [alive, ...others, `${file}.lock`].sort());
  running.close();
});

fileMachineTest(
  "watch() reports a change by another host, and the end of a process that held an adapter",
  async () => {
    await using folder = new TestFolder();
    const file = `${folder.path}/lab.json`;
    const watching = new FileMachine(file);
    let notify = (): void => {};
    const changed = (): Promise<void> => new Promise((resolve) => notify = resolve);
    const unwatch = watching.watch(() => notify());
    const holding = hostOf(file);
    const made = changed();
    const adapter = await holding.create(REQUEST);
    await made;
    assert(watching.read().adapters.length === 1);
    const ended = changed();
    holding.storage.close();
    await ended;
    assertEquals(watching.read().adapters.map(({ holding }) => holding.kind), ["nobody"]);
    unwatch();
    adapter.close();
    await holding.close();
  },
);
