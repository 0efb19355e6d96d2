import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { Win32Error } from "../../../src/windows/win32_error.ts";
import { parseCidr } from "../../../src/wire/cidr.ts";
import { other } from "../machine.ts";
import { onHost, serve } from "./runs.ts";

Deno.test("serve creates an adapter that is not there, and removes it at the end", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const { code, environment } = await serve("lab --address 10.6.7.7/24 --count 1 --json", onHost(host));
  assertEquals([code, environment.stdout.objects[0].created], [0, true]);
  assertEquals(environment.stdout.objects[0].simulated, undefined);
  assertEquals(await host.list(), []);
});

Deno.test("serve opens an adapter that is there, in whatever case, and leaves it", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  using adapter = await host.create({ name: "Lab", type: "Wintun" });
  const { code, environment } = await serve("LAB --address 10.6.7.7/24 --count 1 --json", onHost(host));
  const [ready] = environment.stdout.objects;
  assertEquals([code, ready.created, ready.adapter.name, ready.adapter.guid], [
    0,
    false,
    "Lab",
    adapter.info.guid,
  ]);
  assertEquals((await host.find("lab"))?.state, "down");
});

Deno.test("serve finds an adapter by its GUID and by ifIndex:N, and makes none of them", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  const { guid, ifIndex } = adapter.info;
  for (const text of [`{${guid.toUpperCase()}}`, `ifIndex:${ifIndex}`]) {
    const { code, environment } = await serve(`${text} --address 10.6.7.7/24 --count 1`, onHost(host));
    assertEquals(code, 0);
    assertMatch(environment.stdout.text, /^Served lab for /m);
  }
  for (const text of ["deadbabe-cafe-beef-0123-456789abcdef", `ifIndex:${ifIndex + 1}`]) {
    const { code, environment } = await serve(`${text} --address 10.6.8.7/24 --json`, onHost(host));
    const [{ error }] = environment.stderr.objects;
    assertEquals([code, error.reason], [4, "there is no such adapter"]);
  }
  assertEquals((await host.list()).map(({ name }) => name), ["lab"]);
});

Deno.test("serve warns that --guid and --type have no effect on an adapter that is there", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  const guid = "deadbabe-cafe-beef-0123-456789abcdef";
  const { code, environment } = await serve(
    `lab --guid ${guid} --type Other --address 10.6.7.7/24 --count 1`,
    onHost(host),
  );
  assertEquals(code, 0);
  assertStringIncludes(
    environment.stderr.text,
    `warning: Adapter "lab" exists with GUID ${adapter.info.guid}; --guid ${guid} has no effect.\n` +
      `warning: Adapter "lab" exists with type "Wintun"; --type "Other" has no effect.\n`,
  );
});

Deno.test("serve warns of an adapter without an address", async () => {
  const host = new SimulatedHost();
  using _ = await host.create({ name: "lab", type: "Wintun" });
  const { code, environment } = await serve("lab --duration 0.02 --json", onHost(host));
  assertEquals(code, 0);
  assertMatch(environment.stderr.objects[0].warning.message, /^Adapter "lab" has no address/);
});

Deno.test("serve warns of each address of the adapter that is alone in its subnet, and of no others", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  const addresses = ["10.6.7.7/32", "10.6.8.0/31", "fd00::7/128", "fd01::/127", "10.6.9.7/30"].map(parseCidr);
  await host.configure(adapter.info.luid, { addresses });
  const { code, environment } = await serve("lab --duration 0.02 --json", onHost(host));
  assertEquals(code, 0);
  assertEquals(environment.stderr.objects.map(({ warning }) => warning.message), [
    "10.6.7.7/32 has no other address that could be pinged.",
    "fd00::7/128 has no other address that could be pinged.",
  ]);
});

Deno.test("serve writes what would steer a terminal in an adapter's name as text", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  const name = "lab\u202e";
  const { environment } = await serve(
    "lab --address 10.6.7.7/24 --duration 0.02",
    onHost(host, { find: () => Promise.resolve({ ...adapter.info, name }), open: () => host.open("lab") }),
  );
  assertStringIncludes(environment.stderr.text, "Adapter lab\\u202e is up");
});

Deno.test("serve takes --echo in whatever case", async () => {
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --echo ICMP,Udp --duration 0.02",
    onHost(new SimulatedHost()),
  );
  assertEquals(code, 0);
  assertStringIncludes(environment.stderr.text, "Answers ICMP and UDP echo");
});

Deno.test("serve warns of routes that lead all traffic to an adapter that echoes UDP, and of no others", async () => {
  const warningsOf = async (options: string): Promise<string[]> => {
    const command = `lab --address 10.6.7.7/24 --duration 0.02 --json ${options}`;
    const { code, environment } = await serve(command, onHost(new SimulatedHost()));
    assertEquals(code, 0);
    return environment.stderr.objects.flatMap(({ warning }) =>
      warning === undefined ? [] : [warning.message]
    );
  };
  const start = (message: string): string => message.slice(0, message.indexOf(" of this machine"));
  const cases: [string, string[]][] = [
    ["--route 0.0.0.0/0", ["--route 0.0.0.0/0 leads all IPv4 traffic"]],
    ["--route ::/0", ["--route ::/0 leads all IPv6 traffic"]],
    ["--route 0.0.0.0/1 --route 128.0.0.0/1", [
      "--route 0.0.0.0/1 --route 128.0.0.0/1 leads all IPv4 traffic",
    ]],
    ["--route 8000::/1 --route ::/1 --route 0.0.0.0/0", [
      "--route 0.0.0.0/0 leads all IPv4 traffic",
      "--route ::/1 --route 8000::/1 leads all IPv6 traffic",
    ]],
    ["--route 0.0.0.0/0 --echo icmp", []],
    ["--route 0.0.0.0/1 --route ::/1 --route 10.9.0.0/16", []],
  ];
  for (const [options, expected] of cases) {
    assertEquals((await warningsOf(options)).map(start), expected, options);
  }
});

Deno.test("serve refuses the name of a network adapter that is foreign", async () => {
  const host = new SimulatedHost();
  using _ = await host.create({ name: "Ethernet", type: "Wintun" });
  const { code, environment } = await serve(
    "Ethernet --duration 0.02",
    onHost(host, {
      find: async (name) => ({ ...(await host.find(name))!, state: "foreign" }),
    }),
  );
  assertEquals([code, environment.stdout.text], [5, ""]);
});

Deno.test("serve ends with 10 when its adapter is removed, also if its session tells nothing", async () => {
  const host = new SimulatedHost();
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --json",
    onHost(host, {
      create: async (request) => {
        const adapter = await host.create(request);
        return Object.defineProperty(adapter, "removed", { value: Promise.resolve() });
      },
    }),
  );
  assertEquals([code, environment.stdout.objects.at(-1)?.reason ?? "removed"], [10, "removed"]);
  assertEquals(environment.stderr.objects.at(-1).error.reason, "it was removed");
});

Deno.test("serve makes no adapter of a name that does not exist without --address, and says so", async () => {
  const host = new SimulatedHost();
  const { code, environment } = await serve("nosuch --mtu 1400", onHost(host));
  assertEquals([code, environment.stdout.text, await host.list()], [4, "", []]);
  assertStringIncludes(environment.stderr.text, "give --address to make it for this run");
});

Deno.test("serve on an adapter that somebody has removed says that, and creates it again with --address only", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const owner = { pid: 4711, ours: true, role: "keeper" } as const;
  const prepare = onHost(host, {
    find: async (name) => await host.find(name) ?? other({ name, state: "lost", owner }),
  });
  const refused = await serve("lab --count 1", prepare);
  assertEquals(refused.code, 4);
  assertStringIncludes(
    refused.environment.stderr.text,
    "somebody has removed it, and process 4711, which held it, still runs",
  );
  const { code, environment } = await serve("lab --address 10.6.7.7/24 --count 1", prepare);
  assertEquals(code, 0);
  assertStringIncludes(
    environment.stderr.text,
    'warning: Adapter "lab" is created again, for this run only: somebody has removed it, and process 4711, which held it, still runs.',
  );
});

Deno.test("serve says what it changed for good of an adapter that is there", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  await host.configure(adapter.info.luid, { addresses: [parseCidr("10.6.7.7/24")], mtu: 1400 });
  const line = "lab --address 10.6.8.7/24 --mtu 1300 --count 1";
  const { environment } = await serve(line, onHost(host));
  assertStringIncludes(
    environment.stderr.text,
    "Changed for good: MTU from 1400 to 1300, address from 10.6.7.7/24 to 10.6.8.7/24.\n",
  );
  const [ready] = (await serve(`${line} --json`, onHost(host))).environment.stdout.objects;
  assertEquals([ready.changed, ready.changes], [false, []]);
  const [changed] = (await serve(`lab --mtu 1500 --count 1 --json`, onHost(host))).environment.stdout.objects;
  assertEquals([changed.changed, changed.changes], [
    true,
    [{ setting: "mtu", before: ["1300"], after: ["1500"] }],
  ]);
});

for (
  const [flags, code, state] of [["", 1, "down"], ["", 1, "up"], ["--force", 0, "down"], [
    "--force",
    8,
    "up",
  ]] as const
) {
  const name = `serve ${flags} of another program's adapter that is ${state} gives exit ${code}`;
  Deno.test(name, async () => {
    const host = new SimulatedHost({ pingIntervalMs: 2 });
    using _ = await host.create({ name: "wg0", type: "WireGuard" });
    let isForced: boolean | undefined;
    const outcome = await serve(
      `wg0 ${flags} --address 10.6.7.7/24 --count 1`,
      onHost(host, {
        find: async (name) => {
          const { owner: _, ...info } = (await host.find(name))!;
          return { ...info, state };
        },
        open: (name, permission) => {
          isForced = permission?.force;
          return host.open(name);
        },
      }),
    );
    assertEquals([outcome.code, isForced], [code, code === 0 ? true : undefined]);
    if (code === 1) assertStringIncludes(outcome.environment.stderr.text, "another program made it");
  });
}

Deno.test("serve gives exit 7 where there is no Wintun", async () => {
  const { code, environment } = await serve("lab");
  assertEquals([code, environment.stdout.text, environment.stderr.text], [
    7,
    "",
    "error: Cannot open Wintun: not here. Hint.\n",
  ]);
});

Deno.test("serve gives exit 8 when another session is open, and leaves the adapter as it is", async () => {
  const host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  await host.configure(adapter.info.luid, { addresses: [parseCidr("172.16.0.1/24")], mtu: 1400 });
  using _ = adapter.openSession(0x20000);
  const before = await host.find("lab");
  const { code, environment } = await serve("LAB --address 10.6.7.7/24 --mtu 1500 --json", onHost(host));
  assertEquals([code, environment.stdout.text], [8, ""]);
  assertEquals(environment.stderr.objects[0].error.operation, `Cannot serve adapter "lab"`);
  assertEquals([before?.state, await host.find("lab")], ["up", before]);
});

Deno.test("serve gives exit 8 when another program is quicker to open its session", async () => {
  const host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  using _ = adapter.openSession(0x20000);
  const { code, environment } = await serve(
    "lab --json",
    onHost(host, {
      find: async (name) => ({ ...(await host.find(name))!, state: "down" }),
    }),
  );
  assertEquals([code, environment.stdout.text], [8, ""]);
  assertEquals(environment.stderr.objects.at(-1).error.exitCode, 8);
});

Deno.test("serve gives exit 1 and the Windows code when a session cannot be opened, and removes the adapter", async () => {
  const host = new SimulatedHost();
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --json",
    onHost(host, {
      create: async (request) => {
        const adapter = await host.create(request);
        adapter.openSession = () => {
          throw new Win32Error(8, `Cannot start a session on adapter "lab"`);
        };
        return adapter;
      },
    }),
  );
  const [{ error }] = environment.stderr.objects;
  assertEquals([code, error.win32, error.symbol], [1, 8, "ERROR_NOT_ENOUGH_MEMORY"]);
  assertEquals([environment.stdout.text, await host.list()], ["", []]);
});
