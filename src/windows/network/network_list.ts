import { formatGuid, parseGuid } from "../../wire/guid.ts";
import { Com, ComObject } from "../com.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { ERROR_TIMEOUT, Win32Error } from "../win32_error.ts";

/** CLSID_NetworkListManager and IID_INetworkListManager (netlistmgr.h). */
const NETWORK_LIST_MANAGER = parseGuid("dcb00c01-570f-4a9b-8d69-199fdba5723b")!;
const INETWORK_LIST_MANAGER = parseGuid("dcb00000-570f-4a9b-8d69-199fdba5723b")!;

/** Offsets of methods in the tables of the interfaces (netlistmgr.h). */
export const INETWORK_LIST_MANAGER_VTBL = { size: 112, GetNetworkConnections: 72 } as const;
export const IENUM_NETWORK_CONNECTIONS_VTBL = { size: 96, Next: 64 } as const;
export const INETWORK_CONNECTION_VTBL = { size: 112, GetNetwork: 56, GetAdapterId: 96 } as const;
export const INETWORK_VTBL = {
  size: 160,
  GetNetworkId: 88,
  GetTimeCreatedAndConnected: 112,
  GetCategory: 144,
  SetCategory: 152,
} as const;

/** NLM_NETWORK_CATEGORY (netlistmgr.h), in the order of its values. */
const CATEGORIES = ["public", "private", "domain"] as const;

/** The category of a network. Windows' firewall chooses its rules by it. */
export type NetworkCategory = (typeof CATEGORIES)[number];

/** A category that can be set. `domain` is for networks that Windows has authenticated to a domain. */
export type SettableCategory = Exclude<NetworkCategory, "domain">;

/** The network to which an adapter is connected. */
export interface ConnectedNetwork {
  readonly category: NetworkCategory;
  /**
   * A text that changes when Windows identifies the network anew: the network's GUID, and when the machine was connected to it.
   * `undefined` if Windows does not report these.
   */
  readonly identity: string | undefined;
}

/** The time in which the Network List Manager has to answer, which help names. Windows may first have to start its service. */
const ANSWER_MS = 5_000;

/**
 * The networks that Windows has identified, by the adapters that are connected to them (Network List Manager). Windows
 * identifies a network some seconds after its adapter has a link.
 *
 * The Network List Manager is another process, which may hang. Every method therefore throws `Win32Error` with `ERROR_TIMEOUT` if
 * there is no answer in time. From then on it throws at once, until the answer has come.
 */
export class NetworkList {
  readonly #libraries: SystemLibraries;
  readonly #answerMs: number;
  #underWay = 0;
  #overdue = 0;

  /** @param answerMs Milliseconds in which there has to be an answer. */
  constructor(libraries: SystemLibraries, answerMs: number = ANSWER_MS) {
    this.#libraries = libraries;
    this.#answerMs = answerMs;
  }

  /** Whether a call of Windows is under way, perhaps one that nobody waits for any more. */
  get isWaiting(): boolean {
    return this.#underWay > 0;
  }

  /**
   * Returns the categories of the networks by the GUIDs of their adapters (INetwork::GetCategory). One that Windows does not
   * report, as while its adapter loses its connection, is left out.
   * @throws {Win32Error} 0x80040154 (REGDB_E_CLASSNOTREG) if this Windows has no Network List Manager, 1058 if its service is
   * disabled, 1460 (ERROR_TIMEOUT) if it does not answer.
   */
  async categories(): Promise<ReadonlyMap<string, NetworkCategory>> {
    const operation = "Cannot read the categories of the networks";
    return await this.#ask(operation, async () => {
      const found = new Map<string, NetworkCategory>();
      for await (const { guid, connection } of this.#connections(operation)) {
        const category = await ifReported(async () => {
          await using network = await networkOf(connection, operation);
          return await readCategory(network, operation);
        });
        if (category !== undefined) found.set(guid, category);
      }
      return found;
    });
  }

  /**
   * Returns the network to which the adapter is connected. `undefined` if Windows has identified none.
   * @param guid Lower case, without braces.
   * @throws {Win32Error} as `categories`.
   */
  async find(guid: string): Promise<ConnectedNetwork | undefined> {
    const operation = "Cannot read the category of the network";
    return await this.#ask(operation, async () => {
      for await (const { guid: adapter, connection } of this.#connections(operation)) {
        if (adapter !== guid) continue;
        return await ifReported(async () => {
          await using network = await networkOf(connection, operation);
          const category = await readCategory(network, operation);
          return category && { category, identity: await ifReported(() => readIdentity(network, operation)) };
        });
      }
      return undefined;
    });
  }

  /**
   * Sets the category of the network to which the adapter is connected (INetwork::SetCategory). Returns `false` if Windows has
   * identified none.
   * @param guid Lower case, without braces.
   * @throws {Win32Error} 5 (ERROR_ACCESS_DENIED) if this process is not elevated or a policy forbids it; as `categories`.
   */
  async setCategory(guid: string, category: SettableCategory): Promise<boolean> {
    const operation = `Cannot set the category of the network to ${category}`;
    return await this.#ask(operation, async () => {
      for await (const { guid: adapter, connection } of this.#connections(operation)) {
        if (adapter !== guid) continue;
        await using network = await networkOf(connection, operation);
        await network.call(INETWORK_VTBL.SetCategory, operation, CATEGORIES.indexOf(category));
        return true;
      }
      return false;
    });
  }

  /** Calls `body`, and waits for it only as long as there has to be an answer. */
  async #ask<Answer>(operation: string, body: () => Promise<Answer>): Promise<Answer> {
    if (this.#overdue > 0) throw new Win32Error(ERROR_TIMEOUT, operation);
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    let isOverdue = false;
    const timer = setTimeout(() => {
      isOverdue = true;
      this.#overdue++;
      reject(new Win32Error(ERROR_TIMEOUT, operation));
    }, this.#answerMs);
    const answer = async (): Promise<Answer> => {
      this.#underWay++;
      try {
        return await body();
      } finally {
        clearTimeout(timer);
        this.#underWay--;
        if (isOverdue) this.#overdue--;
      }
    };
    return await Promise.race([answer(), timeout]);
  }

  /** Yields the connections of adapters to networks. Each is open until the next one is asked for. */
  async *#connections(
    operation: string,
  ): AsyncGenerator<{ readonly guid: string; readonly connection: ComObject }> {
    using com = Com.start(this.#libraries, operation);
    await using manager = await com.create(NETWORK_LIST_MANAGER, INETWORK_LIST_MANAGER, operation);
    await using list = await manager.get(INETWORK_LIST_MANAGER_VTBL.GetNetworkConnections, operation);
    for (;;) {
      const object = new BigUint64Array(1);
      const count = new Uint32Array(1);
      await list.call(IENUM_NETWORK_CONNECTIONS_VTBL.Next, operation, 1, object, count);
      if (count[0] === 0) return;
      await using connection = new ComObject(object[0]);
      const adapter = new Uint8Array(16);
      await connection.call(INETWORK_CONNECTION_VTBL.GetAdapterId, operation, adapter);
      yield { guid: formatGuid(adapter), connection };
    }
  }
}

/** Returns the network of a connection (INetworkConnection::GetNetwork). The caller disposes of it. */
async function networkOf(connection: ComObject, operation: string): Promise<ComObject> {
  return await connection.get(INETWORK_CONNECTION_VTBL.GetNetwork, operation);
}

async function readCategory(network: ComObject, operation: string): Promise<NetworkCategory | undefined> {
  const value = new Uint32Array(1);
  await network.call(INETWORK_VTBL.GetCategory, operation, value);
  return CATEGORIES[value[0]];
}

/** Returns the `identity` of a network (INetwork::GetNetworkId, INetwork::GetTimeCreatedAndConnected). */
async function readIdentity(network: ComObject, operation: string): Promise<string> {
  const id = new Uint8Array(16);
  await network.call(INETWORK_VTBL.GetNetworkId, operation, id);
  const times = Array.from({ length: 4 }, () => new Uint32Array(1));
  await network.call(INETWORK_VTBL.GetTimeCreatedAndConnected, operation, ...times);
  return `${formatGuid(id)} ${times.join(" ")}`;
}

/** Returns what `read` returns. `undefined` if Windows refuses. */
async function ifReported<Value>(read: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Win32Error) return undefined;
    throw error;
  }
}
