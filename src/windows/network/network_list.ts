import { formatGuid, parseGuid } from "../../wire/guid.ts";
import { Com, ComObject } from "../com.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { Win32Error } from "../win32_error.ts";

/** CLSID_NetworkListManager and IID_INetworkListManager (netlistmgr.h). */
const NETWORK_LIST_MANAGER = parseGuid("dcb00c01-570f-4a9b-8d69-199fdba5723b")!;
const INETWORK_LIST_MANAGER = parseGuid("dcb00000-570f-4a9b-8d69-199fdba5723b")!;

/** Offsets of methods in the tables of the interfaces (netlistmgr.h). */
export const INETWORK_LIST_MANAGER_VTBL = { size: 112, GetNetworkConnections: 72 } as const;
export const IENUM_NETWORK_CONNECTIONS_VTBL = { size: 96, Next: 64 } as const;
export const INETWORK_CONNECTION_VTBL = { size: 112, GetNetwork: 56, GetAdapterId: 96 } as const;
export const INETWORK_VTBL = { size: 160, GetCategory: 144, SetCategory: 152 } as const;

/** NLM_NETWORK_CATEGORY (netlistmgr.h), in the order of its values. */
const CATEGORIES = ["public", "private", "domain"] as const;

/** The category of a network. Windows' firewall chooses its rules by it. */
export type NetworkCategory = (typeof CATEGORIES)[number];

/** A category that can be set. `domain` is for networks that Windows has authenticated to a domain. */
export type SettableCategory = Exclude<NetworkCategory, "domain">;

/**
 * The networks that Windows has identified, by the adapters that are connected to them (Network List Manager). Windows
 * identifies a network some seconds after its adapter has a link.
 */
export class NetworkList {
  readonly #libraries: SystemLibraries;

  constructor(libraries: SystemLibraries) {
    this.#libraries = libraries;
  }

  /**
   * Returns the categories of the networks by the GUIDs of their adapters (INetwork::GetCategory). One that Windows does not
   * report, as while its adapter loses its connection, is left out.
   * @throws {Win32Error} 0x80040154 (REGDB_E_CLASSNOTREG) if this Windows has no Network List Manager, 1058 if its service is
   * disabled.
   */
  categories(): ReadonlyMap<string, NetworkCategory> {
    const found = new Map<string, NetworkCategory>();
    const operation = "Cannot read the categories of the networks";
    for (const { guid, connection } of this.#connections(operation)) {
      const category = readCategory(connection, operation);
      if (category !== undefined) found.set(guid, category);
    }
    return found;
  }

  /**
   * Returns the category of the network to which the adapter is connected. `undefined` if Windows has identified none.
   * @param guid Lower case, without braces.
   * @throws {Win32Error} as `categories`.
   */
  category(guid: string): NetworkCategory | undefined {
    const operation = "Cannot read the category of the network";
    for (const { guid: adapter, connection } of this.#connections(operation)) {
      if (adapter === guid) return readCategory(connection, operation);
    }
    return undefined;
  }

  /**
   * Sets the category of the network to which the adapter is connected (INetwork::SetCategory). Returns `false` if Windows has
   * identified none.
   * @param guid Lower case, without braces.
   * @throws {Win32Error} 5 (ERROR_ACCESS_DENIED) if this process is not elevated or a policy forbids it; as `categories`.
   */
  setCategory(guid: string, category: SettableCategory): boolean {
    const operation = `Cannot set the category of the network to ${category}`;
    for (const { guid: adapter, connection } of this.#connections(operation)) {
      if (adapter !== guid) continue;
      using network = connection.get(INETWORK_CONNECTION_VTBL.GetNetwork, operation);
      network.call(INETWORK_VTBL.SetCategory, operation, CATEGORIES.indexOf(category));
      return true;
    }
    return false;
  }

  /** Yields the connections of adapters to networks. Each is open until the next one is asked for. */
  *#connections(operation: string): Generator<{ readonly guid: string; readonly connection: ComObject }> {
    using com = Com.start(this.#libraries, operation);
    using manager = com.create(NETWORK_LIST_MANAGER, INETWORK_LIST_MANAGER, operation);
    using list = manager.get(INETWORK_LIST_MANAGER_VTBL.GetNetworkConnections, operation);
    for (;;) {
      const object = new BigUint64Array(1);
      const count = new Uint32Array(1);
      list.call(IENUM_NETWORK_CONNECTIONS_VTBL.Next, operation, 1, object, count);
      if (count[0] === 0) return;
      using connection = new ComObject(object[0]);
      const adapter = new Uint8Array(16);
      connection.call(INETWORK_CONNECTION_VTBL.GetAdapterId, operation, adapter);
      yield { guid: formatGuid(adapter), connection };
    }
  }
}

/** Returns the category of the network of a connection. `undefined` if Windows does not report it. */
function readCategory(connection: ComObject, operation: string): NetworkCategory | undefined {
  try {
    using network = connection.get(INETWORK_CONNECTION_VTBL.GetNetwork, operation);
    const value = new Uint32Array(1);
    network.call(INETWORK_VTBL.GetCategory, operation, value);
    return CATEGORIES[value[0]];
  } catch (error) {
    if (error instanceof Win32Error) return undefined;
    throw error;
  }
}
