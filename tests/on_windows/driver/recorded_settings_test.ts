import { assertEquals } from "@std/assert";
import { must } from "../adapters.ts";
import { settingsRoundTrip } from "../../settings_round_trip.ts";
import { iphlpapiRecord, isWindowsWorld } from "../libraries.ts";

// deno-lint-ignore no-explicit-any
type Call = { readonly call: string; readonly result: number } & Record<string, any>;

/** What iphlpapi was asked to change by a command, read with the structs of the Windows headers. */
async function recorded(...args: string[]): Promise<Call[]> {
  const read = async (): Promise<string> => await Deno.readTextFile(iphlpapiRecord).catch(() => "");
  const before = (await read()).length;
  await must(...args);
  const lines = (await read()).slice(before).trim().split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}

const SETTINGS = [
  ...["--address", "10.77.7.7/23", "--address", "fd06:7::7/48", "--mtu", "1400", "--metric", "7"],
  ...["--dns", "10.77.7.53", "--dns", "10.77.7.54", "--dns", "fd06:7::53"],
  ...["--route", "10.78.0.0/16", "--route", "fd07::/32,via=fd06:7::9,metric=5"],
  ...["--forwarding", "ipv4=on"],
  ...["--dns-suffix", "lab.example", "--dns-search", "lab.example", "--dns-search", "example"],
  ...["--dns-registration", "on"],
];

Deno.test({
  name: "create passes every setting in the structs of the Windows headers, and nothing twice",
  ignore: !isWindowsWorld,
  fn: async () => {
    try {
      const calls = await recorded("create", "lab", ...SETTINGS);
      const of = (name: string): Call[] => calls.filter(({ call }) => call === name);
      assertEquals(
        of("CreateUnicastIpAddressEntry").map(({ address, prefix, dadState }) => [address, prefix, dadState]),
        [["10.77.7.7", 23, 4], ["fd06:7::7", 48, 4]],
      );
      assertEquals(
        of("SetIpInterfaceEntry").map((call) => [
          call.version,
          call.mtu,
          call.metric,
          call.automaticMetric,
          call.forwarding,
        ]),
        [[4, 1400, 7, false, 1], [6, 1400, 7, false, 0]],
      );
      assertEquals(
        of("CreateIpForwardEntry2").map((
          call,
        ) => [call.destination, call.prefix, call.nextHop, call.metric, call.protocol]),
        [["10.78.0.0", 16, "0.0.0.0", 0, 3], ["fd07::", 32, "fd06:7::9", 5, 3]],
      );
      // An earlier adapter of this name may have left servers, which are cleared first.
      assertEquals(
        of("SetInterfaceDnsSettings").filter(({ nameServer }) => nameServer !== "")
          .map((call) => [call.flags, call.nameServer, call.searchList, call.domain, call.registration]),
        [
          [0x2e, "10.77.7.53,10.77.7.54", "lab.example,example", "lab.example", 1],
          [0x3, "fd06:7::53", "", "", 0],
        ],
      );
      assertEquals(calls.filter(({ result }) => result !== 0), []);
      assertEquals(await recorded("set", "lab", ...SETTINGS), []);
    } finally {
      await must("delete", "lab", "--ignore-missing");
    }
  },
});

Deno.test({
  name: "set takes away what is no longer asked for",
  ignore: !isWindowsWorld,
  fn: async () => {
    try {
      await must("create", "lab", ...SETTINGS);
      const calls = await recorded("set", "lab", "--address", "10.77.7.8/23", "--route", "10.79.0.0/16");
      assertEquals(calls.map(({ call, address, destination }) => [call, address ?? destination]), [
        ["CreateUnicastIpAddressEntry", "10.77.7.8"],
        ["DeleteUnicastIpAddressEntry", "10.77.7.7"],
        ["DeleteUnicastIpAddressEntry", "fd06:7::7"],
        ["CreateIpForwardEntry2", "10.79.0.0"],
        ["DeleteIpForwardEntry2", "10.78.0.0"],
        ["DeleteIpForwardEntry2", "fd07::"],
      ]);
    } finally {
      await must("delete", "lab", "--ignore-missing");
    }
  },
});

Deno.test({
  name: "set changes the metric of a route in place",
  ignore: !isWindowsWorld,
  fn: async () => {
    try {
      await must("create", "lab", "--route", "10.78.0.0/16,via=10.77.7.9");
      const calls = await recorded("set", "lab", "--route", "10.78.0.0/16,via=10.77.7.9,metric=5");
      assertEquals(calls.map(({ call, nextHop, metric, result }) => [call, nextHop, metric, result]), [
        ["SetIpForwardEntry2", "10.77.7.9", 5, 0],
      ]);
    } finally {
      await must("delete", "lab", "--ignore-missing");
    }
  },
});

Deno.test({
  name: "create clears the DNS settings that Windows kept under the GUID of an earlier adapter",
  ignore: !isWindowsWorld,
  fn: async () => {
    try {
      await must(
        "create",
        "lab",
        "--dns",
        "10.77.7.53",
        "--dns",
        "fd06:7::53",
        "--dns-suffix",
        "lab.example",
      );
      await must("delete", "lab");
      const calls = await recorded("create", "lab");
      assertEquals(
        calls.map(({ call, flags, nameServer, domain, result }) => [call, flags, nameServer, domain, result]),
        [["SetInterfaceDnsSettings", 0x22, "", "", 0], ["SetInterfaceDnsSettings", 0x3, "", "", 0]],
      );
      const [{ dns, dnsSuffix, dnsRegistration }] = (await must("list", "lab")).adapters;
      assertEquals([dns, dnsSuffix, dnsRegistration], [[], "", false]);
    } finally {
      await must("delete", "lab", "--ignore-missing");
    }
  },
});

Deno.test("what is set is read back, not set twice, and taken back", async () => {
  try {
    await must("create", "lab");
    await settingsRoundTrip(must, "lab", isWindowsWorld ? 6 : 3, 21);
  } finally {
    await must("delete", "lab", "--ignore-missing");
  }
});
