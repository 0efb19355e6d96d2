/** Runs of commands in this process, one after the other on the same simulated machine. */

import { assert, assertEquals } from "@std/assert";
import { main } from "./validated_main.ts";
import type { AdapterInfo } from "../../src/tun/adapter_info.ts";
import type { Host } from "../../src/tun/host.ts";
import { refuseOthers } from "../../src/tun/ownership.ts";
import { SimulatedHost } from "../../src/tun/simulated/host.ts";
import { FakeEnvironment } from "./fake_environment.ts";
import { viewOf } from "./host_view.ts";

/** A machine that stays between the commands of a test, as a real one does. */
export class Machine {
  readonly host = new SimulatedHost();
  /** The adapters that are only listed, most of other programs: `list` and `find` return them too. */
  others: AdapterInfo[] = [];
  readonly removed: string[] = [];
  /** Those of them that were configured. */
  readonly configured: string[] = [];
  environment = new FakeEnvironment();

  async run(...args: string[]): Promise<number> {
    return await this.#run(new FakeEnvironment(), args);
  }

  /** Runs a command whose results go to a terminal of that width, and returns these without colours. */
  async runOnTerminal(width: number, ...args: string[]): Promise<string[]> {
    const environment = new FakeEnvironment();
    Object.assign(environment.stdout, { isTerminal: true, width });
    await this.#run(environment, [...args, "--no-color"]);
    return environment.stdout.lines;
  }

  async #run(environment: FakeEnvironment, args: string[]): Promise<number> {
    environment.host = () => this.#view();
    this.environment = environment;
    const code = await main(args, environment);
    assert(!environment.hasSignalHandlers, "signals are no longer listened for");
    return code;
  }

  // deno-lint-ignore no-explicit-any
  async ask(...args: string[]): Promise<any> {
    const code = await this.run(...args, "--json");
    assertEquals([code, this.environment.stderr.text], [0, ""]);
    const [object, ...more] = this.environment.stdout.objects;
    assertEquals(more, []);
    return object;
  }

  /** Returns the host for one command, with the adapters of other programs. */
  #view(): Host {
    const { host } = this;
    return viewOf(host, {
      list: async (options) => [...await host.list(options), ...this.others],
      find: async (name, options) =>
        await host.find(name, options) ?? this.others.find((info) => info.name === name),
      // deno-lint-ignore require-await -- errors must be rejections
      configure: async (luid, settings, options) => {
        const info = this.others.find((one) => one.luid === luid);
        if (info === undefined) return host.configure(luid, settings, options);
        refuseOthers(`Cannot configure adapter "${info.name}"`, info, options);
        this.configured.push(info.name);
        return { changed: true, changes: [], warnings: [] };
      },
      reorder: (info, settings) => {
        if (!this.others.includes(info)) return host.reorder(info, settings);
        this.configured.push(info.name);
        return Promise.resolve({ changed: true, changes: [], warnings: [] });
      },
      stop: (info, timeoutMs) => {
        const isService = this.others.includes(info) &&
          (info.state === "starting" || info.state === "stopped");
        if (!isService) return host.stop(info, timeoutMs);
        this.others = this.others.filter((one) => one !== info);
        return Promise.resolve();
      },
      // deno-lint-ignore require-await -- errors must be rejections
      remove: async (info, permission) => {
        refuseOthers(`Cannot delete adapter "${info.name}"`, info, permission);
        this.removed.push(info.name);
        this.others = this.others.filter(({ name }) => name !== info.name);
      },
    });
  }
}

export function machineTest(name: string, body: (machine: Machine) => Promise<void>): void {
  Deno.test(name, async () => {
    const machine = new Machine();
    await body(machine);
    await machine.host.close();
  });
}

/** Returns an adapter that another program has made, with these changes. */
export const other = (changes: Partial<AdapterInfo>): AdapterInfo => ({
  name: "wg0",
  type: "WireGuard",
  guid: "deadbabe-cafe-beef-0123-456789abcdef",
  luid: 1n,
  ifIndex: 9,
  instanceId: "SWD\\Wintun\\{DEADBABE-CAFE-BEEF-0123-456789ABCDEF}",
  state: "up",
  mtu: 1420,
  metric: 5,
  addresses: [],
  ...changes,
});
