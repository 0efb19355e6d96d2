import { assert, assertEquals, assertMatch } from "@std/assert";
import { EXAMPLE_COMMAND } from "../../src/cli/program/topics/example.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { pause } from "./load.ts";
import { serve, serveArguments } from "./served.ts";
import { readOutput } from "../validation.ts";

/* What example.c of Wintun does, point by point, for the command of `wintun help example`. */

const [, , ...ARGS] = EXAMPLE_COMMAND.split(" ");

Deno.test("The command of wintun help example does what Wintun's example program does", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serve(namespace, ...ARGS, "--verbose");
  const { adapter, created, driver, ringBytes } = await served.ready;
  const device = JSON.parse(await namespace.run("ip", "-json", "address", "show", "dev", "Demo"));
  await pause(3300);
  const { code, stderr } = await served.stop("SIGINT");

  // WintunCreateAdapter(L"Demo", L"Example", &ExampleGuid)
  assertEquals(
    [adapter.name, adapter.type, adapter.guid, created],
    ["Demo", "Example", "deadbabe-cafe-beef-0123-456789abcdef", true],
  );
  // WintunSetLogger
  const details = stderr.split("\n").filter((line) => line !== "").map((line) =>
    readOutput("serve", line).detail?.message
  );
  assert(details.some((message) => message?.startsWith("wintun.dll: ")), stderr);
  // WintunGetRunningDriverVersion
  assertEquals(driver, "0.14");
  // CreateUnicastIpAddressEntry with 10.6.7.7 and OnLinkPrefixLength 24
  const ofFamily4 = device[0].addr_info.filter(({ family }: { family: string }) => family === "inet");
  assertEquals(
    ofFamily4.map(({ local, prefixlen }: { local: string; prefixlen: number }) => [local, prefixlen]),
    [["10.6.7.7", 24]],
  );
  // WintunStartSession(Adapter, 0x400000)
  assertEquals(ringBytes, 0x400000);
  // The thread that receives writes each packet.
  const packets = served.events.filter(({ event }) => event === "packet");
  const received = packets.filter(({ direction }) => direction === "in");
  assert(received.length >= 3 && received.every(({ summary, length }) => summary !== "" && length > 0));
  // The thread that sends sends an ICMP packet to 10.6.7.7, from 10.6.7.8, each second.
  const sent = packets.filter(({ verdict }) => verdict === "request");
  assert(sent.length >= 4, `${sent.length} requests`);
  for (const { summary } of sent) assertMatch(summary, /^10\.6\.7\.8 > 10\.6\.7\.7 ICMP echo request /);
  const intervalMs = (Date.parse(sent.at(-1)!.time) - Date.parse(sent[0].time)) / (sent.length - 1);
  assert(Math.abs(intervalMs - 1000) < 250, `${intervalMs} ms`);
  // Ctrl-C ends it: WintunEndSession, WintunCloseAdapter.
  assertEquals([code, served.events.at(-1)?.reason], [0, "signal"]);
  assertEquals(await namespace.devices(), []);

  // What the example does not: the replies of the machine.
  const replies = served.events.filter(({ event }) => event === "ping");
  assert(replies.length >= 3, `${replies.length} replies`);
  assertEquals(
    replies.map(({ sequence, address }) => [sequence, address]),
    replies.map((_, index) => [index + 1, "10.6.7.7"]),
  );
});

Deno.test("The command of wintun help example shows people what it does", async () => {
  await using namespace = await NetworkNamespace.create();
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const child = namespace.command(Deno.execPath(), serveArguments(...ARGS, "--duration", "2.5"), options)
    .spawn();
  const { code, stdout, stderr } = await child.output();
  const [written, notes] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0);
  assertMatch(notes, /^Adapter Demo is up, created for this run: 10\.6\.7\.7\/24, MTU 65535\.$/m);
  assertMatch(notes, /^The driver is Wintun 0\.14\.$/m);
  assertMatch(notes, /^Pings 10\.6\.7\.7 from 10\.6\.7\.8 every 1s\.$/m);
  assertMatch(written, / out 10\.6\.7\.8 > 10\.6\.7\.7 ICMP echo request id \d+ seq 1 ttl 64 length 84$/m);
  assertMatch(written, / in {2}10\.6\.7\.7 > 10\.6\.7\.8 ICMP echo reply id \d+ seq 1 ttl 64 length 84$/m);
  assertMatch(written, /^84 bytes from 10\.6\.7\.7: seq 1 ttl 64 time [\d.]+ ms$/m);
  assertMatch(
    written,
    /^Pinged 10\.6\.7\.7 from 10\.6\.7\.8: \d sent, \d received, 0 lost \(0%\); min\/avg/m,
  );
});
