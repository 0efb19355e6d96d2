/** Adapters that come back. From its sources the program is refused: anybody could replace those. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { AdapterServices } from "../../../src/tun/windows/adapter_services.ts";
import { System } from "../../../src/windows/system.ts";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { endProcess } from "../end_process.ts";
import { eventually } from "../eventually.ts";
import { removeAsOthersDo } from "../holder.ts";
import { isWindowsWorld } from "../libraries.ts";
import { onExecutable } from "../world/command_line.ts";

const onlyExecutable = { ignore: !(isWindowsWorld && onExecutable) };
const SETTINGS = ["--address", "10.77.0.1/24", "--mtu", "1400"];

const services = new AdapterServices(new System());

/** Each adapter's name, state and settings. */
async function shown(): Promise<unknown[]> {
  return (await list()).map(({ name, state, addresses, mtu }) => [name, state, addresses, mtu]);
}

adapterTest(
  "a persistent adapter comes back when somebody removes it, and when its service is killed",
  async () => {
    const removed = (await must("create", "removed", "--persistent", ...SETTINGS)).adapter;
    const killed = (await must("create", "killed", "--persistent")).adapter;
    const before = await shown();
    removeAsOthersDo(removed.instanceId);
    await endProcess(killed.owner.pid);
    assert(await eventually(async () => (await list()).every(({ state }) => state === "stopped")));
    const reasons = Object.fromEntries(
      (await list()).map(({ name, exitCode, reason }) => [name, [exitCode, reason]]),
    );
    assertEquals(reasons.removed, [10, "it was removed"]);
    assertEquals(reasons.killed[0], null);
    assert(await eventually(async () => (await list()).every(({ state }) => state === "down")));
    assertEquals(await shown(), before);
    assertEquals((await list()).map(({ guid }) => guid).sort(), [removed.guid, killed.guid].sort());
    await must("delete", "removed");
    await must("delete", "killed");
  },
  onlyExecutable,
);

adapterTest(
  "a persistent adapter whose service was stopped is shown, set, started again and deleted",
  async () => {
    const { guid } = (await must("create", "lab", "--persistent", ...SETTINGS)).adapter;
    const stop = async (): Promise<void> => {
      await services.askToStop(guid);
      assert(await eventually(() => services.find(guid)?.state === "stopped"));
    };
    await stop();
    const [{ state, persistent, exitCode, reason, owner }, ...more] = await list();
    assertEquals([more.length, state, persistent, exitCode, reason], [
      0,
      "stopped",
      true,
      0,
      "somebody stopped its service",
    ]);
    assertEquals(owner.pid, null);
    assertEquals((await ask("create", "lab")).code, 5);
    const serve = await ask("serve", "lab", "--duration", "0.1");
    assertEquals(serve.code, 4);
    assertMatch(serve.error.hint, /--if-not-exists/);
    const { findings } = await must("doctor");
    const found = findings.find(({ check }: { readonly check: string }) => check === "services");
    assertEquals([found.result, found.message], [
      "warning",
      'Adapter "lab" is stopped: somebody stopped its service.',
    ]);
    assertEquals((await must("set", "lab", "--mtu", "1300")).changed, true);
    const started = await must("create", "lab", "--if-not-exists");
    assertEquals([started.changed, started.created, started.adapter.mtu], [true, false, 1300]);
    assertEquals(await shown(), [["lab", "down", ["10.77.0.1/24"], 1300]]);
    await stop();
    assertEquals((await must("delete", "lab")).deleted.length, 1);
  },
  onlyExecutable,
);

adapterTest(
  "the service of a persistent adapter starts with Windows, and again after two failures an hour",
  async () => {
    const { guid } = (await must("create", "lab", "--persistent")).adapter;
    {
      using service = services.open(guid, "readConfig")!;
      assertEquals(service.config().startType, "auto");
    }
    const key = `HKLM\\SYSTEM\\CurrentControlSet\\Services\\wintun$${guid}`;
    const { stdout } = await new Deno.Command("reg", { args: ["query", key] }).output();
    const values = new TextDecoder().decode(stdout);
    assertMatch(values, /FailureActionsOnNonCrashFailures +REG_DWORD +0x1/);
    // SERVICE_FAILURE_ACTIONS: reset after 3600 s; restart after 5 s, restart after 30 s, none.
    const numbers = [3600, 0, 0, 3, 20, 1, 5_000, 1, 30_000, 0, 0];
    const bytes = new Uint8Array(Uint32Array.from(numbers).buffer).toHex().toUpperCase();
    assertMatch(values, new RegExp(`FailureActions +REG_BINARY +${bytes}`));
    await must("delete", "lab");
  },
  onlyExecutable,
);
