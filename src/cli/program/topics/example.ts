import type { Topic } from "./topic.ts";

/** The command that does what Wintun's example program does. */
export const EXAMPLE_COMMAND =
  "wintun serve Demo --type Example --guid deadbabe-cafe-beef-0123-456789abcdef --address 10.6.7.7/24 --log-packets --ping 10.6.7.7";

export const example: Topic = {
  name: "example",
  summary: "All that Wintun's example program does, as one command",
  sections: [
    {
      body: [
        "Wintun comes with an example program in C (example.c). This command does all that it does:",
        { code: [EXAMPLE_COMMAND] },
        {
          terms: [
            [
              "Adapter",
              "It creates an adapter with the name Demo, the type Example and that GUID, unless there is one. It removes " +
              "it at the end, if it has created it.",
            ],
            [
              "Logger",
              "It writes what wintun.dll logs: warnings and errors, and with --verbose all of it.",
            ],
            ["Driver version", "It writes the version of the driver when the adapter is up."],
            ["Address", "It sets 10.6.7.7/24 with the functions of the IP Helper, as the example does."],
            ["Session", "It opens a session with rings of 4 MiB. --ring takes another size."],
            ["Received packets", "--log-packets writes a line for each: addresses, protocol and length."],
            [
              "Sent packets",
              "--ping sends an ICMP echo request to 10.6.7.7 each second, from 10.6.7.8. The same thread sends that receives; " +
              "in release 0.14.1 two threads that send can damage a ring.",
            ],
            ["End", "Ctrl-C ends the session, removes the adapter, and the exit code is 0."],
          ],
        },
      ],
    },
    {
      title: "What it does besides",
      body: [
        "It answers: ping 10.6.7.9 works. --echo none turns that off. It shows the replies of Windows to its own pings, and " +
        "their round-trip times; if Windows Firewall drops the pings, it says so. It counts all packets.",
      ],
    },
  ],
};
