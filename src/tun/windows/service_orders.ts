import { normalGuid } from "../../wire/guid.ts";
import { MutexTimeoutError } from "../../windows/named_objects.ts";
import type { RegistryKey } from "../../windows/registry.ts";
import type { System } from "../../windows/system.ts";
import { Win32Error } from "../../windows/win32_error.ts";
import { type AdapterOrder, decodeOrder, encodeOrder } from "../adapter_order.ts";
import { HostError } from "../host_error.ts";
import { serviceName } from "../service_name.ts";
import { parametersKey } from "./service_keys.ts";

/** The lock that a process holds while it reads an order, and writes the changed one. */
const ORDER_LOCK = "wintun-order";
const ORDER_WAIT_MS = 10_000;

/** The advice for a service that this program does not repair. */
export const CREATE_AGAIN_HINT = "Delete the adapter, and create it again with this program.";

/** The orders that the services of this program follow when they start. They are in the registry. */
export class ServiceOrders {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  /**
   * Reads the order of the service of that GUID. Returns `undefined` if there is none.
   * @throws {HostError} `failed` if the text is no order, or one for another adapter; {Win32Error}.
   */
  read(guid: string): AdapterOrder | undefined {
    using key = this.#system.registry.open(parametersKey(guid));
    try {
      return key && orderIn(key, guid);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof Win32Error) throw error;
      const operation = `Cannot read the order of the service ${serviceName(guid)}`;
      throw new HostError("failed", operation, error.message, { hint: CREATE_AGAIN_HINT, cause: error });
    }
  }

  /** Writes the order of a service. @throws {Win32Error} */
  write(order: AdapterOrder): void {
    using key = this.#system.registry.create(parametersKey(order.request.guid));
    key.setText("Order", encodeOrder(order));
  }

  /**
   * Changes the order of the service of that GUID, while no other process changes one. Does nothing if there is none. An order
   * that stays the same is not written.
   * @throws as `read` does; {HostError} `timeout` if others change orders for 10 seconds; {Win32Error}.
   */
  async change(guid: string, change: (order: AdapterOrder) => AdapterOrder | undefined): Promise<void> {
    const { namedObjects } = this.#system;
    try {
      await namedObjects.exclusively(ORDER_LOCK, ORDER_WAIT_MS, () => {
        this.#changeAlone(guid, change);
        return Promise.resolve();
      });
    } catch (error) {
      if (!(error instanceof MutexTimeoutError)) throw error;
      const reason = "other processes were changing orders all the time";
      throw new HostError("timeout", `Cannot change the order of the service ${serviceName(guid)}`, reason, {
        hint: "Try again later.",
        cause: error,
      });
    }
  }

  #changeAlone(guid: string, change: (order: AdapterOrder) => AdapterOrder | undefined): void {
    // While it is open, Windows does not delete the service with its key.
    using service = this.#system.serviceManager.open(serviceName(guid), "status");
    const order = service && this.read(guid);
    const changed = order && change(order);
    if (changed !== undefined && encodeOrder(changed) !== encodeOrder(order!)) this.write(changed);
  }
}

/**
 * Returns the order that lies in a key of parameters.
 * @throws {SyntaxError} if it is for another adapter, and as `decodeOrder` does.
 */
function orderIn(parameters: RegistryKey, guid: string): AdapterOrder | undefined {
  const text = parameters.text("Order");
  if (text === undefined) return undefined;
  const order = decodeOrder(text);
  if (normalGuid(order.request.guid) === guid) return order;
  throw new SyntaxError(`it is for the adapter ${order.request.guid}`);
}

/** Returns the order that lies in a key of parameters. `undefined` if there is none, or if it cannot be read. */
export function readableOrderIn(parameters: RegistryKey, guid: string): AdapterOrder | undefined {
  try {
    return orderIn(parameters, guid);
  } catch {
    // A service whose order cannot be read can still be listed and deleted.
    return undefined;
  }
}
