import type { Topic } from "./topic.ts";

export const security: Topic = {
  name: "security",
  summary: "What needs an administrator, and what protects the machine",
  sections: [
    {
      title: "Where to put wintun.exe",
      body: [
        "Into a folder that only administrators can write to, such as C:\\Program Files\\wintun. The program runs " +
        "elevated: whoever can replace it, or a file beside it, gets an administrator's rights with the next run. wintun doctor " +
        "warns if anybody else can.",
      ],
    },
    {
      title: "Who may do what",
      body: [
        {
          table: [
            ["Everybody", "list, version, help, completions, and every command with --simulate."],
            [
              "Administrators",
              "create, set, delete, serve, stop and driver uninstall, in an elevated prompt. Without one they end with exit code 3.",
            ],
          ],
        },
        "doctor runs for everybody, but finds out more for an administrator.",
      ],
    },
    {
      title: "What is loaded",
      body: [
        "wintun.dll is loaded only after a check of its hash or signature; see wintun help dll. The DLLs of Windows are " +
        "opened by their full path in the system folder. Windows loads some before the program's first statement; the program " +
        "has Windows take these from the system folder only.",
        "wintun.exe has Deno's permissions to call DLLs, to read and write files, and to start itself as a keeper. It has " +
        "none for the network, and it loads no code and no settings from files or from the environment.",
      ],
    },
    {
      title: "What is written",
      body: [
        {
          table: [
            [
              "%ProgramData%\\wintun",
              "The copy of wintun.dll and the keepers' logs. Administrators own the folder, and nobody else has access. If it " +
              "is a link, or belongs to somebody else, it is refused. It is held open while it is used, and the program " +
              "never deletes it, so that nobody can put another in its place. Delete it yourself after the last use.",
            ],
            [
              "HKLM\\SOFTWARE\\wintun adapters",
              "Which process holds which adapter. Everybody can read it, and only administrators can write it. A restart " +
              "of Windows deletes it, but a shutdown with Fast Startup does not.",
            ],
            [
              "HKLM\\SOFTWARE\\wintun sessions",
              "Which process serves which adapter. It has the same rights, and a restart deletes it too.",
            ],
            ["Captures", "Files with the rights that their folder gives. They hold the packets' content."],
          ],
        },
      ],
    },
    {
      title: "How create gives its order to the keeper",
      body: [
        "It writes the order to a pipe, which no other user can read or change. No command line has a setting of the order.",
      ],
    },
    {
      title: "What serve exposes",
      body: [
        "serve answers what this machine routes to the adapter: its subnets, and what --route adds. It opens no port. " +
        "Other machines reach it only if this one forwards packets.",
        "It sends packets only as replies, and no packet can start anything: a packet is answered, logged, captured and " +
        "counted, and no more.",
        "Two served networks that route to each other would answer each other's UDP without end. Give one of them --echo " +
        "icmp.",
      ],
    },
    {
      title: "Text from others",
      body: [
        "Names of adapters and packets may have any characters. In text, control characters are escaped, so none of them can " +
        "control a terminal. JSON is ASCII.",
      ],
    },
    {
      title: "What it does not protect from",
      body: [
        "From an administrator, who can do all of this without the program. And --trust-dll gives up the check of hash and " +
        "signature.",
      ],
    },
  ],
};
