import { type Command, defineCommand } from "../command.ts";
import { adapterNames } from "../host.ts";
import { SERVE_OPTIONS } from "./options.ts";
import { readPlan } from "./plan.ts";
import { runServe } from "./run.ts";

export const serve: Command = defineCommand({
  name: "serve",
  summary: "Answer ping and UDP echo for a whole subnet",
  usage: "NAME [options]",
  description: [
    "Opens a packet session on the Wintun adapter NAME and answers what arrives: ICMP and ICMPv6 echo (ping) and UDP " +
    "echo, for every address of its subnets. There need be no hosts behind it.",
    "If there is no adapter NAME, it is created, and removed again at the end, whatever the end is. An adapter that " +
    "exists stays.",
    "Runs until Ctrl-C, --count or --duration. A second Ctrl-C ends it without cleaning up.",
  ],
  options: SERVE_OPTIONS,
  operandChoices: adapterNames,
  examples: [
    {
      command: "wintun serve demo --simulate --count 4 --log-packets",
      does: "See it work anywhere: four pings are answered",
    },
    {
      command: "wintun serve lab --address 10.6.7.7/24",
      does: "Make 10.6.7.1 to 10.6.7.254 answer ping from this machine, until Ctrl-C",
    },
    {
      command: "wintun serve lab --address 10.6.7.7/24 --address fd00:6:7::7/64 --stats 10",
      does: "The same for IPv4 and IPv6, with totals every ten seconds",
    },
    {
      command: "wintun serve lab --address 10.6.7.7/24 --pcap - | wireshark -k -i -",
      does:
        "Watch it in Wireshark, which cannot see the adapter by itself (in PowerShell before 7.4: through cmd /c)",
    },
    {
      command: "wintun serve lab --pcap lab.pcapng --pcap-size 100MiB --pcap-files 10",
      does: "Keep the last gigabyte of what happens in this run",
    },
    {
      command: "wintun serve lab --echo none --log-packets --json",
      does: "Watch what Windows sends into an adapter, as one JSON object a line",
    },
  ],
  notes: [
    {
      title: "Output",
      text: [
        "Packets, statistics and the summary go to stdout; everything else goes to stderr.",
        "With --json stdout has one event a line: ready, packet (with --log-packets), stats (with --stats), and stopped, " +
        "whose reason is count, duration, signal, removed, corrupt, stdout-closed or error.",
      ],
    },
    {
      title: "Captures",
      text: [
        "A capture is never in the way of echo: packets that come faster than they can be written are left out, and " +
        "counted in the output and in the capture itself.",
        "With --pcap - stdout is the capture, and all that would be there goes to stderr, with --json too.",
        "A file that cannot be written to its end, such as on a full disk, ends the capture but not the serving; the " +
        "exit code is 1 then. A reader that closes --pcap - also ends the capture; that is no failure.",
      ],
    },
  ],
  exitCodes: [3, 4, 5, 6, 7, 8, 9, 10],
  endsItself: true,
  async run(context, { values, operands }): Promise<number> {
    return await runServe(context, readPlan(values, operands));
  },
});
