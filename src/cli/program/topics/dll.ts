import type { Topic } from "./topic.ts";

export const dll: Topic = {
  name: "dll",
  summary: "Which wintun.dll is loaded, and why it is trusted",
  sections: [
    {
      body: [
        "This program works with Wintun's signed wintun.dll, release 0.14. wintun doctor shows which file would be loaded, " +
        "and why it is trusted.",
      ],
    },
    {
      title: "Where it is looked for",
      body: [
        "In this order. The first file that exists is taken:",
        {
          table: [
            ["1.", "The file that --dll names."],
            ["2.", "wintun.dll in the folder of wintun.exe."],
            [
              "3.",
              "The copy inside wintun.exe. It is written to %ProgramData%\\wintun, a folder that only administrators can " +
              "write to.",
            ],
          ],
        },
        "A file that exists but fails the checks is refused. The search does not go on, so nobody can cause another file to be " +
        "loaded by damaging the first one.",
      ],
    },
    {
      title: "When it is trusted",
      body: [
        "Its SHA-256 is that of a known release of Wintun, or it has a valid signature of WireGuard LLC. Besides, it must be " +
        "a DLL for this processor that has all functions of Wintun 0.14, on a drive of this machine.",
        "The file is held open from the check until it is loaded, so nobody can replace it in between. It is loaded by its " +
        "full path. The DLLs that it needs are looked for in the system folder of Windows only.",
        "--trust-dll loads the file of --dll without a known hash or signature, for example one that you built. All other " +
        "checks stay. The file runs with your administrator's rights, so use it only with a file that you trust.",
      ],
    },
    {
      title: "When it is refused (exit code 6)",
      body: [
        "The message names the file and the reason. The remedy is nearly always the same: take wintun.dll from " +
        "https://www.wintun.net, from the folder bin/amd64 or bin/arm64 of the archive, and put it beside wintun.exe.",
        "A file on a network path is refused because it could change after the check. Copy it to this machine.",
      ],
    },
    {
      title: "Devices of Wintun 0.13 and older",
      body: [
        "When today's wintun.dll is loaded, it removes the devices that Wintun 0.13 and older made, and VPN programs that " +
        "use them stop working. So no command loads it while there are such devices, unless --remove-legacy is given. A " +
        "warning then names them. wintun list --all shows them as legacy.",
      ],
    },
    {
      title: "Commands that load no wintun.dll",
      body: [
        "list, watch, set, delete, stop, version, completions, help and simulate; and every command with --simulate.",
      ],
    },
    {
      title: "Limits of release 0.14.1",
      body: [
        "The driver can miss that a packet was sent, and deliver it late, with the next one. No release has the fix yet.",
        "The receive ring can become corrupt. serve then opens a new session on the same adapter and counts it in " +
        '"restarts". After more than three in a row it gives up, with exit code 1.',
      ],
    },
  ],
};
