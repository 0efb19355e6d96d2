import { ADDRESS_LENGTH, type IpAddress } from "../../wire/ip_address.ts";
import { SOCKADDR_IN, SOCKADDR_IN6, SOCKADDR_INET } from "./layout.ts";

/** ADDRESS_FAMILY values on Windows (ws2def.h). */
export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 23;

/** An IP version, 4 or 6. */
export type Family = IpAddress["family"];

/** Returns the ADDRESS_FAMILY of an IP version. */
export function addressFamily(family: Family): number {
  return family === 4 ? AF_INET : AF_INET6;
}

const addressOffset = (family: Family): number =>
  family === 4 ? SOCKADDR_IN.sin_addr : SOCKADDR_IN6.sin6_addr;

/** Writes `address` as the SOCKADDR_INET at `offset`. Port, flow information and scope become 0. */
export function writeSockaddrInet(view: DataView, offset: number, address: IpAddress): void {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, SOCKADDR_INET.size);
  bytes.fill(0);
  view.setUint16(offset + SOCKADDR_INET.si_family, addressFamily(address.family), true);
  bytes.set(address.bytes, addressOffset(address.family));
}

/** Returns the address in the SOCKADDR_INET at `offset`, or `undefined` if its family is neither IPv4 nor IPv6. */
export function readSockaddrInet(view: DataView, offset: number): IpAddress | undefined {
  const number = view.getUint16(offset + SOCKADDR_INET.si_family, true);
  if (number !== AF_INET && number !== AF_INET6) return undefined;
  const family = number === AF_INET ? 4 : 6;
  const start = view.byteOffset + offset + addressOffset(family);
  return { family, bytes: new Uint8Array(view.buffer, start, ADDRESS_LENGTH[family]).slice() };
}
