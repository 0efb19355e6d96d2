/** A network behind the adapter, as the tools for routes see it. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestFolder } from "../test_folder.ts";
import { countPackets, INBOUND, OUTBOUND } from "./capture_tools.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { serve } from "./served.ts";

const DUAL_STACK = ["--address", "10.6.7.7/24", "--address", "fd06:7::7/64", "--mtu", "1500"];
const ROUTERS = {
  4: ["10.6.7.254", "10.6.7.253", "10.6.7.252"],
  6: ["ff7f", "ff7e", "ff7d"].map((end) => `fd06:7::ffff:ffff:ffff:${end}`),
};
const HOST = { 4: "10.6.7.9", 6: "fd06:7::9" };

/** Checksums that tshark verifies. A quoted packet has no whole message. */
const WRONG = "ip.checksum.status == 0 || icmp.checksum.status == 0 || icmpv6.checksum.status == 0 || " +
  "tcp.checksum.status == 0 || udp.checksum.status == 0";

/** Runs a tool, whatever its exit code is, and returns what it says. */
async function say(namespace: NetworkNamespace, program: string, ...args: string[]): Promise<string> {
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const { stdout, stderr } = await namespace.command(program, args, options).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** Reads the lines of traceroute: the address and the time of each hop. */
function hopsOf(output: string): { readonly address: string; readonly ms: number }[] {
  return [...output.matchAll(/^ *\d+ +(\S+) +([\d.]+) ms/gm)].map(([, address, ms]) => ({
    address,
    ms: Number(ms),
  }));
}

for (const family of [4, 6] as const) {
  const host = HOST[family];

  Deno.test(`traceroute by ICMP and by UDP shows three routers and the host, each further away, over IPv${family}`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using folder = new TestFolder();
    const pcap = `${folder.path}/route.pcapng`;
    const network = ["--hops", "3", "--delay", "80ms", "--refuse", "--echo", "icmp", "--pcap", pcap];
    await using served = await serve(namespace, "lab", ...DUAL_STACK, ...network);
    for (const method of ["-I", "-U"]) {
      const output = await namespace.run(
        "traceroute",
        `-${family}`,
        "-n",
        method,
        "-q",
        "1",
        "-N",
        "1",
        "-w",
        "5",
        host,
      );
      const hops = hopsOf(output);
      assertEquals(hops.map(({ address }) => address), [...ROUTERS[family], host], output);
      // A quarter of the delay for each link; a busy machine adds to it.
      for (const [index, { ms }] of hops.entries()) assert(ms >= 20 * (index + 1) - 0.5, output);
    }
    const { code, stopped } = await served.stop();
    assertEquals([code, stopped?.network.timeExceeded >= 6], [0, true]);
    assertEquals(await countPackets(pcap, WRONG), 0);
    assertEquals(await countPackets(pcap, `${OUTBOUND} && _ws.malformed`), 0);
    const exceeded = family === 4
      ? "icmp.type == 11 && icmp.code == 0"
      : "icmpv6.type == 3 && icmpv6.code == 0";
    const refused = family === 4
      ? "icmp.type == 3 && icmp.code == 3"
      : "icmpv6.type == 1 && icmpv6.code == 4";
    assertEquals(
      await countPackets(pcap, `${OUTBOUND} && ${exceeded}`),
      stopped?.network.timeExceeded,
    );
    assert(await countPackets(pcap, `${OUTBOUND} && ${refused}`) > 0);
  });

  Deno.test(`tracepath finds the path MTU over IPv${family}`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using folder = new TestFolder();
    const pcap = `${folder.path}/mtu.pcapng`;
    const network = ["--hops", "2", "--path-mtu", "1400", "--refuse", "--echo", "icmp", "--pcap", pcap];
    await using served = await serve(namespace, "lab", ...DUAL_STACK, ...network);
    const output = await namespace.run("tracepath", `-${family}`, "-n", host);
    assertMatch(output, /Resume: pmtu 1400 hops 3 back 3/);
    await served.stop();
    assertEquals(await countPackets(pcap, WRONG), 0);
    const tooBig = family === 4
      ? "icmp.type == 3 && icmp.code == 4 && icmp.mtu == 1400"
      : "icmpv6.type == 2 && icmpv6.mtu == 1400";
    assert(await countPackets(pcap, `${OUTBOUND} && ${tooBig}`) > 0);
  });

  Deno.test(`TCP is refused by hosts, and UDP by ports without echo, over IPv${family}`, async () => {
    await using namespace = await NetworkNamespace.create();
    await using folder = new TestFolder();
    const pcap = `${folder.path}/refused.pcapng`;
    const network = ["--hops", "1", "--refuse", "--echo", "icmp,udp:7", "--pcap", pcap];
    await using served = await serve(namespace, "lab", ...DUAL_STACK, ...network);
    assertStringIncludes(
      await say(namespace, "nc", `-${family}`, "-v", "-w", "5", host, "80"),
      "Connection refused",
    );
    const send = (port: number): Promise<string> =>
      say(namespace, "sh", "-c", `echo hello | timeout 20 nc -${family} -u -v -w 3 ${host} ${port}`);
    assertStringIncludes(await send(7), "hello");
    assert(!(await send(9)).includes("hello"));
    const { stopped } = await served.stop();
    assertEquals(stopped?.network.tcpReset, 1);
    assert(stopped?.network.portUnreachable > 0);
    assertEquals(await countPackets(pcap, WRONG), 0);
    assertEquals(
      await countPackets(pcap, `${OUTBOUND} && tcp.flags.reset == 1 && tcp.flags.ack == 1 && tcp.ack == 1`),
      1,
    );
  });
}

Deno.test("a large ping that may be fragmented is answered in fragments of the path MTU", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const pcap = `${folder.path}/fragments.pcapng`;
  await using served = await serve(namespace, "lab", ...DUAL_STACK, "--path-mtu", "1000", "--pcap", pcap);
  const output = await namespace.run(
    "ping",
    "-n",
    "-q",
    "-c",
    "3",
    "-i",
    "0.1",
    "-W",
    "5",
    "-M",
    "dont",
    "-s",
    "3000",
    "10.6.7.9",
  );
  assertStringIncludes(output, "3 received");
  await served.stop();
  assertEquals(await countPackets(pcap, `${OUTBOUND} && ip.len > 1000`), 0);
  // Three fragments of the request have 1480, 1480 and 68 bytes of data, and become two, two and one.
  assertEquals(await countPackets(pcap, `${OUTBOUND} && ip`), 15);
  assertEquals(await countPackets(pcap, WRONG), 0);
});

Deno.test("mtr sees the routers, their loss and that of the host", async () => {
  await using namespace = await NetworkNamespace.create();
  await using _served = await serve(namespace, "lab", ...DUAL_STACK, "--hops", "2", "--delay", "9ms");
  const output = await namespace.run("mtr", "-n", "-r", "-c", "10", "-i", "0.1", "-G", "5", "10.6.7.9");
  const rows = [...output.matchAll(/^ *\d+\.\|-- (\S+) +([\d.]+)% +(\d+) +\S+ +\S+ +([\d.]+)/gm)];
  assertEquals(rows.map(([, address, loss]) => [address, Number(loss)]), [
    ["10.6.7.254", 0],
    ["10.6.7.253", 0],
    ["10.6.7.9", 0],
  ], output);
  for (const [index, [, , , , best]] of rows.entries()) assert(Number(best) >= 3 * (index + 1) - 0.1, output);
});

Deno.test("only the hosts answer; of others the last router says that they are unreachable", async () => {
  await using namespace = await NetworkNamespace.create();
  await using folder = new TestFolder();
  const pcap = `${folder.path}/hosts.pcapng`;
  const hosts = ["--hosts", "10.6.7.10-10.6.7.12", "--hosts", "fd06:7::10", "--hops", "2", "--unreachable"];
  await using served = await serve(namespace, "lab", ...DUAL_STACK, ...hosts, "--pcap", pcap);
  const ping = (target: string): Promise<string> =>
    say(namespace, "ping", "-n", "-c", "1", "-W", "5", target);
  for (const target of ["10.6.7.10", "10.6.7.12", "fd06:7::10", ROUTERS[4][0], ROUTERS[6][1]]) {
    assertStringIncludes(await ping(target), "1 received");
  }
  assertStringIncludes(
    await ping("10.6.7.13"),
    `From ${ROUTERS[4][1]} icmp_seq=1 Destination Host Unreachable`,
  );
  assertStringIncludes(
    await ping("fd06:7::11"),
    `From ${ROUTERS[6][1]} icmp_seq=1 Destination unreachable: Address unreachable`,
  );
  const refused = await say(namespace, "nc", "-v", "-w", "5", "10.6.7.13", "80");
  assertStringIncludes(refused, "No route to host");
  const { stopped } = await served.stop();
  assertEquals(stopped?.network.hostUnreachable, stopped?.network.noHost);
  assertEquals(await countPackets(pcap, WRONG), 0);
  assertEquals(await countPackets(pcap, `${INBOUND} && frame.comment`), 0);
});
