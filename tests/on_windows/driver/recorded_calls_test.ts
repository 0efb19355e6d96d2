import { assertEquals } from "@std/assert";
import { iphlpapiRecord, isWindowsWorld } from "../libraries.ts";
import { serve } from "../program.ts";

// deno-lint-ignore no-explicit-any
type Call = { readonly call: string; readonly result: number } & Record<string, any>;

/** What iphlpapi was asked to change while `body` ran, read with the structs of the Windows headers. */
async function recorded(body: () => Promise<void>): Promise<Call[]> {
  const read = async (): Promise<string> => await Deno.readTextFile(iphlpapiRecord).catch(() => "");
  const before = (await read()).length;
  await body();
  const lines = (await read()).slice(before).trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

Deno.test({
  name: "serve passes addresses, prefixes and MTU in the structs of the Windows headers",
  ignore: !isWindowsWorld,
  fn: async () => {
    let luid = "";
    const calls = await recorded(async () => {
      await using serving = await serve(
        "lab",
        ...["--address", "10.77.7.7/23", "--address", "fd06:7::7/48", "--mtu", "1400", "--duration", "0.5"],
      );
      luid = (await serving.ready).adapter.luid;
      await serving.ended;
    });
    const addresses = calls.filter(({ call }) => call === "CreateUnicastIpAddressEntry");
    assertEquals(
      addresses.map(({ luid, address, prefix, dadState, result }) => ({
        luid,
        address,
        prefix,
        dadState,
        result,
      })),
      [
        { luid, address: "10.77.7.7", prefix: 23, dadState: 4, result: 0 },
        { luid, address: "fd06:7::7", prefix: 48, dadState: 4, result: 0 },
      ],
    );
    const interfaces = calls.filter(({ call }) => call === "SetIpInterfaceEntry");
    assertEquals(
      interfaces.map(({ luid, version, mtu, result }) => ({ luid, version, mtu, result })),
      [{ luid, version: 4, mtu: 1400, result: 0 }, { luid, version: 6, mtu: 1400, result: 0 }],
    );
  },
});
