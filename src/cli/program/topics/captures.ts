import type { Topic } from "./topic.ts";

export const captures: Topic = {
  name: "captures",
  summary: "Capture with serve --pcap: content, several files, Wireshark",
  sections: [
    {
      body: [
        "wintun serve NAME --pcap FILE writes every packet that arrives and every reply to a pcapng file, which Wireshark " +
        "and tshark open. Nothing has to be installed for it.",
        "Npcap 1.50 and later captures Wintun adapters too, with the same packets. serve also knows the outcome of each packet: " +
        "--log-packets and the counters show which packets were answered and why others were not. Its capture has the number of " +
        "packets that are missing in it.",
      ],
    },
    {
      title: "What a capture holds",
      body: [
        {
          table: [
            [
              "Packets",
              "IP packets of both directions, each marked as inbound or outbound. --snaplen cuts them.",
            ],
            ["Times", "UTC in nanoseconds, in steps of 100."],
            [
              "Interface",
              "The name and type of the adapter, the operating system and this program's version.",
            ],
            [
              "Gaps",
              "The packet after a gap has a comment and the number of packets that are missing before it.",
            ],
            [
              "Comments",
              "With the options of a network: what was delayed, for how long, what was lost or sent twice on purpose.",
            ],
            ["Statistics", "At the end: how many packets were captured and how many were missed."],
          ],
        },
      ],
    },
    {
      title: "Why a packet was not answered",
      body: [
        "With --log-packets each line ends with the verdict, unless the packet was answered. The totals count them:",
        {
          table: [
            ["reply", "The packet was answered."],
            [
              "ignored",
              "It is no request that echo answers, or one that must not be answered. wintun help serve lists both.",
            ],
            ["malformed", "It is no well-formed IP packet: a length or a checksum is wrong."],
            [
              "held",
              "It is a fragment that came before the first one of its datagram. Its reply follows that of the first one; if " +
              "the first one is not answered or does not come, it is counted as ignored.",
            ],
            [
              "dropped",
              "The reply was ready, but the send ring was full, or too many packets waited in the network.",
            ],
            ["lost", "The network lost the reply on purpose (--loss)."],
          ],
        },
      ],
    },
    {
      title: "What is missing, and how you know",
      body: [
        "A capture does not slow the echo down: it never waits for the disk. Packets that come faster than the file can be " +
        'written are left out and counted: in the summary, in a warning, in "missed" with --json, and in the file itself.',
        "The log of --log-packets leaves out lines in the same way, if packets come faster than lines can be written or read. " +
        'Writing a line takes longer than capturing the packet. "missed" of "packetLog" counts these packets. Log and capture do ' +
        "not wait for each other: a slow log costs the capture no packet, and a slow disk costs the log no line.",
      ],
    },
    {
      title: "Several files",
      body: [
        "--pcap-size starts a new file before the present one exceeds a size, --pcap-seconds after a time. The files are " +
        "numbered and dated: lab.pcapng becomes lab_00001_20260102030405.pcapng. --pcap-files N keeps the newest N of " +
        "this run and removes older ones; files of earlier runs stay. The summary has the number of files that are kept.",
        { code: ["wintun serve lab --pcap lab.pcapng --pcap-size 100MiB --pcap-files 10"] },
        "A file of an earlier run with the same name is overwritten. A file into which another serve is writing is refused.",
      ],
    },
    {
      title: "Live in Wireshark",
      body: [
        "With --pcap - the capture goes to stdout, and all other output to stderr. In cmd, or PowerShell 7.4 and later:",
        { code: ["wintun serve lab --pcap - | wireshark -k -i -"] },
        "Older versions of PowerShell change the bytes in a pipe. Use cmd there:",
        { code: ['cmd /c "wintun serve lab --pcap - | wireshark -k -i -"'] },
      ],
    },
    {
      title: "When a capture fails",
      body: [
        "If the file cannot be opened, serve ends with exit code 1 and serves nothing.",
        "If a file cannot be written later, for example because the disk is full, the capture ends with its last whole " +
        "packet, a warning gives the reason, and the echo goes on. The exit code is 1 at the end.",
        "If the reader of --pcap - closes it, the capture ends and the echo goes on. That is no failure.",
        "A disk or a reader that stalls does not prevent the end of serve: when --duration or --count is over, or after " +
        "Ctrl-C, a file that accepts nothing for 2 seconds is given up, and the exit code is 1.",
      ],
    },
  ],
};
