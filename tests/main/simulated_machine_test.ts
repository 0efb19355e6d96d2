/** A simulated machine in a file, used by real processes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TestFolder } from "../test_folder.ts";
import { type Ended, run, Running, type Start } from "./program.ts";
import { fileMachineTest } from "../file_machine.ts";

/** Deno cannot send signals to another process on Windows. */
const hasSignals = Deno.build.os !== "windows";

/** What is looked at of an adapter in JSON. */
interface Listed {
  readonly name: string;
  readonly ifIndex: number;
  readonly state: string;
  readonly session: unknown;
}

interface Machine {
  readonly folder: string;
  readonly file: string;
  run(...args: string[]): Promise<Ended>;
  // deno-lint-ignore no-explicit-any
  ask(...args: string[]): Promise<any>;
  serve(...args: string[]): Promise<Running>;
}

function machineTest(name: string, body: (machine: Machine) => Promise<void>): void {
  fileMachineTest({
    name,
    ignore: !hasSignals,
    fn: async () => {
      await using folder = new TestFolder();
      const file = `${folder.path}/machine.json`;
      const start: Start = { env: { WINTUN_SIMULATE: file } };
      await body({
        folder: folder.path,
        file,
        run: (...args) => run(args, start),
        ask: async (...args) => {
          const { code, stdout, stderr } = await run([...args, "--json"], start);
          assertEquals([code, stderr], [0, ""], args.join(" "));
          const object = JSON.parse(stdout);
          assertEquals(object.simulated, true);
          return object;
        },
        serve: async (...args) => {
          const running = new Running(["serve", ...args], start);
          await running.written(/is up/);
          return running;
        },
      });
    },
  });
}

machineTest(
  "ten processes that create adapters at once make ten adapters, or one if all use one name",
  async ({ run, ask }) => {
    const names = Array.from({ length: 10 }, (_, index) => `net${index}`);
    const all = await Promise.all(names.map((name) => run("create", name)));
    assertEquals(all.map(({ code }) => code), names.map(() => 0), all.map(({ stderr }) => stderr).join(""));
    const adapters: Listed[] = (await ask("list")).adapters;
    assertEquals(adapters.map(({ name }) => name), names);
    assertEquals(new Set(adapters.map(({ ifIndex }) => ifIndex)).size, 10);
    const same = await Promise.all(names.map(() => run("create", "lab")));
    assertEquals(same.map(({ code }) => code).sort(), [0, 5, 5, 5, 5, 5, 5, 5, 5, 5]);
  },
);

machineTest(
  "a serve that is killed holds nothing: its own adapter is gone, another one is down",
  async (machine) => {
    await machine.ask("create", "kept", "--address", "10.77.0.1/24");
    const own = await machine.serve("own", "--address", "10.78.0.1/24");
    const other = await machine.serve("kept");
    const states = async (): Promise<unknown> => {
      const adapters: Listed[] = (await machine.ask("list")).adapters;
      return adapters.map(({ name, state, session }) => [name, state, session !== null]);
    };
    assertEquals(await states(), [["kept", "up", true], ["own", "up", true]]);
    for (const { process, ended } of [own, other]) {
      process.kill("SIGKILL");
      await ended;
    }
    assertEquals(await states(), [["kept", "down", false]]);
    assertEquals((await machine.run("create", "own")).code, 0);
    // The next command that changes the machine deletes their files.
    await machine.ask("simulate", "reset");
    const files = Array.from(Deno.readDirSync(machine.folder), ({ name }) => name).sort();
    assertEquals(files, ["machine.json", "machine.json.lock"]);
  },
);

machineTest(
  "stop ends a serve of another process with 0, delete ends it with 10, and a second serve ends with 8",
  async (machine) => {
    await machine.ask("create", "lab", "--address", "10.77.0.1/24");
    const first = await machine.serve("lab");
    assertEquals((await machine.run("serve", "lab")).code, 8);
    const { stopped } = await machine.ask("stop", "lab");
    assertEquals([stopped.pid, (await first.ended).code], [first.process.pid, 0]);
    const second = await machine.serve("lab");
    await machine.ask("delete", "lab");
    assertEquals((await second.ended).code, 10);
    const third = await machine.serve("own", "--address", "10.78.0.1/24");
    await machine.ask("delete", "own");
    const { code, stderr } = await third.ended;
    assertEquals(code, 10);
    assertStringIncludes(stderr, "it was deleted");
  },
);

machineTest("list counts the packets that a serve in another process gets and sends", async (machine) => {
  await machine.ask("create", "lab", "--address", "10.77.0.1/24");
  const { code } = await machine.run("serve", "lab", "--count", "2");
  assertEquals(code, 0);
  const [{ traffic }] = (await machine.ask("list")).adapters;
  assertEquals([traffic.sentPackets, traffic.receivedPackets, traffic.receivedBytes], [2, 2, 120]);
});

machineTest("every command says that its machine is simulated, and where it is", async (machine) => {
  for (
    const line of [
      "create lab",
      "list",
      "set lab --mtu 1400",
      "stop lab",
      "delete lab",
      "driver status",
      "doctor",
    ]
  ) {
    const { code, stderr } = await machine.run(...line.split(" "));
    assertEquals([code, stderr], [0, `This machine is simulated, in ${machine.file}.\n`], line);
  }
  const { stderr } = await machine.run("delete", "lab", "--json");
  assertEquals(JSON.parse(stderr).simulated, true);
});

machineTest(
  "a program that may only read the machine lists it, and cannot change it",
  async ({ file, ask }) => {
    await ask("create", "lab");
    const start: Start = {
      env: { WINTUN_SIMULATE: file },
      permissions: ["--allow-ffi", "--allow-read", "--allow-env"],
    };
    assertEquals((await run(["list", "--json"], start)).code, 0);
    const { code, stderr } = await run(["delete", "lab"], start);
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      `Cannot change the simulated machine in ${file}: this program has no permission`,
    );
  },
);

fileMachineTest({
  name:
    "WINTUN_SIMULATE is 1 for the file in the user's folder, and 0 or empty for none; --simulate has precedence",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using folder = new TestFolder();
    const state = `${folder.path}/state`;
    const placed = async (value: string, ...args: string[]): Promise<string> =>
      (await run(["list", ...args], { env: { XDG_STATE_HOME: state, WINTUN_SIMULATE: value } })).stderr;
    const own = `This machine is simulated, in ${state}/wintun/simulated.json.\n`;
    assertStringIncludes(await placed("1"), own);
    assertStringIncludes(await placed("", "--simulate"), own);
    assertStringIncludes(await placed("1", `--simulate=${folder.path}/x.json`), `${folder.path}/x.json.\n`);
    for (const none of ["", "0"]) assertStringIncludes(await placed(none), "Wintun is a driver for Windows");
    const home = await run(["list", "--simulate"], {
      env: { HOME: folder.path, XDG_STATE_HOME: "relative" },
    });
    assertStringIncludes(home.stderr, `${folder.path}/.local/state/wintun/simulated.json.\n`);
    assert(!Array.from(Deno.readDirSync(folder.path)).some(({ name }) => name === "state"));
    assertEquals(
      (await run(["create", "lab"], { env: { XDG_STATE_HOME: state, WINTUN_SIMULATE: "1" } })).code,
      0,
    );
    assertEquals(Deno.statSync(`${state}/wintun`).mode! & 0o777, 0o700);
  },
});
