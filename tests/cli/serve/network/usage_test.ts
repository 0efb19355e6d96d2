import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../../validated_main.ts";
import { parseCidr } from "../../../../src/wire/cidr.ts";
import { SimulatedHost } from "../../../../src/tun/simulated/host.ts";
import { TestFolder } from "../../../test_folder.ts";
import { FakeEnvironment } from "../../fake_environment.ts";
import { onHost, serve } from "../runs.ts";

const LAB = "lab --address 10.77.0.1/24";

/** What is refused for any adapter. */
const REFUSED: readonly [args: string, message: string][] = [
  [
    `${LAB} --route none --hosts 10.78.0.9`,
    "--hosts 10.78.0.9: is in no network of the adapter; it has 10.77.0.0/24. --address gives it a subnet, and --route " +
    "another network.",
  ],
  [
    `${LAB} --hosts 10.77.0.1`,
    "--hosts 10.77.0.1: is the adapter's own address, for which Windows itself answers.",
  ],
  [
    `${LAB} --hosts 10.77.0.255`,
    "--hosts 10.77.0.255: is the first or the broadcast address of a subnet, which no host has.",
  ],
  [
    `${LAB} --hosts 10.77.0.254 --hops 1`,
    "--hosts 10.77.0.254: is the address of a router. Give the router another one with --router.",
  ],
  [
    `${LAB} --hosts 10.77.0.9,10.77.0.10`,
    '--hosts takes one value, and "10.77.0.9,10.77.0.10" is a list. Give --hosts once for each value.',
  ],
  [`${LAB} --unreachable`, "--unreachable has no effect, because all addresses answer. Add --hosts RANGE."],
  [
    `${LAB} --router 10.77.0.254`,
    "--router has no effect, because no router is on the way and none answers. Add --hops N, --unreachable or " +
    "--path-mtu N.",
  ],
  [
    `${LAB} --hops 2 --router 10.77.0.254 --router 10.77.0.254`,
    "--router 10.77.0.254: is given twice.",
  ],
  [
    `${LAB} --hops 1 --router 10.77.0.254 --router 10.77.0.253`,
    "2 IPv4 routers have addresses, but one is needed. Name fewer routers, or give --hops a greater value.",
  ],
  [
    "lab --address 10.77.0.1/29 --hops 6",
    "10.77.0.0/29 has room for 5 routers, but 6 are needed. Take a larger subnet, or fewer hops.",
  ],
  [
    "lab --address 10.77.0.1/32 --path-mtu 1400",
    "10.77.0.1/32 has no address besides the adapter's own, and a router needs one. Take a larger subnet.",
  ],
  [`${LAB} --hops 64`, "--hops 64: must be a whole number from 0 to 63."],
  [`${LAB} --path-mtu 67`, "--path-mtu 67: must be a whole number from 68 to 65535."],
  [`${LAB} --delay 20`, "--delay 20: has no unit; the units are us, ms and s. Did you mean 20ms?"],
  [
    `${LAB} --delay 5ms --jitter 6ms`,
    "--delay, --jitter and --reorder do not fit together: a jitter of 6ms needs a delay of at least 6ms.",
  ],
  [
    `${LAB} --jitter 6ms`,
    "--delay, --jitter and --reorder do not fit together: a jitter of 6ms needs a delay of at least 6ms.",
  ],
  [
    `${LAB} --reorder 10%`,
    "--delay, --jitter and --reorder do not fit together: packets that are to overtake others need a delay.",
  ],
  [
    `${LAB} --delay 900s --jitter 200s`,
    "--delay, --jitter and --reorder do not fit together: delay and jitter are longer than 1000s together.",
  ],
  [
    `${LAB} --seed 1 --delay 5ms`,
    "--seed has no effect, because nothing is left to chance. Add --loss, --jitter, --duplicate or --reorder.",
  ],
  [`${LAB} --loss 0.5`, "--loss 0.5: has no unit; the unit is %. Did you mean 0.5%?"],
  [`${LAB} --ping-interval 2`, "--ping-interval has no effect without pings. Add --ping ADDRESS."],
  [
    `${LAB} --ping 10.77.0.1 --ping-interval 0.0001`,
    "--ping-interval 0.0001: must be a number of seconds from 0.001 to 3600, such as 2.5.",
  ],
  [
    `${LAB} --ping 10.77.0.9`,
    "--ping 10.77.0.9: is an address that this command itself serves. The adapter's own address is 10.77.0.1.",
  ],
  [
    `${LAB} --route 10.90.0.0/16 --ping 10.90.0.5`,
    "--ping 10.90.0.5: is an address that this command itself serves. The adapter's own address is 10.77.0.1.",
  ],
  [
    `${LAB} --route fd90::/16 --ping fd90::5`,
    "--ping fd90::5: is an address that this command itself serves.",
  ],
  [
    "lab --address 10.77.0.1/30 --hops 2",
    "10.77.0.0/30 has room for one router, but 2 are needed. Take a larger subnet, or fewer hops.",
  ],
  [
    `${LAB} --echo udp:`,
    '--echo udp:: "" is neither a port from 1 to 65535 nor a range of ports. UDP on some ports only is udp:7,5000-5010.',
  ],
  [
    `${LAB} --ping fd77::1`,
    "--ping fd77::1: the adapter has no IPv6 subnet with a free address from which to ping. Give --address with a subnet, " +
    "such as fd00:6:7::7/64.",
  ],
  [`${LAB} --ping 224.0.0.1`, "--ping 224.0.0.1: must be a host's address, not multicast."],
];

for (const [args, message] of REFUSED) {
  Deno.test(`wintun serve ${args} is a usage error, before anything is opened`, async () => {
    const { code, environment } = await serve(args, (environment) => {
      environment.host = () => {
        throw new Error("a usage error opens nothing");
      };
    });
    assertEquals([code, environment.stdout.text, environment.stderr.text], [2, "", `error: ${message}\n`]);
  });
}

/** What is refused unless the adapter exists and has a route there. */
const REFUSED_WITHOUT_ROUTE: readonly [args: string, message: string][] = [
  [
    `${LAB} --hosts 10.78.0.9`,
    "--hosts 10.78.0.9: is in no network of the adapter; it has 10.77.0.0/24. --address gives it a subnet, and --route " +
    "another network.",
  ],
  [
    `${LAB} --address fd77::1/64 --hosts 10.77.0.250-10.77.1.3`,
    "--hosts 10.77.0.250-10.77.1.3: is in no network of the adapter; it has 10.77.0.0/24, fd77::/64. --address gives it a " +
    "subnet, and --route another network.",
  ],
  [
    `${LAB} --hops 1 --router 10.78.0.254`,
    "--router 10.78.0.254: is in no network of the adapter; it has 10.77.0.0/24. --address gives it a subnet, and --route " +
    "another network.",
  ],
];

for (const [args, message] of REFUSED_WITHOUT_ROUTE) {
  Deno.test(`wintun serve ${args} is a usage error, and makes no adapter`, async () => {
    await using host = new SimulatedHost();
    let hasCreated = false;
    const { code, environment } = await serve(
      args,
      onHost(host, {
        create: (request) => {
          hasCreated = true;
          return host.create(request);
        },
      }),
    );
    assertEquals([code, environment.stdout.text, environment.stderr.text], [2, "", `error: ${message}\n`]);
    assertEquals(hasCreated, false);
  });
}

Deno.test("serve takes hosts in the routes of an adapter that exists, unless the command gives it others", async () => {
  await using host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Test", role: "keeper" });
  const [address, route] = ["10.77.0.1/24", "10.78.0.0/16"].map(parseCidr);
  await host.configure(adapter.info.luid, { addresses: [address], routes: [route] });
  const run = async (args: string): Promise<readonly [code: number, hosts: unknown]> => {
    const { code, environment } = await serve(`lab ${args} --duration 0.05 --json`, onHost(host));
    return [code, environment.stdout.objects[0]?.network.hosts];
  };
  assertEquals(await run("--hosts 10.78.0.9"), [0, ["10.78.0.9"]]);
  assertEquals(await run("--address 10.77.0.2/24 --hosts 10.78.0.9"), [0, ["10.78.0.9"]]);
  assertEquals(await run("--hosts 10.79.0.9"), [2, undefined]);
  assertEquals(await run("--ping 10.78.0.9"), [2, undefined]);
  assertEquals(await run("--route 10.79.0.0/16 --hosts 10.78.0.9"), [2, undefined]);
  assertEquals(await run("--route 10.79.0.0/16 --hosts 10.79.0.9"), [0, ["10.79.0.9"]]);
});

Deno.test("serve of an adapter that exists refuses hosts that are not in its subnets, and leaves it as it is", async () => {
  const host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Test", role: "keeper" });
  await host.configure(adapter.info.luid, {
    addresses: [{ address: { family: 4, bytes: Uint8Array.of(10, 77, 0, 1) }, prefixLength: 24 }],
  });
  const { code, environment } = await serve("lab --hosts 10.78.0.9 --mtu 1400", onHost(host));
  assertEquals(code, 2);
  assertStringIncludes(environment.stderr.text, "--hosts 10.78.0.9: is in no network of the adapter");
  assertEquals((await host.find("lab"))?.mtu, 65535);
  await host.close();
});

Deno.test("serve takes hosts in the network of a route", async () => {
  const { code, environment } = await serve(
    "demo --simulate --address 10.6.7.7/24 --route 10.78.0.0/16 --hosts 10.78.0.9 --duration 0.05 --json",
  );
  assertEquals([code, environment.stderr.text], [0, ""]);
  assertEquals(environment.stdout.objects[0].network.hosts, ["10.78.0.9"]);
});

/** Runs serve with a scenario file that has this content. */
async function serveScenario(
  content: string | Uint8Array,
  ...args: string[]
): Promise<FakeEnvironment & { code: number }> {
  await using folder = new TestFolder();
  const file = `${folder.path}/lab.json`;
  await Deno.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
  const environment = new FakeEnvironment();
  const code = await main(
    [
      "serve",
      "demo",
      "--simulate",
      "--address",
      "10.6.7.7/24",
      "--duration",
      "0.05",
      "--json",
      "--scenario",
      file,
      ...args,
    ],
    environment,
  );
  return Object.assign(environment, { code });
}

Deno.test("serve --scenario takes the file's properties, and options in the place of the same ones", async () => {
  const scenario = JSON.stringify({
    hosts: ["10.6.7.8"],
    unreachable: true,
    hops: 3,
    routers: ["10.6.7.100"],
    pathMtu: 1400,
    delay: "20ms",
    jitter: "5ms",
    loss: "1%",
    rate: "1Mbit",
    seed: 7,
    udpPorts: [7],
    changes: [{ at: "1s", hosts: ["10.6.7.9"], up: true }],
  });
  const alone = await serveScenario(scenario);
  assertEquals([alone.code, alone.stderr.text], [0, ""]);
  const [ready] = alone.stdout.objects;
  assertEquals([ready.echo, ready.network], [["icmp", "udp:7"], {
    hosts: ["10.6.7.8"],
    unreachable: true,
    refuse: false,
    hops: 3,
    routers: ["10.6.7.100", "10.6.7.254", "10.6.7.253"],
    pathMtu: 1400,
    delayMs: 20,
    jitterMs: 5,
    loss: 0.01,
    duplicate: 0,
    reorder: 0,
    rateBitsPerSecond: 1_000_000,
    seed: 7,
    changes: 1,
    ping: null,
  }]);
  const both = await serveScenario(
    scenario,
    ...["--hosts", "10.6.7.9-10.6.7.10", "--hops", "1", "--delay", "1s", "--loss", "2%", "--echo", "udp"],
  );
  const [{ echo, network }] = both.stdout.objects;
  assertEquals(
    [echo, network.hosts, network.hops, network.delayMs, network.jitterMs, network.loss, network.pathMtu],
    [["udp"], ["10.6.7.9-10.6.7.10"], 1, 1000, 0, 0.02, 1400],
  );
});

Deno.test("serve --scenario reads UTF-8 and UTF-16 with a byte order mark, as PowerShell writes them", async () => {
  const text = '\ufeff{ "hops": 2 }';
  const utf16 = new Uint8Array(Uint16Array.from(text, (unit) => unit.charCodeAt(0)).buffer);
  for (const content of [text, utf16]) {
    const { code, stdout } = await serveScenario(content);
    assertEquals([code, stdout.objects[0].network.hops], [0, 2]);
  }
});

for (
  const [name, content, message] of [
    ["no JSON", "hops: 2", "is not valid JSON"],
    ["no text", Uint8Array.of(0xc0, 0x80), "is not text in UTF-8"],
    ["too large", `{ "hops": 2 }${" ".repeat(1024 * 1024)}`, "is larger than 1048576 bytes"],
    ["a fault in it", '{ "hops": -2 }', "hops -2: must be a whole number from 0 to 63"],
    ["a host outside", '{ "hosts": ["10.6.8.1"] }', "hosts[0] 10.6.8.1: is in no network of the adapter"],
    ["a router outside", '{ "hops": 1, "routers": ["10.6.8.1"] }', "routers[0] 10.6.8.1: is in no network"],
    [
      "a change outside",
      '{ "changes": [{ "at": "1s", "hosts": ["10.6.8.1"], "up": false }] }',
      "changes[0].hosts[0] 10.6.8.1: is in no network of the adapter",
    ],
  ] as const
) {
  Deno.test(`serve --scenario with ${name} is a usage error that names the file`, async () => {
    const { code, stdout, stderr } = await serveScenario(content);
    assertEquals([code, stdout.text], [2, ""]);
    const [{ error }] = stderr.objects;
    assert(error.message.includes(`lab.json": ${message}`), error.message);
  });
}

Deno.test("serve --scenario with a file that is not there fails, and changes nothing", async () => {
  const { code, environment } = await serve(
    "demo --simulate --address 10.6.7.7/24 --scenario /nowhere/lab.json --json",
  );
  assertEquals([code, environment.stdout.text], [1, ""]);
  assertEquals(environment.stderr.objects[0].error.operation, 'Cannot read the scenario "/nowhere/lab.json"');
  assertEquals(environment.simulatedHost, undefined);
});
