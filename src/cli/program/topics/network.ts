import type { Block, Section } from "../layout.ts";
import { NETWORK_STORIES, type NetworkStory } from "./network_stories.ts";
import { scenarioLines } from "./scenario_lines.ts";
import type { Topic } from "./topic.ts";

export const network: Topic = {
  name: "network",
  summary: "A whole network behind one adapter: five examples for serve",
  sections: [
    {
      body: [
        "wintun serve NAME answers for every address, at once. With some options it plays a network instead: some hosts only, " +
        "routers on the way, a delay, losses, a small MTU, and changes over time.",
      ],
    },
    {
      title: "How it is built",
      body: [
        { code: ["this machine - router 1 - router 2 - ... - router N - hosts"] },
        "What the network sends (replies, ICMP errors, its own pings) passes the link on the way back; what it receives " +
        "arrives at once. So --delay is a round-trip time. The routers answer pings too. The nearer a router is, the smaller is its " +
        "part of delay, jitter and loss.",
        "Loss, duplicates, reordering, jitter and rate work as Linux netem does it (tc-netem): jitter lets packets overtake " +
        "each other, unless there is a rate. Packets that wait " +
        "are kept in 32 MiB of memory; those that find no room there are dropped and counted. Times are accurate to about a " +
        "millisecond.",
        "Packets are counted for each address. --stats and the summary at the end show the busiest addresses. A capture (--pcap) " +
        "says in a comment what was delayed, lost or sent twice on purpose.",
      ],
    },
    ...NETWORK_STORIES.map(storySection),
    {
      title: "Pings of the network itself",
      body: [
        "With --ping the network pings this machine, and a line shows each reply and its round-trip time. The delay and the " +
        "losses of the network apply. At the end are the sums: sent, received, lost, and min/avg/max/mdev.",
        { code: ["wintun serve lab --address 10.77.0.1/24 --ping 10.77.0.1 --ping-interval 0.2"] },
        "Windows Firewall drops echo requests unless a rule allows them. If nothing answers, serve says how to make one.",
      ],
    },
    {
      title: "More",
      body: [
        "wintun help scenario explains the file of --scenario. wintun help serve has the ranges and defaults of all options. " +
        "With --simulate everything works on any system.",
      ],
    },
  ],
};

function storySection({ title, text, command, file, tries }: NetworkStory): Section {
  const blocks: Block[] = [text, { code: [command] }];
  if (file !== undefined) blocks.push(`${file.name} is:`, { code: scenarioLines(file.scenario) });
  return { title, body: [...blocks, { terms: tries }] };
}
