import { scenarioLines } from "./scenario_lines.ts";
import type { Topic } from "./topic.ts";

/** The scenario that the page shows. */
export const SCENARIO_EXAMPLE = {
  hosts: [
    "10.77.0.10-10.77.0.20",
    { address: "10.77.0.12", delay: "80ms", hops: 4 },
    { address: "10.77.0.13", up: false },
  ],
  unreachable: true,
  hops: 2,
  delay: "20ms",
  loss: "0.5%",
  changes: [
    { at: "10s", hosts: ["10.77.0.13"], up: true },
    { at: "30s", hosts: ["10.77.0.12"], up: false },
    { at: "60s", delay: "200ms", rate: "1Mbit" },
    { at: "90s", delay: "20ms", rate: null },
  ],
} as const;

export const scenario: Topic = {
  name: "scenario",
  summary: "The file of serve --scenario: hosts, links, changes",
  sections: [
    {
      body: [
        "wintun serve NAME --scenario FILE reads a network from a JSON file. The file is checked before anything is changed, and " +
        "a message says where a fault is. The file may have 1 MiB, 1000 elements in hosts, 1000 in changes, and 10,000 ranges in " +
        "all changes together.",
        { code: scenarioLines(SCENARIO_EXAMPLE) },
        "Eleven hosts answer after 20 ms, behind two routers. 10.77.0.12 is farther away, and dies at second 30. 10.77.0.13 " +
        "is there from second 10 on. From second 60 to second 90 the link is slow.",
      ],
    },
    {
      title: "Properties of the network",
      body: [
        {
          table: [
            [
              "hosts",
              "Who answers: ranges as in --hosts, and objects with an address and what is different there. Absent: all addresses.",
            ],
            ["unreachable", "true is --unreachable."],
            ["refuse", "true is --refuse."],
            ["udpPorts", 'The ports of --echo udp:7,5000-5010: [7, "5000-5010"].'],
            ["hops", "As --hops."],
            ["routers", "The addresses of --router, as a list."],
            ["pathMtu", "As --path-mtu."],
            [
              "delay",
              "As --delay. jitter, loss, duplicate, reorder and rate are texts as in the options, too.",
            ],
            ["seed", "As --seed."],
            ["changes", "What becomes different, as a list of objects. Each has a time."],
          ],
        },
        "An option takes the place of the same property of the file. --delay, --jitter and --reorder belong together: if one of " +
        "them is given, the file's three do not count. What the file says of single hosts, and its changes, stay.",
      ],
    },
    {
      title: "Properties of an object in hosts or changes",
      body: [
        {
          table: [
            ["address", "In hosts: the host, or a range of hosts. Required."],
            ["at", 'In changes: the time since the serving began, such as "30s". Required.'],
            ["hosts", "In changes: a list of ranges. Absent: the change concerns all."],
            ["up", "Whether the host is there: true or false."],
            ["hops", "As above. These hosts are that far away."],
            ["pathMtu", "As above. null is no limit."],
            [
              "delay",
              "As above. It brings its own jitter and reorder, which are none unless they are given with it.",
            ],
            ["loss", "As above, and so are duplicate and rate. A rate of null is no limit."],
          ],
        },
        "If several objects set the same property of a host, the one with the latest time counts; of those with the same time, the " +
        "last in the file. Objects in hosts come before all changes.",
      ],
    },
    {
      title: "In an editor",
      body: [
        "wintun help json scenario prints a JSON schema of the file. Editors check a file by it; a file may name one in " +
        '"$schema".',
      ],
    },
  ],
};
