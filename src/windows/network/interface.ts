import type { SystemLibraries } from "../system_libraries.ts";
import { Addresses } from "./address.ts";
import { Dns } from "./dns.ts";
import { type InterfaceInfo, readInterface } from "./interface_info.ts";
import { IpInterface } from "./ip_interface.ts";
import { Routes } from "./route.ts";
import type { Family } from "./sockaddr_inet.ts";

/** A network interface, by its NET_LUID. It may be gone: what is then asked of it says so. */
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

  /** Its name, description and state, or `undefined` when there is no such interface. @throws {Win32Error} */
  info(): InterfaceInfo | undefined {
    return readInterface(this.#libraries, this.luid);
  }

  /** The interface as one IP version sees it. */
  ip(family: Family): IpInterface {
    return new IpInterface(this.#libraries, this.luid, family);
  }
}
