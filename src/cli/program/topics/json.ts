import type { Block, Section } from "../layout.ts";
import { JSON_EXAMPLES, type JsonExample } from "./json_examples.ts";
import type { Topic } from "./topic.ts";

export const json: Topic = {
  name: "json",
  summary: "What the commands write with --json",
  sections: [
    {
      body: [
        "With --json a command writes JSON for programs. Programs can rely on it: fields keep their names and meanings.",
      ],
    },
    {
      title: "Rules",
      body: [
        'A command that succeeds writes one object to stdout. serve writes one object a line, each with an "event".',
        'A command that fails writes one object with "error" to stderr. A delete that fails for some of its adapters ' +
        "writes both.",
        'Warnings are objects on stderr with "warning" in the place of "error". With --verbose there are also objects with ' +
        '"detail". A command that succeeds writes them too.',
        "The text is ASCII: all other characters are escaped, so the code page of a console does not matter.",
        '"schema" is 1. The number grows when a field changes its meaning or goes away. New fields may be added at any ' +
        "time, so ignore those that you do not know.",
        '64-bit numbers ("luid") are strings of decimal digits.',
      ],
    },
    {
      title: "Fields",
      body: [{
        table: [
          [
            "state",
            "up, down, starting, stopped, lost, orphaned, legacy or foreign; see wintun help adapters. list shows the last three only with --all or by name.",
          ],
          [
            "luid",
            "The interface's NET_LUID. It and ifIndex, mtu and metric are 0 if there is no network interface.",
          ],
          ["mtu", "Bytes."],
          ["createdAs", "The name at creation, or null if the adapter still has it."],
          [
            "ipv4, ipv6",
            "What Windows has for that IP version, or null if the interface does not have it. mtu and metric beside them are " +
            "those of IPv4.",
          ],
          [
            "connected, routes, dns, dnsSuffix, dnsSearch, dnsRegistration, traffic",
            "Null if there is no network interface. routes are those that somebody set: gateway is null if the network is on " +
            "the link, and Windows adds the interface metric to metric. dns and the other three are null if this Windows does not report them.",
          ],
          [
            "category",
            "Of the adapter's network: private, public or domain, or null while Windows has identified none, and if this Windows " +
            "does not report it. givenCategory is what --category has set, private or public: the category that the network gets " +
            "whenever Windows identifies it. It is null if that is left to Windows.",
          ],
          [
            "traffic",
            "Since the adapter exists: what Windows has received from it, and sent to it. Null with --simulate.",
          ],
          ["persistent", "Whether the adapter comes back when Windows starts."],
          ["service", "The name of the service that holds the adapter, or null."],
          [
            "exitCode",
            "Of an adapter that is stopped: the exit code with which its service ended, or null if it ended otherwise. In reason " +
            "is why, as text. Both are null in every other state.",
          ],
          [
            "owner",
            "The process that holds the adapter, or null if this program does not know it. role is keeper (made by " +
            "create) or command (made by serve). pid is null if the state is stopped.",
          ],
          [
            "session",
            "The process of this program that serves the adapter, or null. Another program may have a session open then: see " +
            "state.",
          ],
          ["changed", "Whether the command changed anything, or, with --dry-run, would change anything."],
          [
            "changes",
            "Of set, create --if-not-exists and ready: each setting of an adapter that was there and is changed, before and " +
            "after, as lists of texts. setting is the name of the option, and the texts are as it takes them.",
          ],
          [
            "requestedGuid",
            "The GUID that was asked for. Windows may give another one, which is in adapter.guid.",
          ],
          ["log", "The file of the keeper's log, or null."],
          [
            "operation",
            "Of an error: what was attempted. reason is why it failed, and hint is what to do. Each can be null.",
          ],
          [
            "win32",
            "The Windows error code that caused an error, or null. symbol is its name in winerror.h.",
          ],
          [
            "reason",
            "In the event stopped: count, duration, signal, stopped (by wintun stop), removed, corrupt, stdout-closed or error.",
          ],
          [
            "verdict",
            "Of a packet: reply, ignored, malformed, held, dropped or lost; see wintun help captures. request is a ping that the " +
            "network sends, and answer the reply to it.",
          ],
          ["driver", "In ready: the version of the driver, or null."],
          [
            "network",
            "In ready, with options of a network: the network as it is at the beginning. In stats and stopped: what it did on " +
            "purpose, and the errors that it sent.",
          ],
          [
            "hosts",
            "With options of a network: what was sent to each address, and became of it. In stats the ten busiest since the last " +
            "stats, in stopped the 4096 busiest. forgottenHosts counts those that had to make room.",
          ],
          [
            "ping",
            "In stats and stopped, with --ping: the sums. lost does not count the last request, whose reply may still come.",
          ],
          [
            "tapMissed",
            "Packets that are missing in the log or the capture, because they came too fast for it: the sum of both.",
          ],
          [
            "packetLog",
            "In stats and stopped, with --log-packets: how many packets have a line, and how many are missing.",
          ],
          ["restarts", "How often a corrupt ring was replaced by a new session."],
          ["seconds", "Since serving began. Rates are per second, since the last stats."],
        ],
      }],
    },
    ...JSON_EXAMPLES.map(exampleSection),
  ],
};

function exampleSection({ command, note, objects }: JsonExample): Section {
  const code: Block = { code: objects.map(exampleText) };
  return { title: command, body: note === undefined ? [code] : [note, code] };
}

/** Returns an object as text that can be broken after its commas. Only the example of `wintun list` has all fields of an adapter. */
function exampleText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(exampleText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) =>
    `"${name}":${name === "adapter" ? "{...}" : exampleText(member)}`
  );
  return `{${members.join(", ")}}`;
}
