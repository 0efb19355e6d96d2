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
            [
              "Everybody",
              "list, watch, version, help, completions, simulate, and every command with --simulate.",
            ],
            [
              "Administrators",
              "create, set, delete, serve, stop, driver uninstall and doctor --self-test, in an elevated prompt. Without one they end with " +
              "exit code 3.",
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
        "opened by their full path in the system folder. Windows loads some before the program's first statement, and takes " +
        "these from the system folder only, too. The program reads and sets the category of a network by COM (Network List " +
        "Manager), for which Windows loads the DLLs that HKEY_LOCAL_MACHINE names.",
        "wintun.exe has Deno's permissions to call DLLs and to read and write files. It has none for the network and none to start " +
        "processes. It loads no other code from files, reads no settings from files, and of the environment it uses only " +
        "WINTUN_SIMULATE and NO_COLOR.",
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
              "Services wintun$GUID",
              "One for each adapter that create made. delete removes it. Its registry key has the adapter's settings and what it " +
              "reported at its last start. Everybody can read it, and only administrators can write it.",
            ],
            [
              "HKLM\\SOFTWARE\\wintun adapters",
              "Which process serves which adapter, or holds one that it has made itself, and the categories that are set for their " +
              "networks. It has the same rights. A restart of Windows deletes it, but a shutdown with Fast Startup does not.",
            ],
            [
              "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Dnscache\\Parameters\\DnsPolicyConfig",
              "The rules of --dns-for, one key each, for the whole machine. Everybody can read them. The comment of a rule names its " +
              "adapter, and only rules with such a comment are changed or deleted. A restart of Windows deletes them, too.",
            ],
            ["Captures", "Files with the rights that their folder gives. They hold the packets' content."],
          ],
        },
      ],
    },
    {
      title: "The services of adapters",
      body: [
        "create makes a service for each adapter, which Windows runs as LocalSystem, since nothing less may make network " +
        "devices. Its command line is the path of wintun.exe in quotation marks and the GUID. Administrators can start, stop " +
        "and change it; all users can see its state. When the adapter is ready, the process gives up all privileges but " +
        "SeLoadDriverPrivilege, which the removal of the device needs.",
        "With --persistent Windows starts wintun.exe as the system whenever it starts. So create --persistent refuses a program, " +
        "and a file of --dll, that anybody but administrators could replace: by writing to the file or its folder, by renaming a " +
        "folder above, by a link on the way, or because it is not on a disk of this machine. A file that was moved there " +
        "from another folder keeps its old rights, so copy it:",
        { code: ['copy wintun.exe "%ProgramFiles%\\wintun\\"'] },
        "Windows writes event 7045 (a service was installed) to its log for each service. Security products watch that event.",
      ],
    },
    {
      title: "What serve exposes",
      body: [
        "serve answers what this machine routes to the adapter: its subnets, and what --route adds. It opens no port. " +
        "Other machines reach it only if this one forwards packets.",
        "It sends only replies and, with --ping, its own pings. A packet is answered, logged, captured and counted, and can " +
        "start nothing else.",
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
        "From an administrator, who can do all of this without the program, and from the file of --trust-dll, whose hash and " +
        "signature are not checked.",
      ],
    },
  ],
};
