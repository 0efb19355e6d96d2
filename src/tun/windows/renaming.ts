import { setConnectionName } from "../../windows/connection_name.ts";
import type { System } from "../../windows/system.ts";
import { Win32Error } from "../../windows/win32_error.ts";
import type { AdapterInfo } from "../adapter_info.ts";
import { sameName } from "../adapter_name.ts";
import { becomesTrue } from "../becomes_true.ts";
import { HostError, noSuchAdapter } from "../host_error.ts";
import { newNameIsTaken, refuseBadName } from "../new_name.ts";
import { alone } from "./creation_lock.ts";
import { nameForWintun, setNameForWintun } from "./devices.ts";
import type { Holder, Holders } from "./holders.ts";

/** The time that Windows may take to show the new name. */
const SHOWN_WAIT_MS = 2_000;

/** The names of an adapter. They can differ: a user who renames an adapter in Windows changes the first one only. */
interface Names {
  /** The name of the network connection. */
  readonly connection: string;
  /** The name by which WintunOpenAdapter finds it. Absent if the device has none. */
  readonly wintun: string | undefined;
  /** The name that its holder has noted. Absent for an adapter of another program. */
  readonly holder: string | undefined;
}

/** Renames adapters, one process at a time with those that create them. */
export class Renaming {
  readonly #system: System;
  readonly #holders: Holders;
  readonly #now: () => number;

  constructor(system: System, holders: Holders, now: () => number) {
    this.#system = system;
    this.#holders = holders;
    this.#now = now;
  }

  /**
   * Checks that the adapter could have that name: no other network adapter has it, and no service will give it to one.
   * @throws {HostError} `invalid`, `exists`.
   */
  check({ guid }: AdapterInfo, name: string, operation: string): void {
    refuseBadName(operation, name);
    const found = this.#system.network.find(name)?.info();
    if (found !== undefined && found.guid !== guid) throw newNameIsTaken(operation, name);
    const others = this.#holders.list().filter((one) => one.guid !== guid && sameName(one.name, name));
    if (others.some(willTakeName)) {
      throw newNameIsTaken(operation, name, "a service makes an adapter of this name whenever it starts");
    }
  }

  /**
   * Renames the adapter, and runs `body`. After an error the adapter has its old name again.
   * @throws {HostError} `invalid`, `exists`; `timeout` when other processes create adapters all the time; `failed` when
   * Windows goes on to show the old name, or does not take it back; and what `body` throws.
   * @throws {Win32Error}
   */
  async during<T>(
    info: AdapterInfo,
    name: string,
    operation: string,
    body: () => Promise<T>,
  ): Promise<T> {
    return await alone(this.#system, operation, async () => {
      // It may have gone while this waited. Windows would rename the connection that it remembers of it.
      if (this.#shownName(info) === undefined) throw noSuchAdapter(operation);
      this.check(info, name, operation);
      const holder = this.#holders.find(info.guid);
      const before = {
        connection: info.name,
        wintun: nameForWintun(this.#system, info.luid),
        holder: holder?.name,
      };
      // Windows refuses a name that is taken, and nothing is changed then.
      this.#setConnectionName(info, name, operation);
      try {
        await this.#note(info, holder, { connection: name, wintun: name, holder: name });
        await this.#untilShown(info, name, operation);
        return await body();
      } catch (error) {
        await this.#takeBack(info, holder, before, operation, error);
        throw error;
      }
    });
  }

  #setConnectionName({ guid }: AdapterInfo, name: string, operation: string): void {
    if (!setConnectionName(this.#system.libraries, guid, name)) throw newNameIsTaken(operation, name);
  }

  /** Writes the names beside that of the connection. */
  async #note({ instanceId }: AdapterInfo, holder: Holder | undefined, names: Names): Promise<void> {
    if (names.wintun !== undefined) setNameForWintun(this.#system, instanceId, names.wintun);
    if (holder !== undefined && names.holder !== undefined) await this.#holders.rename(holder, names.holder);
  }

  /**
   * Runs `body` while no other process of this program creates or renames an adapter.
   * @throws {HostError} `timeout`, and what `body` throws.
   */
  async alone<T>(operation: string, body: () => Promise<T>): Promise<T> {
    return await alone(this.#system, operation, body);
  }

  /** Waits until Windows shows the new name: on some versions of Windows a rename reports success and does nothing. */
  async #untilShown(info: AdapterInfo, name: string, operation: string): Promise<void> {
    let shown: string | undefined;
    const isOver = (): boolean => (shown = this.#shownName(info)) === name || shown === undefined;
    await becomesTrue(isOver, this.#now() + SHOWN_WAIT_MS, this.#now);
    if (shown === undefined) throw noSuchAdapter(operation);
    if (shown === name) return;
    throw new HostError("failed", operation, `Windows still calls it "${info.name}"`);
  }

  /** Returns the name that Windows shows. `undefined` if the adapter is gone. */
  #shownName({ luid }: AdapterInfo): string | undefined {
    return this.#system.network.interface(luid).info()?.alias;
  }

  async #takeBack(
    info: AdapterInfo,
    holder: Holder | undefined,
    names: Names,
    operation: string,
    cause: unknown,
  ): Promise<void> {
    try {
      this.#setConnectionName(info, names.connection, operation);
      await this.#note(info, holder, names);
    } catch {
      const alias = this.#shownName(info);
      // An adapter that is gone has no name.
      if (alias === undefined) return;
      const reason = cause instanceof Win32Error || cause instanceof HostError ? cause.reason : String(cause);
      throw new HostError("failed", operation, reason, {
        hint: `The adapter is called "${alias}" now, and Windows does not take all of its old name back.`,
        cause,
      });
    }
  }
}

/** Returns whether the holder gives its adapter that name soon, or when Windows starts. */
function willTakeName({ state, by }: Holder): boolean {
  return state === "starting" || state === "stopped" || "service" in by && by.service.persistent;
}
