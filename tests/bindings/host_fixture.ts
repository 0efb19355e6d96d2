/** What the tests of the Windows host on the emulator share. */

import { assertEquals, assertRejects } from "@std/assert";
import type { Adapter, AdapterInfo, Configured, Host } from "../../src/tun/host.ts";
import { HostError, type HostErrorKind } from "../../src/tun/host_error.ts";
import { openWindowsHost, type WindowsHostOptions } from "../../src/tun/windows/host.ts";
import { parseCidr } from "../../src/wire/cidr.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { emulatorTest, libraries, wintun } from "./fixture.ts";

/** What the host logged so far. */
export type Log = { readonly level: string; readonly message: string }[];

/** Registers a test with a host of its own; `options` are made when it begins. */
export function hostTest(
  name: string,
  body: (host: Host, log: Log) => Promise<void>,
  options: () => WindowsHostOptions = () => ({}),
): void {
  emulatorTest(name, async () => {
    const log: Log = [];
    await using host = await openWindowsHost({ libraries, log: (line) => log.push(line), ...options() });
    await body(host, log);
  });
}

export async function assertHostError(kind: HostErrorKind, call: () => Promise<unknown>): Promise<HostError> {
  const error = await assertRejects(call, HostError);
  assertEquals(error.kind, kind, error.message);
  return error;
}

export function cidrs(...texts: string[]): ReturnType<typeof parseCidr>[] {
  return texts.map(parseCidr);
}

export async function infoOf(host: Host, adapter: Adapter): Promise<AdapterInfo> {
  return (await host.find(adapter.info.guid))!;
}

/** Opens a host by whose clock a thousandth of the time is left until each deadline. */
export function openHurriedHost(): Promise<Host> {
  return openWindowsHost({ libraries, now: () => performance.now() * 1000 });
}

/** What `configure` did, without the settings that it changed. */
export function outcomeOf({ changed, warnings }: Configured): Omit<Configured, "changes"> {
  return { changed, warnings };
}

/** An adapter of another program, type `Other`: made by wintun.dll alone. */
export class OtherProgram implements Disposable {
  readonly handle: Deno.PointerObject;

  constructor(name: string) {
    const handle = wintun.symbols.WintunCreateAdapter(toWideString(name), toWideString("Other"), null);
    if (handle === null) throw new Error(`the emulator made no adapter ${name}`);
    this.handle = handle;
  }

  [Symbol.dispose](): void {
    wintun.symbols.WintunCloseAdapter(this.handle);
  }
}
