/** The rules of `--dns-for` in the registry of Windows, read by another program. */

import { assert, assertEquals } from "@std/assert";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { endProcess } from "../end_process.ts";
import { eventually } from "../eventually.ts";
import { isWindowsWorld } from "../libraries.ts";
import { program, run, serve } from "../program.ts";

const RULES = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Dnscache\\Parameters\\DnsPolicyConfig";
const OTHERS_RULE = `${RULES}\\{1F2E3D4C-0000-4000-8000-000000000001}`;
const LAB = ["--dns-for", "lab.example=10.77.0.53"];

async function reg(...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("reg", { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

/** The values of each rule, as reg.exe writes their names, types and data. */
async function rules(): Promise<Record<string, string>[]> {
  const keys = (await reg("query", RULES)).match(/\{[0-9A-F-]{36}\}/g) ?? [];
  return await Promise.all(keys.map(async (key) => {
    const lines = (await reg("query", `${RULES}\\${key}`)).matchAll(/^ {4}(\w+) {4}(REG_\w+) {4}(.*?)\r?$/gm);
    return Object.fromEntries(Array.from(lines, ([, name, type, data]) => [name, `${type} ${data}`]));
  }));
}

async function names(): Promise<string[]> {
  return (await rules()).map(({ Name }) => Name.replace("REG_MULTI_SZ ", "")).sort();
}

/** A killed holder also leaves a device that Windows remembers, and its log, until the next adapter of the name is deleted. */
async function tidyUp(): Promise<void> {
  await must("create", "lab");
  await must("delete", "lab");
}

/** What doctor finds about rules. */
async function finding(): Promise<{ result: string; message: string }> {
  const { findings } = (await ask("doctor")).result;
  return findings.find(({ check }: { check: string }) => check === "dns-rules");
}

adapterTest(
  "create writes each rule with the values that Microsoft documents, and delete removes it",
  async () => {
    const settings = [...LAB, "--dns-for", "lab.example=fd77::53", "--dns-for", "intern=10.77.0.54"];
    const { adapter } = await must("create", "lab", ...settings);
    assertEquals(
      adapter.dnsFor.toSorted((a: { name: string }, b: { name: string }) => a.name < b.name ? -1 : 1),
      [
        { name: "intern", servers: ["10.77.0.54"] },
        { name: "lab.example", servers: ["10.77.0.53", "fd77::53"] },
      ],
    );
    const always = {
      Version: "REG_DWORD 0x1",
      ConfigOptions: "REG_DWORD 0x8",
      Comment: `REG_SZ wintun adapter {${adapter.guid.toUpperCase()}}`,
      DisplayName: "REG_SZ lab",
    };
    assertEquals((await rules()).toSorted((a, b) => a.Name < b.Name ? -1 : 1), [
      { ...always, Name: "REG_MULTI_SZ .intern", GenericDNSServers: "REG_SZ 10.77.0.54" },
      { ...always, Name: "REG_MULTI_SZ .lab.example", GenericDNSServers: "REG_SZ 10.77.0.53;fd77::53" },
    ]);
    await must("delete", "lab");
    assertEquals(await names(), []);
  },
);

adapterTest("create says when it could not tell the DNS client, which the Windows world lacks", async () => {
  const { code, stderr } = await run(["create", "lab", ...LAB]);
  assertEquals([code, stderr.includes("The DNS client could not be told")], [0, isWindowsWorld], stderr);
  await must("delete", "lab");
});

adapterTest("set changes the rules of its adapter only, and delete leaves those of others", async () => {
  try {
    await reg("add", OTHERS_RULE, "/v", "Name", "/t", "REG_MULTI_SZ", "/d", ".lab.example");
    await must("create", "one", ...LAB);
    await must("create", "two", "--dns-for", "two.example=10.77.0.53");
    await must("set", "one", "--dns-for", "one.example=10.77.0.53");
    assertEquals(await names(), [".lab.example", ".one.example", ".two.example"]);
    await must("set", "one", "--dns-for", "none");
    assertEquals(await names(), [".lab.example", ".two.example"]);
    await must("delete", "--all");
    assertEquals(await names(), [".lab.example"]);
  } finally {
    await reg("delete", OTHERS_RULE, "/f");
  }
});

adapterTest("a creation that fails leaves no rule", async () => {
  await must("create", "one", "--address", "10.77.0.1/24");
  const { code } = await ask("create", "two", "--address", "10.77.0.1/24", ...LAB);
  assertEquals([code, await names()], [1, []]);
  await must("delete", "one");
});

adapterTest("a serve that made its adapter takes the rules with it", async () => {
  const serving = await serve("lab", "--address", "10.77.0.1/24", ...LAB);
  assertEquals(await names(), [".lab.example"]);
  await must("stop", "lab");
  await serving.ended;
  assertEquals(await names(), []);
});

for (
  const [command, removes] of [
    ["create", (): Promise<unknown> => must("create", "other")],
    ["delete", (): Promise<unknown> => ask("delete", "lab")],
  ] as const
) {
  adapterTest(
    `the rules of a service that was killed are shown by doctor, and the next ${command} removes them`,
    async () => {
      const { adapter } = await must("create", "lab", ...LAB);
      await endProcess(adapter.owner.pid);
      assert(await eventually(async () => (await list()).length === 0));
      assertEquals(await names(), [".lab.example"]);
      const { result, message } = await finding();
      assertEquals(result, "warning");
      assertEquals(
        message,
        `Rules of --dns-for are left of adapters that are gone: lab.example (adapter "lab" ${adapter.guid}).`,
      );
      await removes();
      assertEquals([await names(), (await finding()).result], [[], "ok"]);
      await must("delete", "other", "--ignore-missing");
      await tidyUp();
    },
  );
}

adapterTest(
  "the rules of create --foreground that was killed go with the next create of the name",
  async () => {
    const creating = program(["create", "lab", "--foreground", ...LAB]).spawn();
    const output = creating.output();
    assert(await eventually(async () => (await names()).length === 1));
    creating.kill("SIGKILL");
    await output;
    assert(await eventually(async () => (await list()).length === 0));
    assertEquals(await names(), [".lab.example"]);
    assertEquals((await must("create", "lab")).adapter.dnsFor, []);
    assertEquals(await names(), []);
    await must("delete", "lab");
  },
);
