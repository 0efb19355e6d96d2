/** Adapters in every state that one can be in, from a test that runs under deno.exe. */

import { assert } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { AdapterInfo } from "../../src/tun/adapter_info.ts";
import type { Host } from "../../src/tun/host.ts";
import { ipv4Mtu } from "../../src/tun/mtu.ts";
import { SERVICE_COMMAND } from "../../src/tun/service_name.ts";
import { AdapterServices } from "../../src/tun/windows/adapter_services.ts";
import { commandLine } from "../../src/windows/command_line.ts";
import type { Service } from "../../src/windows/services/service.ts";
import { System } from "../../src/windows/system.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import { openWintun, type Wintun } from "../../src/wintun/library.ts";
import type { Serving } from "../serving.ts";
import type { State } from "../states.ts";
import { must } from "./adapters.ts";
import { Holder, removeAsOthersDo } from "./holder.ts";
import { addLegacyDevice, LEGACY_DEVICE, orphan, removeLegacyDevice } from "./leftovers.ts";
import { isWindowsWorld, wintunPath } from "./libraries.ts";
import { serve } from "./program.ts";

const SETTLE_MS = 20_000;
const RING_BYTES = 0x2_0000;
const SLOW_SERVICE = fromFileUrl(new URL("./slow_service.ts", import.meta.url));

/** An adapter in one state. `setUp` brings it into the state from whatever a command has made of it. */
export abstract class Situation implements AsyncDisposable {
  static #count = 0;
  protected readonly host: Host;
  /** What commands call the adapter. */
  readonly name: string;
  /** Two that no other adapter has: one for this adapter, and one for commands that change it. */
  readonly address: string;
  readonly otherAddress: string;

  constructor(host: Host, name: string) {
    this.host = host;
    this.name = name;
    const number = ++Situation.#count;
    this.address = `10.79.${number}.1/24`;
    this.otherAddress = `10.78.${number}.1/24`;
  }

  /** What create and serve call it; another name where the adapter has one that they refuse. */
  get nameToMake(): string {
    return this.name;
  }

  abstract setUp(): Promise<void>;

  /** The adapter as the machine shows it, if there is one. */
  async look(): Promise<AdapterInfo | undefined> {
    return await this.host.find(this.name, { all: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It may be going: that of a serve that was killed does.
    if (await this.look() !== undefined) await must("delete", this.name, "--force", "--ignore-missing");
  }

  protected async until(condition: (info: AdapterInfo | undefined) => boolean): Promise<void> {
    let info: AdapterInfo | undefined;
    const now = (): number => performance.now();
    const holds = async (): Promise<boolean> => condition(info = await this.look());
    for (const end = now() + SETTLE_MS; !await holds();) {
      assert(now() < end, `${this.constructor.name} does not come about: ${info?.state}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

class Absent extends Situation {
  override async setUp(): Promise<void> {
    await must("delete", this.name, "--ignore-missing");
  }
}

class Kept extends Situation {
  /** Makes the adapter that a service holds, unless it is there. */
  override async setUp(): Promise<void> {
    await this.keep(this.name);
  }

  protected readonly options: readonly string[] = [];

  protected async keep(name: string): Promise<AdapterInfo> {
    const info = await this.look();
    if (info?.state === "down" || info?.state === "stopped") return info;
    await must("create", name, "--address", this.address, ...this.options);
    return (await this.host.find(name))!;
  }
}

class KeptAndServed extends Kept {
  #serving: Serving | undefined;

  override async setUp(): Promise<void> {
    await this.#serving?.ended;
    await this.keep(this.name);
    this.#serving = await serve(this.name);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#serving?.[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
  }
}

class MadeByServe extends Situation {
  #serving: Serving | undefined;

  override async setUp(): Promise<void> {
    await this.#serving?.ended;
    this.#serving = await serve(this.name, "--address", this.address);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#serving?.[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
  }
}

class Persistent extends Kept {
  protected override readonly options = ["--persistent"];
}

/** Its service never gets ready. */
class Starting extends Situation {
  readonly #guid = crypto.randomUUID();

  override async setUp(): Promise<void> {
    if (await this.look() !== undefined) return;
    using system = new System();
    const services = new AdapterServices(system);
    const request = { name: this.name, type: "T", guid: this.#guid };
    const run = ["run", "-A", "--no-check", SLOW_SERVICE];
    const program = commandLine(Deno.execPath(), ...run, SERVICE_COMMAND, this.#guid);
    using service = services.create({ request, settings: {}, removeLegacy: false }, program) as Service;
    service.start();
    service.markForDeletion();
  }
}

class Stopped extends Persistent {
  override async setUp(): Promise<void> {
    const { guid, state } = await this.keep(this.name);
    if (state === "stopped") return;
    using system = new System();
    using service = new AdapterServices(system).open(guid, "stop");
    await service!.stop();
    await this.until((info) => info?.state === "stopped");
  }

  /** What its service will set is in its order. */
  override async look(): Promise<AdapterInfo | undefined> {
    const info = await super.look();
    using system = new System();
    const order = info && new AdapterServices(system).orders.read(info.guid);
    return info?.state !== "stopped" ? info : { ...info, mtu: ipv4Mtu(order?.settings.mtu) ?? 0 };
  }
}

class Lost extends Kept {
  #keeper: Holder | undefined;

  override async setUp(): Promise<void> {
    await this.#letGo();
    const { owner, instanceId } = await this.keep(this.name);
    this.#keeper = new Holder(owner!.pid!);
    this.#keeper.hang();
    removeAsOthersDo(instanceId);
    await this.until((info) => info?.state === "lost");
  }

  async #letGo(): Promise<void> {
    if (this.#keeper === undefined) return;
    this.#keeper.goOn();
    await this.#keeper.exitCode();
    this.#keeper[Symbol.dispose]();
    this.#keeper = undefined;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#letGo();
    // The log of a keeper that has lost its adapter stays until the next one's.
    await this.keep(this.name);
    await super[Symbol.asyncDispose]();
  }
}

/** Another program makes an adapter of the name, so that Windows gives ours another one, and ends. */
class Renamed extends Kept {
  readonly #wintun: Wintun;
  readonly #createdAs: string;

  constructor(host: Host, wintun: Wintun, createdAs: string, calledBy: "new name" | "old name") {
    super(host, calledBy === "old name" ? createdAs : `${createdAs} 1`);
    this.#wintun = wintun;
    this.#createdAs = createdAs;
  }

  override async setUp(): Promise<void> {
    await this.keep(this.#createdAs);
    Adapter.create(this.#wintun, this.#createdAs, "Other", null).close();
    await this.until((info) => info?.createdAs === this.#createdAs);
  }
}

class Others extends Situation {
  readonly #wintun: Wintun;
  readonly #state: "up" | "down";
  #adapter: Adapter | undefined;

  constructor(host: Host, wintun: Wintun, name: string, state: "up" | "down") {
    super(host, name);
    this.#wintun = wintun;
    this.#state = state;
  }

  override async setUp(): Promise<void> {
    this.#adapter?.close();
    this.#adapter = Adapter.create(this.#wintun, this.name, "Other", null);
    if (this.#state === "up") this.#adapter.startSession(RING_BYTES);
    await this.until((info) => info?.state === this.#state);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#adapter?.close();
    await this.until((info) => info === undefined);
  }
}

class Orphaned extends Situation {
  readonly #wintun: Wintun;

  constructor(host: Host, wintun: Wintun, name: string) {
    super(host, name);
    this.#wintun = wintun;
  }

  override async setUp(): Promise<void> {
    await must("delete", this.name, "--force", "--ignore-missing");
    await orphan(this.host, this.#wintun, this.name);
    await this.until((info) => info?.state === "orphaned");
  }
}

class Legacy extends Situation {
  override get nameToMake(): string {
    return "beside legacy";
  }

  override async setUp(): Promise<void> {
    await addLegacyDevice();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await removeLegacyDevice();
  }
}

class NotWintuns extends Situation {
  override setUp(): Promise<void> {
    return Promise.resolve();
  }

  override [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** How to bring about each state that this machine can have. Only the Windows world lets a test write devices. */
export function situations(host: Host): Partial<Record<State, () => Situation>> {
  const wintun = openWintun(wintunPath, new SystemLibraries());
  return {
    "lost": () => new Lost(host, "lost"),
    "absent": () => new Absent(host, "absent"),
    "kept": () => new Kept(host, "kept"),
    "kept and served": () => new KeptAndServed(host, "kept served"),
    "made by serve": () => new MadeByServe(host, "made"),
    "persistent": () => new Persistent(host, "persistent"),
    "starting": () => new Starting(host, "starting"),
    "stopped": () => new Stopped(host, "stopped"),
    "renamed": () => new Renamed(host, wintun, "renamed", "new name"),
    "renamed, by its old name": () => new Renamed(host, wintun, "former", "old name"),
    "another program's, up": () => new Others(host, wintun, "other up", "up"),
    "another program's, down": () => new Others(host, wintun, "other down", "down"),
    "not Wintun's": () => new NotWintuns(host, nameOfAnyInterface()),
    ...(isWindowsWorld
      ? {
        "orphaned": () => new Orphaned(host, wintun, "orphaned"),
        "legacy": () => new Legacy(host, LEGACY_DEVICE),
      }
      : {}),
  };
}

function nameOfAnyInterface(): string {
  using system = new System();
  return system.network.list().find(({ description }) => !description.endsWith(" Tunnel"))!.alias;
}
