/** Shared by the tests of the Windows host on the emulator. */

import { assertEquals, assertRejects } from "@std/assert";
import type { AdapterInfo } from "../../src/tun/adapter_info.ts";
import type { Adapter, Configured, Host } from "../../src/tun/host.ts";
import { HostError, type HostErrorKind } from "../../src/tun/host_error.ts";
import { openWindowsHost, type WindowsHostOptions } from "../../src/tun/windows/host.ts";
import { parseCidr } from "../../src/wire/cidr.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { control, emulatorTest, libraries, wintun } from "./fixture.ts";

/** The log lines of the host so far. */
export type Log = { readonly level: string; readonly message: string }[];

/** Registers a test with a separate host. `options` is called when the test starts. */
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

/** Opens a host whose clock runs a thousand times as fast, so that deadlines pass soon. */
export function openHurriedHost(): Promise<Host> {
  return openWindowsHost({ libraries, now: () => performance.now() * 1000 });
}

/** Returns the result of `configure` without the list of changes. */
export function outcomeOf({ changed, warnings }: Configured): Omit<Configured, "changes"> {
  return { changed, warnings };
}

/** Creates an adapter of another program, type `Other`, with wintun.dll alone: no record names its owner. */
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

/** Renames an adapter's connection as a user does: wintun.dll goes on to know the adapter by its old name. */
export function renameAsUsersDo(from: string, to: string): void {
  const handle = wintun.symbols.WintunOpenAdapter(toWideString(from));
  if (handle === null) throw new Error(`there is no adapter ${from}`);
  control.EmulatorRenameConnection(handle, toWideString(to));
  wintun.symbols.WintunCloseAdapter(handle);
}
