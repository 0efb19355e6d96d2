/** Devices that other versions and ends of Wintun leave behind, as far as the registry tells. Real Windows lets only itself write there. */

import type { Host } from "../../src/tun/host.ts";
import { parseGuid } from "../../src/wire/guid.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import type { Wintun } from "../../src/wintun/library.ts";

const ENUM = "HKLM\\SYSTEM\\CurrentControlSet\\Enum";
const NETWORK_CLASS = "{4d36e972-e325-11ce-bfc1-08002be10318}";

async function reg(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("reg", { args, stdout: "null" }).output();
  if (!success) throw new Error(`reg ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** A device that Wintun 0.13 made, and that has no network interface. */
export const LEGACY_DEVICE = "ROOT\\NET\\0007";

export async function addLegacyDevice(): Promise<void> {
  const key = `${ENUM}\\${LEGACY_DEVICE}`;
  await reg("add", key, "/v", "ClassGUID", "/t", "REG_SZ", "/d", NETWORK_CLASS, "/f");
  await reg("add", key, "/v", "HardwareID", "/t", "REG_MULTI_SZ", "/d", "Wintun", "/f");
}

/** Removes it, if it is still there. */
export async function removeLegacyDevice(): Promise<void> {
  await reg("delete", `${ENUM}\\${LEGACY_DEVICE}`, "/f").catch(() => {});
}

/** Runs `body` while the machine has the device of an old Wintun. */
export async function withLegacyDevice(body: () => Promise<void>): Promise<void> {
  try {
    await addLegacyDevice();
    await body();
  } finally {
    await removeLegacyDevice();
  }
}

/** Leaves the device of an adapter, without its network interface. It has the GUID that create would give the name. */
export async function orphan(host: Host, wintun: Wintun, name: string): Promise<void> {
  const { guid } = await host.check({ name, type: "Other" });
  const key = `${ENUM}\\SWD\\Wintun\\{${guid.toUpperCase()}}`;
  const file = await Deno.makeTempFile({ suffix: ".reg" });
  using adapter = Adapter.create(wintun, name, "Other", parseGuid(guid)!);
  await reg("export", key, file, "/y");
  adapter.close();
  await reg("import", file);
  await Deno.remove(file);
}
