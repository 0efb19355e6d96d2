/** A device as Wintun 0.13 made it, as far as the registry tells. Real Windows lets only itself write there. */
const LEGACY_KEY = "HKLM\\SYSTEM\\CurrentControlSet\\Enum\\ROOT\\NET\\0007";

async function reg(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("reg", { args: [...args, "/f"], stdout: "null" })
    .output();
  if (!success) throw new Error(`reg ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Runs `body` while the machine has the device ROOT\\NET\\0007 of an old Wintun. */
export async function withLegacyDevice(body: () => Promise<void>): Promise<void> {
  const networkClass = "{4d36e972-e325-11ce-bfc1-08002be10318}";
  try {
    await reg("add", LEGACY_KEY, "/v", "ClassGUID", "/t", "REG_SZ", "/d", networkClass);
    await reg("add", LEGACY_KEY, "/v", "HardwareID", "/t", "REG_MULTI_SZ", "/d", "Wintun");
    await body();
  } finally {
    // The body may have removed it.
    await reg("delete", LEGACY_KEY).catch(() => {});
  }
}
