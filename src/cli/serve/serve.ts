import { RUSH_PACKETS } from "../../echo/responder/checksum.ts";
import { OTHERS_NEED_FORCE } from "../adapters/settings.ts";
import { NAME_FORMS } from "../arguments/operands.ts";
import { type Command, defineCommand } from "../command.ts";
import { adapterNames } from "../host.ts";
import { InterruptedError, unlessInterrupted, untilConsoleEnds } from "../process/interrupts.ts";
import { readScenarioFile } from "./network/scenario_file.ts";
import { SERVE_OPTION_GROUPS, SERVE_OPTIONS } from "./options.ts";
import { readPlan } from "./plan.ts";
import { runServe } from "./run.ts";

export const serve: Command = defineCommand({
  name: "serve",
  summary: "Answer ping and UDP echo for a whole subnet",
  usage: "NAME [options]",
  description: [
    "Opens a packet session on the Wintun adapter NAME and answers ping (ICMP and ICMPv6 echo) and UDP, for every " +
    "address of the adapter's subnets. No hosts are needed behind it. With the options of a network it plays hosts that are " +
    "not all there, far away, slow or lossy: wintun help network has five examples.",
    "If there is no adapter NAME and --address is given, the command makes the adapter, and removes it at the end, " +
    "whatever the end is. An adapter that exists stays. It keeps the settings that this command gave it, and the output " +
    `lists what changed. ${OTHERS_NEED_FORCE}`,
    `${NAME_FORMS} Only a name makes an adapter.`,
    "Runs until Ctrl-C, wintun stop, --count or --duration. If the console is closed, the user logs off or Windows shuts " +
    "down, it ends as with Ctrl-C. A second Ctrl-C ends it without cleaning up.",
  ],
  options: SERVE_OPTIONS,
  optionGroups: SERVE_OPTION_GROUPS,
  operandChoices: adapterNames,
  examples: [
    {
      command: "wintun serve demo --simulate --address 10.6.7.7/24 --count 4 --log-packets",
      does: "See it work on any system: four pings are answered",
    },
    {
      command: "wintun serve lab --address 10.6.7.7/24",
      does: "Answer pings from this machine to all other addresses of 10.6.7.0/24, until Ctrl-C",
    },
    {
      command: "wintun serve lab --address 10.6.7.7/24 --address fd00:6:7::7/64 --stats 10",
      does: "The same for IPv4 and IPv6, with totals every ten seconds",
    },
    {
      command: "wintun serve lab --address 10.6.7.7/24 --pcap - | wireshark -k -i -",
      does: "Watch packets and replies in Wireshark, without Npcap (in cmd, or PowerShell 7.4 and later)",
    },
    {
      command: "wintun serve lab --hosts 10.6.7.10-10.6.7.20 --unreachable --hops 3 --delay 20ms --loss 1%",
      does: "Play eleven hosts behind three routers and an imperfect link",
    },
    {
      command: "wintun serve lab --ping 10.6.7.7",
      does: "Also ping this machine once a second, from an address of the network",
    },
    {
      command: "wintun serve lab --pcap lab.pcapng --pcap-size 100MiB --pcap-files 10",
      does: "Capture, and keep the last gigabyte of this run",
    },
    {
      command: "wintun serve lab --echo none --log-packets --json",
      does: "Watch what Windows sends to an adapter, as one JSON object a line",
    },
  ],
  notes: [
    {
      title: "Output",
      text: [
        "Packets, replies to pings, statistics and the summary go to stdout. Everything else goes to stderr.",
        "With --json stdout has one event a line: ready, packet (with --log-packets), ping (with --ping), stats (with " +
        "--stats) and stopped. " +
        "wintun help json serve explains their fields, such as the reason of stopped.",
      ],
    },
    {
      title: "What is answered",
      text: [
        "ICMP and ICMPv6 echo requests, and UDP on every port: to all addresses that Windows routes to the adapter, also " +
        "to those outside its subnets that a --route leads there. IPv4 options and IPv6 extension headers are allowed; " +
        "Record Route and Timestamp get an entry of the address that was pinged. A reply has the TTL or hop limit 64.",
        "Fragments are answered in any order. One that comes before the first fragment of its datagram waits for it, at " +
        "most 60 seconds, in a memory of 512 KiB. A datagram with a hole is answered as far as it came.",
        "Never answered: packets from or to multicast, broadcast, loopback or unspecified addresses, or the first address of " +
        "a served subnet (the network in IPv4, its routers in IPv6; a subnet of two addresses has neither); ICMP errors; " +
        "packets with a source route; and UDP from the ports 7, 13, 17, 19 and 37, which may answer by themselves. TCP is " +
        "not answered, and no ICMP error is sent, unless --refuse, --unreachable, --hops or --path-mtu asks for it.",
        "A request with a wrong ICMP, ICMPv6 or UDP checksum is malformed and not answered. Checksums are not verified in " +
        `fragments, nor after ${RUSH_PACKETS} packets that came without a pause, until there is a pause: the echo would ` +
        "become slower. A wrong checksum is then wrong in the reply too.",
        "Two served networks that route to each other would answer each other's UDP without end: give one of them --echo " +
        "icmp.",
      ],
    },
    {
      title: "What is counted",
      text: [
        "received: packets that arrived. replied: those that were answered. ignored: those that echo does not answer. " +
        "malformed: those that are no well-formed IP packets or have a wrong checksum. dropped: replies that found the send " +
        "ring full. A fragment that waits for its first one is counted when it is answered, or as ignored when it is given " +
        "up.",
        "With the options of a network each address is counted, too: packets and bytes that were sent to it, answered, and " +
        "lost on purpose. Pings of the network itself, and duplicates that it makes, are not counted as replied.",
      ],
    },
    {
      title: "Captures",
      text: [
        "A capture does not slow the echo down. Packets that come faster than they can be written are left out, and " +
        "counted in the output and in the capture itself. wintun help captures explains more.",
        "With --pcap - stdout is the capture, and all other output goes to stderr, with --json too.",
        "If a file cannot be written to its end, for example because the disk is full, the capture ends and the serving " +
        "goes on; the exit code is 1. If the reader of --pcap - closes it, the capture ends too; that is no failure.",
      ],
    },
  ],
  exitCodes: [3, 4, 5, 6, 7, 8, 9, 10],
  endsItself: true,
  async run(context, { values, operands }): Promise<number> {
    const { scenario: path } = values;
    // Opening a named pipe blocks until somebody writes to it.
    const scenario = path === undefined ? undefined : await unlessInterrupted(
      context.interrupted,
      () => readScenarioFile(path),
      new InterruptedError("Interrupted before the scenario was read."),
    );
    const plan = readPlan(values, operands, scenario);
    return await untilConsoleEnds(
      context.environment,
      context.interrupted,
      (interrupted) => runServe({ ...context, interrupted }, plan),
    );
  },
});
