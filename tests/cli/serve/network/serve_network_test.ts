import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { NETWORK_STORIES } from "../../../../src/cli/program/topics/network_stories.ts";
import { main } from "../../validated_main.ts";
import { TestFolder } from "../../../test_folder.ts";
import { wordsOf } from "../../../words_of.ts";
import { FakeEnvironment } from "../../fake_environment.ts";
import { serve } from "../runs.ts";

const HOSTS = "--hosts 10.6.7.8-10.6.7.9";

Deno.test("serve --ping writes a line for each reply, and the sums at the end", async () => {
  const { code, environment } = await serve(
    "demo --simulate --address 10.6.7.7/24 --ping 10.6.7.7 --ping-interval 0.01 --duration 1.5",
  );
  assertEquals(code, 0);
  const replies = environment.stdout.lines.filter((line) => line.startsWith("84 bytes from"));
  assert(replies.length >= 3, environment.stdout.text);
  for (const [index, line] of replies.entries()) {
    assertMatch(
      line,
      new RegExp(`^84 bytes from 10\\.6\\.7\\.7: seq ${index + 1} ttl 128 time \\d+\\.\\d{3} ms$`),
    );
  }
  assertMatch(
    environment.stdout.lines.at(-1)!,
    /^Pinged 10\.6\.7\.7 from 10\.6\.7\.8: \d+ sent, \d+ received, 0 lost \(0%\); min\/avg\/max\/mdev [\d.]+\/[\d.]+\/[\d.]+\/[\d.]+ ms\.$/,
  );
  assertStringIncludes(environment.stderr.text, "Pings 10.6.7.7 from 10.6.7.8 every 10ms.\n");
  assert(!environment.stderr.text.includes("Firewall"));
});

Deno.test("serve --ping --json writes an event for each reply, and sums that add up", async () => {
  const { environment } = await serve(
    "demo --simulate --address fd00::7/64 --ping fd00::7 --ping-interval 0.01 --duration 1.5 --json",
  );
  const events = environment.stdout.objects.filter(({ event }) => event === "ping");
  assertEquals(events.map(({ sequence }) => sequence), events.map((_, index) => index + 1));
  for (const { address, bytes, ttl, ms, duplicate } of events) {
    assertEquals([address, bytes, ttl, duplicate], ["fd00::7", 104, 128, false]);
    assert(ms > 0 && ms < 10_000);
  }
  const { ping } = environment.stdout.objects.at(-1);
  assertEquals([ping.address, ping.source], ["fd00::7", "fd00::8"]);
  assert(events.length >= 3 && ping.received >= events.length && ping.sent - ping.received - ping.lost <= 1);
  assert(ping.minMs <= ping.averageMs && ping.averageMs <= ping.maxMs && ping.mdevMs <= ping.maxMs);
});

for (
  const [family, address, rule] of [
    ["IPv4", "10.6.7.7", "-Protocol ICMPv4 -IcmpType 8 -RemoteAddress 10.6.7.8"],
    ["IPv6", "fd00::7", "-Protocol ICMPv6 -IcmpType 128 -RemoteAddress fd00::8"],
  ]
) {
  Deno.test(`serve --ping warns once if nothing answers, and names a rule for Windows Firewall (${family})`, async () => {
    // All that the network sends is lost, so nothing answers.
    const { code, environment } = await serve(
      `demo --simulate --address 10.6.7.7/24 --address fd00::7/64 --loss 100% --ping ${address} --duration 0.6`,
    );
    assertEquals(code, 0);
    const warnings = environment.stderr.lines.filter((line) => line.startsWith("warning:"));
    assertEquals(warnings, [
      `warning: Nothing has answered the pings to ${address}. Windows Firewall drops them unless a rule allows them. In ` +
      'PowerShell: New-NetFirewallRule -DisplayName "wintun ping" -Direction Inbound -Action Allow ' + rule,
    ]);
  });
}

Deno.test("serve counts what each address got, was answered and lost, in stats and at the end", async () => {
  const { code, environment } = await serve(
    `demo --simulate --address 10.6.7.7/24 ${HOSTS} --unreachable --duration 0.5 --stats 0.2 --json`,
  );
  assertEquals([code, environment.stderr.text], [0, ""]);
  const stats = environment.stdout.objects.find(({ event }) => event === "stats");
  assert(stats.hosts.length === 3 && stats.network.hostUnreachable > 0, JSON.stringify(stats));
  const { hosts, network, received } = environment.stdout.objects.at(-1);
  assertEquals(hosts.map(({ address }: { address: string }) => address).sort(), [
    "10.6.7.10",
    "10.6.7.8",
    "10.6.7.9",
  ]);
  let packets = 0;
  for (const host of hosts) {
    assertEquals(host.bytes, 60 * host.packets);
    assertEquals([host.answered, host.lost], [host.address === "10.6.7.10" ? 0 : host.packets, 0]);
    packets += host.packets;
  }
  assertEquals([packets, network.noHost, network.hostUnreachable], [
    received,
    network.noHost,
    network.noHost,
  ]);
});

Deno.test("serve --loss 100% answers nothing, and says what became of each packet", async () => {
  const { environment } = await serve(
    "demo --simulate --address 10.6.7.7/24 --loss 100% --duration 0.6 --log-packets",
  );
  const { lines } = environment.stdout;
  const packets = lines.filter((line) => line.includes("ICMP echo request"));
  assert(packets.length >= 3 && packets.every((line) => line.endsWith("[lost]")), lines.join("\n"));
  assertStringIncludes(environment.stdout.text, `\nNetwork: ${packets.length} lost.\n`);
  assertMatch(lines.at(-1)!, /^ {2}10\.6\.7\.\d+: \d+ packets? \(60 B\), 0 answered, 1 lost$|more addresses/);
  assertStringIncludes(environment.stderr.text, "Link: loss 100%.\n");
});

Deno.test("serve tells a newcomer what network it plays, and the simulated machine checks the replies", async () => {
  const { environment } = await serve(
    `demo --simulate --address 10.6.7.7/24 ${HOSTS} --unreachable --refuse --hops 2 --path-mtu 1400 --delay 4ms --jitter 1ms --duplicate 50% ` +
      "--rate 10Mbit --echo icmp,udp:7 --duration 0.5",
  );
  const notes = environment.stderr.text;
  for (
    const sentence of [
      "Answers ICMP and UDP echo, UDP on port 7 only. Ends after 0.5 s or with Ctrl-C.",
      "Hosts: 10.6.7.8-10.6.7.9; a router reports all others as unreachable.",
      "Routers on the way: 2 (10.6.7.254, 10.6.7.253).",
      "Link: delay 4ms ± 1ms, duplicate 50%, rate 10Mbit, path MTU 1400.",
      "TCP is refused, and so is UDP to ports without echo.",
      "Nothing here is real: a simulated machine pings the hosts and their neighbors, one a second.",
    ]
  ) assertStringIncludes(notes, `${sentence}\n`);
  assertMatch(notes, /\d+ pings were answered, \d+ got an ICMP error in place of a reply, and every byte/);
});

Deno.test("serve names the routers of each family, and says that there is no host", async () => {
  await using folder = new TestFolder();
  const file = `${folder.path}/nobody.json`;
  await Deno.writeTextFile(file, '{ "hosts": [], "hops": 1 }');
  const environment = new FakeEnvironment();
  const subnets = ["--address", "10.77.0.1/24", "--address", "fd77::1/64"];
  await main(
    [
      "serve",
      "demo",
      "--simulate",
      ...subnets,
      "--scenario",
      file,
      "--duration",
      "0.01",
    ],
    environment,
  );
  assertStringIncludes(
    environment.stderr.text,
    "Hosts: none; all others are silent.\nRouters on the way: 1 (10.77.0.254; fd77::ffff:ffff:ffff:ff7f).\n",
  );
});

Deno.test("serve warns of a default route only if every UDP datagram comes back", async () => {
  const warningsOf = async (options: string): Promise<number> => {
    const { environment } = await serve(
      `demo --simulate --address 10.6.7.7/24 --route 0.0.0.0/0 --duration 0.01 ${options}`,
    );
    return environment.stderr.lines.filter((line) => line.startsWith("warning:")).length;
  };
  assertEquals(await warningsOf("--delay 1ms"), 1);
  for (const options of ["--echo icmp", "--echo udp:7", HOSTS]) assertEquals(await warningsOf(options), 0);
});

Deno.test("serve without the options of a network says nothing of one", async () => {
  const { environment } = await serve("demo --simulate --address 10.6.7.7/24 --count 1 --hops 0 --json");
  for (const event of environment.stdout.objects) {
    assertEquals([event.network, event.hosts], [undefined, undefined]);
  }
});

for (const { title, command, file } of NETWORK_STORIES) {
  Deno.test(`The story of wintun help network works on a simulated machine: ${title}`, async () => {
    await using folder = new TestFolder();
    if (file !== undefined) {
      await Deno.writeTextFile(`${folder.path}/${file.name}`, JSON.stringify(file.scenario));
    }
    const args = wordsOf(command).slice(1).map((word) =>
      word === file?.name ? `${folder.path}/${word}` : word
    );
    const environment = new FakeEnvironment();
    const code = await main([...args, "--simulate", "--duration", "1", "--json"], environment);
    assertEquals([code, environment.stderr.text], [0, ""]);
    const { hosts, replied } = environment.stdout.objects.at(-1);
    assert(hosts.length >= 3 && replied > 0, environment.stdout.text);
  });
}
