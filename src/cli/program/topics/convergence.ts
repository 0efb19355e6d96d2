import type { Topic } from "./topic.ts";

/** A file for the scripts, with three adapters. */
export const CONVERGENCE_EXAMPLE: readonly string[] = [
  "{",
  '  "deleteOthers": true,',
  '  "adapters": [',
  "    {",
  '      "name": "lab",',
  '      "address": ["10.77.0.1/24", "fd77::1/64"],',
  '      "mtu": 1400,',
  '      "dns": ["10.77.0.53"],',
  '      "route": ["10.78.0.0/16", "10.79.0.0/16,via=10.77.0.9,metric=5"]',
  "    },",
  '    { "name": "office", "address": "10.80.0.1/24", "metric": ["ipv4=5", "ipv6=20"] },',
  '    { "name": "site 2", "address": "10.81.0.1/24", "mtu": "default", "dns": [] }',
  "  ]",
  "}",
];

export const convergence: Topic = {
  name: "convergence",
  summary: "Scripts that bring several adapters to what one JSON file says",
  sections: [
    {
      body: [
        "A script for PowerShell and one for bash make and change adapters so that they are as a file says. They can be run " +
        "again and again. Each line of their output is a change; if there is none, it says: Nothing changed.",
        {
          code: [
            "wintun help convergence powershell > converge.ps1",
            "powershell -ExecutionPolicy Bypass -File converge.ps1 adapters.json",
          ],
        },
        "In bash, such as that of Git for Windows, with jq:",
        { code: ["wintun help convergence bash > converge.sh", "bash converge.sh adapters.json"] },
        "Run them in an elevated prompt, with the folder of wintun.exe in the PATH. The script for PowerShell runs in Windows " +
        "PowerShell 5.1 and in PowerShell 7.",
      ],
    },
    {
      title: "The file",
      body: [
        { code: CONVERGENCE_EXAMPLE },
        {
          table: [
            [
              "adapters",
              "The adapters. name is the name, and each other member is an option of wintun create without its hyphens, with " +
              "the value that the option takes. A list repeats the option, an empty list is none, and true is an option " +
              "without a value, such as persistent. What an adapter does not name stays as it is. An adapter that exists does not " +
              "become persistent: a warning says so.",
            ],
            [
              "deleteOthers",
              "true deletes the adapters that wintun create has made and that the file does not name. Those of a wintun serve and " +
              "of other programs stay. It deletes them first, so that others can get their addresses. Default: false.",
            ],
          ],
        },
      ],
    },
    {
      title: "What they do",
      body: [
        "Each adapter is one wintun create --if-not-exists, which makes it, or changes the settings that differ. An error ends the " +
        "script with a message that names the adapter, and with an exit code other than 0; what it did before stays done, " +
        "and the next run goes on from there.",
        "They go through the adapters in the order of the file. So one that gives an address away must come before the one that " +
        "gets it.",
      ],
    },
  ],
};
