/** The settings of adapters that are stopped: an adapter gets them when its service starts. */

import { assertEquals } from "@std/assert";
import { simulatedGuid } from "../../../src/tun/simulated/naming.ts";
import { bringInto } from "../../../src/tun/simulated/situations.ts";
import { type Machine, machineTest } from "../machine.ts";
import { Watching } from "./watching.ts";

/** Stops the service of an adapter, or makes an adapter whose service is stopped. */
async function stop(machine: Machine, name: string): Promise<void> {
  const guid = await simulatedGuid(name);
  machine.host.storage.update((simulated) => void bringInto(simulated, "stopped", { name, guid }));
}

machineTest("list shows the settings that a stopped adapter gets at its start", async (machine) => {
  await stop(machine, "lab");
  const settings = ["--address", "10.6.7.7/24", "--metric", "ipv6=9", "--dns-for", "lab.example=10.6.7.1"];
  assertEquals(await machine.run("set", "lab", ...settings), 0);
  const { adapters: [{ startSettings }] } = await machine.ask("list", "lab");
  assertEquals(startSettings, {
    mtu: ["65535"],
    metric: ["ipv4=automatic", "ipv6=9"],
    forwarding: ["off"],
    address: ["10.6.7.7/24"],
    "dns-registration": ["off"],
    category: ["default"],
    "dns-for": ["lab.example=10.6.7.1"],
  });
  await machine.run("list", "lab");
  const { lines } = machine.environment.stdout;
  const first = lines.findIndex((line) => line.includes("at its start"));
  assertEquals(lines.slice(first, first + 4).map((line) => line.trim().replace("at its start", "").trim()), [
    "--metric ipv4=automatic",
    "--metric ipv6=9",
    "--address 10.6.7.7/24",
    "--dns-for lab.example=10.6.7.1",
  ]);
});

machineTest(
  "list says of a stopped adapter without settings that it gets those of a new one",
  async (machine) => {
    await stop(machine, "lab");
    await machine.run("list", "lab");
    const line = machine.environment.stdout.lines.find((line) => line.includes("at its start"));
    assertEquals(line?.trim(), "at its start  the settings of a new adapter");
  },
);

machineTest("no adapter that runs has settings for its start", async (machine) => {
  await machine.run("create", "lab", "--persistent", "--mtu", "1400");
  assertEquals((await machine.ask("list")).adapters[0].startSettings, null);
});

machineTest("watch reports the settings of a stopped adapter that change", async (machine) => {
  await machine.run("create", "lab", "--persistent", "--mtu", "1400");
  const { watching } = await Watching.start(machine.host);
  await stop(machine, "lab");
  const settingsIn = (changes: readonly { readonly setting: string }[]): string[] =>
    changes.map(({ setting }) => setting);
  assertEquals(settingsIn((await watching.next()).changes).includes("mtu"), false);
  await machine.run("set", "lab", "--mtu", "1300");
  assertEquals((await watching.next()).changes, [{ setting: "mtu", before: ["1400"], after: ["1300"] }]);
  assertEquals((await watching.stop()).length, 1);
});
