import type { SystemLibraries } from "../system_libraries.ts";
import { Addresses } from "./address.ts";
import { Dns } from "./dns.ts";
import { type InterfaceInfo, readInterface } from "./interface_info.ts";
import { IpInterface } from "./ip_interface.ts";
import { Routes } from "./route.ts";
import type { Family } from "./sockaddr_inet.ts";

/** A network interface, identified by its NET_LUID. It may no longer exist; the methods then report that. */
export class Interface {
  readonly luid: bigint;
  readonly addresses: Addresses;
  readonly routes: Routes;
  readonly dns: Dns;
  readonly #libraries: SystemLibraries;

  /** Called by `Network`. */
  constructor(libraries: SystemLibraries, luid: bigint) {
    this.#libraries = libraries;
    this.luid = luid;
    this.addresses = new Addresses(libraries, luid);
    this.routes = new Routes(libraries, luid);
    this.dns = new Dns(libraries, luid);
  }

  /** Returns name, description and state, or `undefined` if the interface does not exist. @throws {Win32Error} */
  info(): InterfaceInfo | undefined {
    return readInterface(this.#libraries, this.luid);
  }

  /** Returns the interface as one IP version sees it. Does not check that it exists. */
  ip(family: Family): IpInterface {
    return new IpInterface(this.#libraries, this.luid, family);
  }
}
