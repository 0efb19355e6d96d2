import { assertEquals, assertThrows } from "@std/assert";
import { readArguments } from "../../../src/cli/arguments/command_line.ts";
import { readSettings, SETTINGS_OPTIONS } from "../../../src/cli/adapters/settings.ts";
import { UsageError } from "../../../src/cli/arguments/usage_error.ts";
import { formatIpAddress } from "../../../src/wire/ip_address.ts";
import { settingsRoundTrip } from "../../settings_round_trip.ts";
import { machineTest } from "../machine.ts";

const read = (...args: string[]): ReturnType<typeof readSettings> =>
  readSettings(readArguments(args, SETTINGS_OPTIONS).values);

Deno.test("readSettings() leaves out what is not given", () => {
  assertEquals(read(), {});
  assertEquals(Object.keys(read("--mtu", "1400", "--dns", "10.6.7.1")), ["mtu", "dns"]);
});

const TWICE: readonly [args: string[], message: string][] = [
  [["--address", "10.6.7.7/24", "--address", "10.6.7.7/16"], "--address 10.6.7.7 is given twice."],
  [["--dns", "fd00::1", "--dns", "10.6.7.1", "--dns", "FD00:0::1"], "--dns fd00::1 is given twice."],
  [["--route", "10.9.0.0/16", "--route", "10.9.0.0/16"], "--route 10.9.0.0/16 is given twice."],
];

for (const [args, message] of TWICE) {
  Deno.test(`readSettings() refuses ${args.join(" ")}`, () => {
    assertEquals(assertThrows(() => read(...args), UsageError).message, message);
  });
}

Deno.test("readSettings() takes networks that lie in one another", () => {
  assertEquals(read("--route", "10.9.0.0/16", "--route", "10.9.0.0/17").routes?.length, 2);
});

Deno.test("readSettings() refuses an MTU below what an IPv6 address needs", () => {
  assertThrows(
    () => read("--mtu", "1279", "--address", "fd00::7/64"),
    UsageError,
    "IPv6 needs an MTU of 1280",
  );
  read("--mtu", "1280", "--address", "fd00::7/64");
});

Deno.test("readSettings() reads none as an empty list, and default or none as the value of a new adapter", () => {
  assertEquals(read("--address", "none", "--dns", "none", "--route", "none"), {
    addresses: [],
    dns: [],
    routes: [],
  });
  const back = {
    mtu: { 4: 65535, 6: 65535 },
    metric: { 4: 0, 6: 0 },
    forwarding: { 4: false, 6: false },
  };
  for (const word of ["default", "none"]) {
    assertEquals(read("--mtu", word, "--metric", word, "--forwarding", word), back);
  }
  assertEquals(read("--metric", "automatic"), { metric: back.metric });
  for (const word of ["default", "none"]) {
    assertEquals(read("--category", word), { category: "default" });
    assertEquals(read("--dns-suffix", word, "--dns-registration", word, "--dns-search", "none"), {
      dnsSearch: [],
      dnsSuffix: "",
      dnsRegistration: false,
    });
  }
});

Deno.test("readSettings() reads a value of one IP version, and of each", () => {
  assertEquals(read("--mtu", "ipv6=1400"), { mtu: { 6: 1400 } });
  assertEquals(read("--metric", "ipv4=5", "--metric", "IPv6=default"), { metric: { 4: 5, 6: 0 } });
  assertEquals(read("--forwarding", "ipv6=on"), { forwarding: { 6: true } });
  assertEquals(read("--mtu", "576"), { mtu: { 4: 576 } });
});

Deno.test("readSettings() names the words and the forms of a value that it cannot read", () => {
  const hint = (...args: string[]): string => assertThrows(() => read(...args), UsageError).hint;
  const forms = "and any value with ipv4= or ipv6= before it.";
  assertEquals(hint("--metric", "auto"), `It also takes default, automatic, ${forms}`);
  assertEquals(hint("--mtu", "ipv5=1400"), `It also takes default, ${forms}`);
  assertEquals(hint("--forwarding", "yes"), `It also takes default, ${forms}`);
});

const REFUSED: readonly [args: string[], message: string][] = [
  [["--dns", "none", "--dns", "10.6.7.1"], "--dns none empties the list, so --dns cannot be given again."],
  [["--mtu", "1400", "--mtu", "ipv6=1300"], "--mtu is given twice for IPv6."],
  [["--mtu", "ipv6=1279"], "--mtu ipv6=1279: must be 1280 or more."],
  [["--mtu", "ipv5=1400"], "--mtu ipv5=1400: must be a whole number from 576 to 65535."],
  [["--forwarding", "yes"], "--forwarding yes: must be on or off."],
  [["--dns-registration", "yes"], "--dns-registration yes: must be on or off."],
  [["--category", "domain"], "--category domain: must be private, public or default."],
  [
    ["--dns-suffix", "lab..example"],
    "--dns-suffix lab..example: must be a domain, such as lab.example, but it has an empty label.",
  ],
  [
    ["--dns-search", "a b"],
    "--dns-search a b: must be a domain, such as lab.example, but it has a character that is no letter, digit, hyphen or underscore.",
  ],
  [
    ["--dns-for", "1.2.3.4=10.6.7.1"],
    "--dns-for 1.2.3.4=10.6.7.1: must have a domain before the =, such as lab.example, but its last label is a number.",
  ],
  [["--dns-search", "a", "--dns-search", "A"], "--dns-search a is given twice."],
  [
    ["--dns-for", "lab.example=10.6.7.1", "--dns-for", "LAB.example=10.6.7.1"],
    "--dns-for lab.example=10.6.7.1 is given twice.",
  ],
  [
    ["--dns-for", "lab.example"],
    "--dns-for lab.example: must be a domain and a DNS server, such as lab.example=10.6.7.1.",
  ],
  [
    ["--dns-for", "lab.example=224.0.0.1"],
    "--dns-for lab.example=224.0.0.1: must be a server's address, not multicast.",
  ],
  [
    ["--route", "10.9.0.0/16,via=10.6.7.1", "--route", "10.9.0.0/16,via=10.6.7.1,metric=5"],
    "--route 10.9.0.0/16,via=10.6.7.1 is given twice.",
  ],
];

Deno.test("readSettings() collects the DNS servers of a domain in their order, whatever its case", () => {
  const { dnsFor } = read(
    ...[
      "--dns-for",
      "lab.example=fd00::1",
      "--dns-for",
      "a.example=10.6.7.2",
      "--dns-for",
      "Lab.Example=10.6.7.1",
    ],
  );
  const texts = dnsFor?.map(({ name, servers }) => [name, ...servers.map(formatIpAddress)]);
  assertEquals(texts, [["a.example", "10.6.7.2"], ["lab.example", "fd00::1", "10.6.7.1"]]);
  assertEquals(read("--dns-for", "none"), { dnsFor: [] });
});

Deno.test("readSettings() refuses a rule for all DNS names, and says what a rule for some looks like", () => {
  for (const domain of ["", ".", "*", "*."]) {
    const { message, hint } = assertThrows(() => read("--dns-for", `${domain}=10.6.7.1`), UsageError);
    assertEquals(
      [message, hint],
      [
        `--dns-for ${domain}=10.6.7.1: must have a domain, because --dns-for is not for all names.`,
        "Use --dns for all names.",
      ],
    );
  }
  for (const domain of [".lab.example", "*.lab.example", "lab.example."]) {
    const { hint } = assertThrows(() => read("--dns-for", `${domain}=10.6.7.1`), UsageError);
    assertEquals(hint, "Did you mean lab.example=10.6.7.1?");
  }
  assertEquals(assertThrows(() => read("--dns-for", "a..b=10.6.7.1"), UsageError).hint, "");
});

for (const [args, message] of REFUSED) {
  Deno.test(`readSettings() refuses ${args.join(" ")}`, () => {
    assertEquals(assertThrows(() => read(...args), UsageError).message, message);
  });
}

machineTest("create, set and serve refuse what is no domain with 2, and change nothing", async (machine) => {
  await machine.ask("create", "lab", "--dns-for", "lab.example=10.6.7.1");
  for (const wrong of [["--dns-for", "1.2.3.4=10.6.7.2"], ["--dns-suffix", "."], ["--dns-search", "*.lab"]]) {
    const others = ["--dns-for", "corp.example=10.6.7.3", ...wrong];
    for (const command of [["create", "new"], ["set", "lab"], ["serve", "lab"], ["serve", "new"]]) {
      assertEquals(await machine.run(...command, ...others), 2, `${command} ${wrong}`);
    }
  }
  const { adapters } = await machine.ask("list");
  assertEquals(adapters.map(({ name, dnsFor }: { name: string; dnsFor: unknown }) => [name, dnsFor]), [
    ["lab", [{ name: "lab.example", servers: ["10.6.7.1"] }]],
  ]);
});

for (const seed of [1, 2, 3]) {
  machineTest(`what is set is read back, not set twice, and taken back (seed ${seed})`, async (machine) => {
    await machine.ask("create", "lab");
    await settingsRoundTrip((...args) => machine.ask(...args), "lab", 60, seed);
  });
}

machineTest(
  "set reports each setting that it changes, before and after, as its option takes it",
  async (machine) => {
    await machine.ask("create", "lab", "--route", "10.9.0.0/16", "--metric", "7");
    const { changes } = await machine.ask(
      ...["set", "lab", "--route", "10.9.0.0/16,via=10.6.7.1,metric=5", "--metric", "ipv6=default"],
      ...["--mtu", "1200", "--forwarding", "on", "--dns", "none"],
    );
    assertEquals(changes, [
      { setting: "mtu", before: ["65535"], after: ["ipv4=1200", "ipv6=65535"] },
      { setting: "metric", before: ["7"], after: ["ipv4=7", "ipv6=automatic"] },
      { setting: "forwarding", before: ["off"], after: ["on"] },
      { setting: "route", before: ["10.9.0.0/16"], after: ["10.9.0.0/16,via=10.6.7.1,metric=5"] },
    ]);
  },
);
