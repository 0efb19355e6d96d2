import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Host } from "../../src/tun/host.ts";
import type { DnsRule } from "../../src/tun/settings/dns_rule.ts";
import { parseDnsRules } from "../../src/tun/settings/dns_rule.ts";
import { removeLeftRules } from "../../src/tun/windows/dns_rules.ts";
import { LOCAL_RULES, NamePolicy, POLICY_RULES } from "../../src/windows/network/name_policy.ts";
import { System } from "../../src/windows/system.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { libraries } from "./fixture.ts";
import { assertHostError, hostTest, infoOf, type Log, OtherProgram } from "./host_fixture.ts";
import { RegistryWithoutRights } from "./registry_without_rights.ts";

const GONE = "deadbabe-cafe-beef-0123-456789abcdef";
const OTHERS_ID = "1f2e3d4c-0000-4000-8000-000000000001";
const OTHERS_RULE = {
  id: OTHERS_ID,
  names: [".lab.example", ".corp.example"],
  servers: ["10.0.0.1"],
  displayName: "Other VPN",
  comment: "",
};
/** What a killed holder has left of an adapter that is gone. */
const LEFT_RULE = {
  id: "1f2e3d4c-0000-4000-8000-000000000002",
  names: [".old.example"],
  servers: ["10.6.7.1"],
  displayName: "old",
  comment: `wintun adapter {${GONE.toUpperCase()}}`,
};
const RUNNING = 4;
const STOPPED = 1;

const emulator = Deno.dlopen(libraries.advapi32!, {
  EmulatorCountParameterChanges: { parameters: [], result: "u32" },
  EmulatorSetServiceStatus: { parameters: ["buffer", "u32", "u32", "u32", "u32"], result: "i32" },
}).symbols;

function setDnsClient(state: number): void {
  emulator.EmulatorSetServiceStatus(toWideString("Dnscache"), state, 0, 0, 0);
}

function rules(...texts: string[]): DnsRule[] {
  return parseDnsRules(texts);
}

/** Registers a test with an empty table of rules, which it may fill. */
function rulesTest(name: string, body: (host: Host, system: System, log: Log) => Promise<void>): void {
  hostTest(name, async (host, log) => {
    using system = new System(libraries);
    const { namePolicy } = system;
    try {
      await body(host, system, log);
    } finally {
      setDnsClient(RUNNING);
      for (const { id } of namePolicy.list() ?? []) namePolicy.delete(id);
      system.registry.delete(POLICY_RULES);
    }
  });
}

/** Returns the policy as a user sees it who may not read one of its registry keys. */
function policyWithout({ libraries }: System, key: string): NamePolicy {
  return new NamePolicy(libraries, new RegistryWithoutRights(libraries, key));
}

function idsOf({ namePolicy }: System): string[] {
  return namePolicy.list()!.map(({ id }) => id).sort();
}

rulesTest(
  "configure() writes a rule for each domain as documented, and tells the DNS client once",
  async (host, system) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    const { luid, guid } = adapter.info;
    const before = emulator.EmulatorCountParameterChanges();
    const dnsFor = rules("lab.example=10.6.7.1", "lab.example=fd00::1", "intern=10.6.7.2");
    const { changed, changes, warnings } = await host.configure(luid, { dnsFor });
    assertEquals([changed, warnings], [true, []]);
    assertEquals(changes, [{
      setting: "dns-for",
      before: [],
      after: ["intern=10.6.7.2", "lab.example=10.6.7.1", "lab.example=fd00::1"],
    }]);
    using table = system.registry.open(LOCAL_RULES);
    const keys = table!.subkeys();
    const written = keys.map((name) => {
      assertMatch(name, /^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/);
      using key = system.registry.open(`${LOCAL_RULES}\\${name}`);
      return [
        key?.texts("Name"),
        key?.text("GenericDNSServers"),
        key?.dword("ConfigOptions"),
        key?.dword("Version"),
        key?.text("Comment"),
        key?.text("DisplayName"),
      ];
    });
    const mark = `wintun adapter {${guid.toUpperCase()}}`;
    assertEquals(written.toSorted(([a], [b]) => String(a) < String(b) ? -1 : 1), [
      [[".intern"], "10.6.7.2", 8, 1, mark, "lab"],
      [[".lab.example"], "10.6.7.1;fd00::1", 8, 1, mark, "lab"],
    ]);
    assertEquals(
      (await infoOf(host, adapter)).details?.dnsFor?.toSorted((a, b) => a.name < b.name ? -1 : 1),
      dnsFor,
    );
    assertEquals((await host.configure(luid, { dnsFor })).changed, false);
    assertEquals(emulator.EmulatorCountParameterChanges(), before + 1);
  },
);

rulesTest("a rule that nobody may read hides no others", (_host, system) => {
  const { namePolicy } = system;
  namePolicy.write(OTHERS_RULE);
  namePolicy.write(LEFT_RULE);
  const denied = `${LOCAL_RULES}\\{${OTHERS_ID.toUpperCase()}}`;
  const seen = policyWithout(system, denied);
  assertEquals(seen.list()?.map(({ id }) => id), [LEFT_RULE.id]);
  const unseen = policyWithout(system, LOCAL_RULES);
  assertEquals(unseen.list(), undefined);
  return Promise.resolve();
});

rulesTest("a rule keeps its id when its servers change, and goes with none", async (host, system) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  await host.configure(luid, { dnsFor: rules("lab.example=10.6.7.1") });
  const before = idsOf(system);
  await host.configure(luid, { dnsFor: rules("lab.example=10.6.7.2") });
  assertEquals(idsOf(system), before);
  assertEquals(system.namePolicy.list()![0].servers, ["10.6.7.2"]);
  await host.configure(luid, { dnsFor: [] });
  assertEquals(idsOf(system), []);
});

rulesTest("an adapter that is closed takes its rules with it, and no others", async (host, system) => {
  const before = emulator.EmulatorCountParameterChanges();
  using other = await host.create({ name: "other", type: "T" });
  await host.configure(other.info.luid, { dnsFor: rules("other.example=10.6.8.1") });
  const adapter = await host.create({ name: "lab", type: "T" });
  system.namePolicy.write(OTHERS_RULE);
  const left = idsOf(system);
  await host.configure(adapter.info.luid, { dnsFor: rules("lab.example=10.6.7.1", "intern=10.6.7.2") });
  assertEquals(idsOf(system).length, 4);
  adapter.close();
  assertEquals(idsOf(system), left);
  await host.close();
  assertEquals(idsOf(system), [OTHERS_ID]);
  // Two were written, and two adapters were closed.
  assertEquals(emulator.EmulatorCountParameterChanges(), before + 4);
});

rulesTest("the rules stay when a process closes an adapter that it only opened", async (host, system) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  await host.configure(adapter.info.luid, { dnsFor: rules("lab.example=10.6.7.1") });
  (await host.open("lab")).close();
  assertEquals(idsOf(system).length, 1);
});

rulesTest(
  "doctor shows what a killed holder has left, and the next create removes it",
  async (host, system) => {
    system.namePolicy.write(LEFT_RULE);
    system.namePolicy.write(OTHERS_RULE);
    const finding = (await host.examine()).find(({ check }) => check === "dns-rules")!;
    assertEquals(finding.result, "warning");
    assertEquals(
      finding.message,
      `Rules of --dns-for are left of adapters that are gone: old.example (adapter "old" ${GONE}).`,
    );
    using _adapter = await host.create({ name: "lab", type: "T" });
    assertEquals(idsOf(system), [OTHERS_ID]);
    assertEquals((await host.examine()).find(({ check }) => check === "dns-rules")?.result, "ok");
  },
);

rulesTest(
  "create() removes the rules of an earlier adapter with the GUID, also those that were changed",
  async (host, system) => {
    system.namePolicy.write({ ...LEFT_RULE, names: [".a", ".b"], servers: [] });
    using adapter = await host.create({ name: "lab", type: "T", guid: GONE });
    assertEquals(idsOf(system), []);
    assertEquals((await infoOf(host, adapter)).details?.dnsFor, []);
  },
);

rulesTest("a rule shows the name of its adapter, also after the adapter is renamed", async (host, system) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  await host.configure(luid, { dnsFor: rules("lab.example=10.6.7.1") });
  const [before] = system.namePolicy.list()!;
  await host.configure(luid, {}, { name: "new" });
  assertEquals(system.namePolicy.list(), [{ ...before, displayName: "new" }]);
});

rulesTest(
  "removeLeftRules() leaves the rules of adapters that are there, and those of others",
  async (host, system) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    await host.configure(adapter.info.luid, { dnsFor: rules("lab.example=10.6.7.1") });
    system.namePolicy.write(OTHERS_RULE);
    const before = idsOf(system);
    system.namePolicy.write(LEFT_RULE);
    assertEquals(await removeLeftRules(system), []);
    assertEquals(idsOf(system), before);
  },
);

rulesTest("remove() leaves no rule of the adapter, whose holder may hang", async (host, system) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  await host.configure(adapter.info.luid, { dnsFor: rules("lab.example=10.6.7.1") });
  await host.remove(await infoOf(host, adapter));
  assertEquals(idsOf(system), []);
});

rulesTest(
  "configure() leaves other programs' rules for the same domain, and warns of them",
  async (host, system) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    system.namePolicy.write(OTHERS_RULE);
    const { warnings } = await host.configure(adapter.info.luid, {
      dnsFor: rules("corp.example=10.6.7.1", "intern=10.6.7.1"),
    });
    assertEquals(warnings, [
      `There is another rule of "Other VPN" for DNS names under corp.example, {${OTHERS_ID}}. Windows may ask the servers of that one.`,
    ]);
    await host.configure(adapter.info.luid, { dnsFor: [] });
    assertEquals(system.namePolicy.list(), [OTHERS_RULE]);
  },
);

rulesTest(
  "configure() warns that a group policy takes the place of the rules, also in a dry run",
  async (host, system) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    const { luid } = adapter.info;
    system.registry.create(POLICY_RULES)[Symbol.dispose]();
    const dry = await host.configure(luid, { dnsFor: rules("lab.example=10.6.7.1") }, { dryRun: true });
    assertMatch(
      dry.warnings.join(),
      /^Windows does not use the rules of --dns-for, because a group policy has rules/,
    );
    assertEquals([dry.changed, idsOf(system)], [true, []]);
    assertEquals(
      (await host.configure(luid, { dnsFor: rules("lab.example=10.6.7.1") })).warnings,
      dry.warnings,
    );
    assertEquals((await host.examine()).find(({ check }) => check === "dns-rules")?.result, "warning");
    assertEquals((await host.configure(luid, { dnsFor: [] })).warnings, []);
  },
);

rulesTest("configure() and close() warn when the DNS client could not be told", async (host, system, log) => {
  const adapter = await host.create({ name: "lab", type: "T" });
  setDnsClient(STOPPED);
  const { changed, warnings } = await host.configure(adapter.info.luid, {
    dnsFor: rules("lab.example=10.6.7.1"),
  });
  assertEquals(changed, true);
  assertMatch(
    warnings.join(),
    /could not be told .*: its service Dnscache does not run\. It reads them when its service starts/,
  );
  adapter.close();
  assertEquals(idsOf(system), []);
  await host.close();
  assertEquals(log.filter(({ level }) => level === "warning"), [{ level: "warning", message: warnings[0] }]);
});

rulesTest("configure() sets everything back when a rule cannot be deleted", async (host, system) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  await host.configure(luid, { mtu: 1400, dnsFor: rules("lab.example=10.6.7.1", "intern=10.6.7.2") });
  const before = await infoOf(host, adapter);
  const [stuck] = system.namePolicy.list()!.filter(({ names }) => names.includes(".intern"));
  const below = `${LOCAL_RULES}\\{${stuck.id.toUpperCase()}}\\below`;
  system.registry.create(below)[Symbol.dispose]();
  try {
    const error = await assertRejects(
      () => host.configure(luid, { mtu: 1300, dnsFor: rules("new=10.6.7.3") }),
      Win32Error,
    );
    assertEquals(
      error.operation,
      'Cannot configure adapter "lab": cannot delete the rule for DNS names .intern',
    );
    const after = await infoOf(host, adapter);
    assertEquals(after.mtu, 1400);
    assertEquals(namesOf(after.details?.dnsFor), namesOf(before.details?.dnsFor));
  } finally {
    system.registry.delete(below);
  }
});

rulesTest(
  "configure() refuses rules for an adapter of another program, which nothing would remove",
  async (host, system) => {
    using _other = new OtherProgram("other");
    const { luid } = (await host.find("other"))!;
    const error = await assertHostError(
      "failed",
      () => host.configure(luid, { dnsFor: rules("lab.example=10.6.7.1") }, { force: true }),
    );
    assert(error.reason.includes("nothing would remove them"), error.reason);
    assertEquals(idsOf(system), []);
    assertEquals((await host.configure(luid, { dnsFor: [] }, { force: true })).changed, false);
  },
);

function namesOf(list: readonly DnsRule[] | undefined): string[] | undefined {
  return list?.map(({ name }) => name).sort();
}
