import type { AdapterInfo } from "../adapter_info.ts";
import { addCounts } from "../counts.ts";
import type { Adapter, PacketSession } from "../host.ts";
import { adapterRemoved, cannot, sessionIsOpen } from "../host_error.ts";
import { infoOf } from "./adapter_info.ts";
import { isUp, type Machine, type MachineAdapter, removeAdapter } from "./machine.ts";
import type { SimulatedPeer } from "./peer.ts";
import { type Pings, SimulatedSession } from "./session.ts";
import type { MachineStorage } from "./storage.ts";

/** An adapter of a simulated machine that this process holds. */
export class SimulatedAdapter implements Adapter {
  readonly info: AdapterInfo;
  readonly created: boolean;
  readonly #id: string;
  readonly #handle = crypto.randomUUID();
  readonly #storage: MachineStorage;
  readonly #pings: Pings;
  readonly #onClose: () => void;
  readonly #stopRequested = Promise.withResolvers<void>();
  readonly #removed = Promise.withResolvers<void>();
  readonly #sessionStopRequested = Promise.withResolvers<void>();
  readonly #unwatch: () => void;
  #session: SimulatedSession | undefined;
  #isClosed = false;

  /**
   * @param created Whether this process has created it, so that `close()` removes it.
   * @param onClose Is called once.
   */
  constructor(
    storage: MachineStorage,
    adapter: MachineAdapter,
    pings: Pings,
    { created, onClose }: { readonly created: boolean; readonly onClose: () => void },
  ) {
    this.info = infoOf(adapter);
    this.created = created;
    this.#id = adapter.id;
    this.#storage = storage;
    this.#pings = pings;
    this.#onClose = onClose;
    this.#unwatch = storage.watch(() => this.#look());
  }

  get stopRequested(): Promise<void> {
    return this.#stopRequested.promise;
  }

  get removed(): Promise<void> {
    return this.#removed.promise;
  }

  get sessionStopRequested(): Promise<void> {
    return this.#sessionStopRequested.promise;
  }

  /** The machine that the packets of its session come from. `undefined` without a session. */
  get peer(): SimulatedPeer | undefined {
    return this.#session?.peer;
  }

  /** Records that this process will serve the adapter, as a command that creates one does. */
  announceSession(): void {
    this.#storage.update((machine) => {
      const adapter = this.#find(machine);
      if (adapter !== undefined) this.#serve(adapter, false);
    });
  }

  openSession(capacityBytes: number): PacketSession {
    const { name } = this.info;
    const addresses = this.#storage.update((machine) => {
      const adapter = this.#find(machine);
      if (adapter === undefined) throw adapterRemoved(cannot("serve", name));
      if (isUp(adapter)) throw sessionIsOpen(adapter.name);
      this.#serve(adapter, true);
      return adapter.settings.addresses;
    });
    const session = new SimulatedSession(capacityBytes, addresses, this.#pings, (traffic, isOver) => {
      this.#release((adapter) => {
        adapter.traffic = addCounts(adapter.traffic, traffic);
        if (isOver && adapter.server?.handle === this.#handle) this.#serve(adapter, false);
      });
    });
    this.#session = session;
    return session;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unwatch();
    this.#session?.close();
    this.#release((adapter, machine) => {
      if (this.created) removeAdapter(machine, adapter);
      else if (adapter.server?.handle === this.#handle) delete adapter.server;
    });
    this.#onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #find({ adapters }: Machine): MachineAdapter | undefined {
    return adapters.find(({ id }) => id === this.#id);
  }

  #serve(adapter: MachineAdapter, hasSession: boolean): void {
    adapter.server = {
      handle: this.#handle,
      process: this.#storage.register(),
      pid: Deno.pid,
      hasSession,
      isAsked: false,
    };
  }

  /**
   * Records that this process releases the adapter. Never fails: if the machine cannot be written any more, other processes
   * see by the end of this one that it holds nothing.
   */
  #release(change: (adapter: MachineAdapter, machine: Machine) => void): void {
    try {
      // If the adapter is gone, the file of the machine may be gone too. An update would make it again.
      if (this.#find(this.#storage.read()) === undefined) return;
      this.#storage.update((machine) => {
        const adapter = this.#find(machine);
        if (adapter !== undefined) change(adapter, machine);
      });
    } catch {
      // The end of this process releases the adapter.
    }
  }

  /** Finds out what others have done to the adapter. */
  #look(): void {
    if (this.#isClosed) return;
    const adapter = this.#present();
    if (adapter === undefined) {
      this.#session?.adapterRemoved();
      this.#removed.resolve();
      return;
    }
    const { holding, server, settings } = adapter;
    if (this.#session !== undefined) this.#session.addresses = settings.addresses;
    if (this.created && holding.kind === "process" && holding.isAsked) this.#stopRequested.resolve();
    if (server?.handle === this.#handle && server.isAsked) this.#sessionStopRequested.resolve();
  }

  /** An adapter of a machine that cannot be read is as good as removed. */
  #present(): MachineAdapter | undefined {
    try {
      return this.#find(this.#storage.read());
    } catch {
      return undefined;
    }
  }
}
