import { ADDRESS_LENGTH, type IpAddress } from "../../wire/ip_address.ts";
import { Event } from "../event.ts";
import { WAIT_OBJECT_0, WAIT_TIMEOUT, waitForObject } from "../handle.ts";
import { systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { ERROR_IO_PENDING, Win32Error } from "../win32_error.ts";
import { ICMP_ECHO_REPLY, ICMPV6_ECHO_REPLY, SOCKADDR_IN6 } from "./layout.ts";
import { writeSockaddrInet } from "./sockaddr_inet.ts";

export const ICMP_FUNCTIONS = systemFunctions("iphlpapi", {
  IcmpCreateFile: { parameters: [], result: "pointer" },
  Icmp6CreateFile: { parameters: [], result: "pointer" },
  IcmpCloseHandle: { parameters: ["pointer" /* HANDLE IcmpHandle */], result: "i32" },
  IcmpSendEcho2: {
    parameters: [
      "pointer", /* HANDLE IcmpHandle */
      "pointer", /* HANDLE Event */
      "pointer", /* FARPROC ApcRoutine */
      "pointer", /* PVOID ApcContext */
      "u32", /* IPAddr DestinationAddress */
      "buffer", /* LPVOID RequestData */
      "u16", /* WORD RequestSize */
      "buffer", /* PIP_OPTION_INFORMATION RequestOptions */
      "buffer", /* LPVOID ReplyBuffer */
      "u32", /* DWORD ReplySize */
      "u32", /* DWORD Timeout, in milliseconds */
    ],
    result: "u32",
  },
  Icmp6SendEcho2: {
    parameters: [
      "pointer", /* HANDLE IcmpHandle */
      "pointer", /* HANDLE Event */
      "pointer", /* FARPROC ApcRoutine */
      "pointer", /* PVOID ApcContext */
      "buffer", /* struct sockaddr_in6 *SourceAddress */
      "buffer", /* struct sockaddr_in6 *DestinationAddress */
      "buffer", /* LPVOID RequestData */
      "u16", /* WORD RequestSize */
      "buffer", /* PIP_OPTION_INFORMATION RequestOptions */
      "buffer", /* LPVOID ReplyBuffer */
      "u32", /* DWORD ReplySize */
      "u32", /* DWORD Timeout, in milliseconds */
    ],
    result: "u32",
  },
}, { without: "The self-test cannot ping." });

/** IP_SUCCESS and IP_REQ_TIMED_OUT (ipexport.h). */
export const IP_SUCCESS = 0;
export const IP_REQ_TIMED_OUT = 11_010;

/** A reply needs room for an ICMP error and an IO_STATUS_BLOCK behind it ("IcmpSendEcho2 function", Windows documentation). */
const EXTRA_REPLY_BYTES = 8 + 16;
/** Windows ends a request after its timeout. A request that is still under way after this time besides will never end. */
const GRACE_MS = 5000;

/** How an echo request ended. */
export interface EchoEnd {
  /** `IP_SUCCESS`, another IP_STATUS (11000 and more, ipexport.h), or a Windows error code. */
  readonly status: number;
  /** The data of the reply. Empty without a reply. */
  readonly data: Uint8Array;
}

/** An echo request that Windows was asked to send. The caller closes it. */
export interface EchoRequest extends Disposable {
  /**
   * Blocks this thread until the reply is there, or the timeout is over.
   * @throws {Win32Error} WAIT_TIMEOUT if Windows does not end the request.
   */
  wait(): EchoEnd;
}

/** Sends pings to one address as ping.exe does ("IcmpSendEcho2 function", "Icmp6SendEcho2 function", Windows documentation). */
export class Icmp implements Disposable {
  readonly #libraries: SystemLibraries;
  readonly #target: IpAddress;
  #handle: Deno.PointerValue;

  private constructor(libraries: SystemLibraries, target: IpAddress, handle: Deno.PointerValue) {
    this.#libraries = libraries;
    this.#target = target;
    this.#handle = handle;
  }

  /**
   * Prepares pings of an address (IcmpCreateFile, Icmp6CreateFile). The caller closes the result.
   * @throws {Win32Error}
   * @throws {MissingFunctionError}
   */
  static open(libraries: SystemLibraries, target: IpAddress): Icmp {
    const iphlpapi = libraries.bind(ICMP_FUNCTIONS);
    const handle = target.family === 4 ? iphlpapi.IcmpCreateFile() : iphlpapi.Icmp6CreateFile();
    // INVALID_HANDLE_VALUE
    if (Deno.UnsafePointer.value(handle) === 0xFFFF_FFFF_FFFF_FFFFn) {
      throw libraries.lastError("Cannot prepare a ping");
    }
    return new Icmp(libraries, target, handle);
  }

  /**
   * Sends one echo request, and does not wait for the reply.
   * @param payload At most 65500 bytes. It must not change before the request has ended.
   * @param timeoutMs The time for the reply, in milliseconds.
   * @throws {Win32Error} if Windows cannot create an event.
   */
  send(payload: Uint8Array<ArrayBuffer>, timeoutMs: number): EchoRequest {
    const event = Event.create(this.#libraries);
    const layout = this.#target.family === 4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY;
    const reply = new Uint8Array(layout.size + payload.length + EXTRA_REPLY_BYTES);
    const handle = Deno.UnsafePointer.create(event.handle);
    const started = this.#target.family === 4
      ? this.#sendIpv4(handle, payload, reply, timeoutMs)
      : this.#sendIpv6(handle, payload, reply, timeoutMs);
    const refusal = started === 0 ? this.#libraries.lastError("Cannot send a ping").code : undefined;
    return {
      wait: (): EchoEnd => {
        if (refusal !== undefined && refusal !== ERROR_IO_PENDING) {
          return { status: refusal, data: new Uint8Array(0) };
        }
        if (refusal === ERROR_IO_PENDING) this.#await(handle, timeoutMs + GRACE_MS);
        return this.#read(reply, payload.length);
      },
      [Symbol.dispose]: () => event.close(),
    };
  }

  /** Closes the handle (IcmpCloseHandle). Requests that have not ended are cancelled. Idempotent. */
  close(): void {
    if (this.#handle === null) return;
    this.#libraries.bind(ICMP_FUNCTIONS).IcmpCloseHandle(this.#handle);
    this.#handle = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #sendIpv4(
    event: Deno.PointerValue,
    payload: Uint8Array<ArrayBuffer>,
    reply: Uint8Array<ArrayBuffer>,
    timeoutMs: number,
  ): number {
    const { bytes } = this.#target;
    const address = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const { IcmpSendEcho2 } = this.#libraries.bind(ICMP_FUNCTIONS);
    return IcmpSendEcho2(
      this.#handle,
      event,
      null,
      null,
      address,
      payload,
      payload.length,
      null,
      reply,
      reply.length,
      timeoutMs,
    );
  }

  #sendIpv6(
    event: Deno.PointerValue,
    payload: Uint8Array<ArrayBuffer>,
    reply: Uint8Array<ArrayBuffer>,
    timeoutMs: number,
  ): number {
    const unspecified: IpAddress = { family: 6, bytes: new Uint8Array(ADDRESS_LENGTH[6]) };
    const [source, destination] = [unspecified, this.#target].map((address) => {
      const view = new DataView(new ArrayBuffer(SOCKADDR_IN6.size));
      writeSockaddrInet(view, 0, address);
      return view.buffer;
    });
    const { Icmp6SendEcho2 } = this.#libraries.bind(ICMP_FUNCTIONS);
    return Icmp6SendEcho2(
      this.#handle,
      event,
      null,
      null,
      source,
      destination,
      payload,
      payload.length,
      null,
      reply,
      reply.length,
      timeoutMs,
    );
  }

  #await(event: Deno.PointerValue, timeoutMs: number): void {
    if (waitForObject(this.#libraries, event, timeoutMs) === WAIT_OBJECT_0) return;
    throw new Win32Error(WAIT_TIMEOUT, "Cannot wait for the end of a ping");
  }

  #read(reply: Uint8Array<ArrayBuffer>, payloadBytes: number): EchoEnd {
    const view = new DataView(reply.buffer);
    if (this.#target.family === 6) {
      const status = view.getUint32(ICMPV6_ECHO_REPLY.Status, true);
      const start = ICMPV6_ECHO_REPLY.size;
      return { status, data: reply.subarray(start, status === IP_SUCCESS ? start + payloadBytes : start) };
    }
    const status = view.getUint32(ICMP_ECHO_REPLY.Status, true);
    if (status !== IP_SUCCESS) return { status, data: new Uint8Array(0) };
    const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(reply));
    const start = Number(view.getBigUint64(ICMP_ECHO_REPLY.Data, true) - base);
    return { status, data: reply.subarray(start, start + view.getUint16(ICMP_ECHO_REPLY.DataSize, true)) };
  }
}
