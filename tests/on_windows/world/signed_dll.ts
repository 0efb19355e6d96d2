import { checkout } from "./build.ts";

/** Brings the signed wintun.dll into the checkout, as `deno task vendor` does. Returns `false` if that fails, after it said why. */
export async function bringSignedDll(): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "vendor/fetch.ts"],
    cwd: checkout,
    stdin: "null",
  });
  return (await command.spawn().status).success;
}
