import type { Topic } from "./topic.ts";

export const adapters: Topic = {
  name: "adapters",
  summary: "The life of an adapter: who holds it, and what ends it",
  sections: [
    {
      title: "Who holds an adapter",
      body: [
        "Wintun removes an adapter when the process that made it ends. So a process of this program holds each adapter:",
        {
          terms: [
            [
              "wintun create NAME",
              "A keeper: a process without a window that does nothing but hold the adapter. It goes on after the command.",
            ],
            ["wintun create NAME --foreground", "The command itself. It ends with Ctrl-C."],
            [
              "wintun serve NAME",
              "The command itself, if it made the adapter because there was none and --address was given. The adapter goes " +
              "when the command ends, so create --if-not-exists does not accept it. An adapter that was there before stays, " +
              "with the settings that serve gave it.",
            ],
          ],
        },
        "wintun list shows the process of each adapter under OWNER, and behind it the wintun serve that serves the adapter if " +
        "that is another process.",
      ],
    },
    {
      title: "What ends an adapter",
      body: [
        {
          terms: [
            [
              "wintun delete NAME",
              "Asks the process that holds the adapter to let go of it, and waits until the adapter is gone.",
            ],
            [
              "The end of that process",
              "Whatever ends it, Windows removes the adapter. The state is stale until wintun delete or the next create.",
            ],
            [
              "Its removal by somebody else",
              "For example in Device Manager, by a network reset, or by another program. The process that holds it notices " +
              "this within 2 seconds and ends with exit code 10. A keeper's log then says why. To disable an adapter does " +
              "not end it.",
            ],
            ["A restart of Windows", "No adapter survives it. See below for one that comes back."],
            [
              "Log-off",
              "Windows ends all processes of a log-on session, keepers too. A process of SYSTEM is in no such session.",
            ],
            [
              "The end of a job",
              "Servers such as sshd and WinRM run a command in a job, and end all processes of that job with it. The " +
              "keeper leaves the job if the job lets it. If not, create warns that the adapter will go.",
            ],
          ],
        },
      ],
    },
    {
      title: "What ends a serve",
      body: [
        "Ctrl-C, and wintun stop NAME in any elevated prompt: it asks the wintun serve of that adapter to end, and waits until " +
        "it has. An adapter that stays is as it was; one that the serve made for itself is gone. The process that holds an " +
        "adapter of wintun create is never ended by it.",
        "A closed console, log-off and a shutdown of Windows end a serve and create --foreground as Ctrl-C does: captures are " +
        "complete, and the adapter is removed. Windows gives them 5 seconds for that.",
      ],
    },
    {
      title: "An adapter that comes back after a restart",
      body: [
        "Let the task scheduler create it when Windows starts. As SYSTEM the keeper belongs to no log-on session. In an " +
        "elevated PowerShell:",
        {
          code: [
            "$program = 'C:\\Program Files\\wintun\\wintun.exe'",
            "$command = 'create lab --if-not-exists --address 10.77.0.1/24'",
            "$run = New-ScheduledTaskAction -Execute $program -Argument $command",
            "$start = New-ScheduledTaskTrigger -AtStartup",
            "Register-ScheduledTask 'wintun lab' -User SYSTEM -Action $run -Trigger $start",
          ],
        },
      ],
    },
    {
      title: "States",
      body: [
        {
          table: [
            ["up", "A program has a packet session open, as serve has."],
            ["down", "There is no session."],
            [
              "stale",
              "The process of this program that held the adapter has died. wintun delete removes what is left, and create " +
              "with the same name replaces it.",
            ],
            [
              "lost",
              "Somebody removed the adapter, and the process of this program that held it still runs. Such a process ends by " +
              "itself within 2 seconds, unless it hangs. wintun delete ends it, and create with the same name does so first. " +
              "delete --force gives up on a process that does not end.",
            ],
            [
              "orphaned",
              "A device without a network interface. wintun.dll removes those that Windows only remembers when it is next " +
              "loaded; wintun delete --force removes any.",
            ],
            [
              "legacy",
              "A device of Wintun 0.13 or older. Loading today's wintun.dll removes it; see wintun help dll. So does wintun " +
              "delete --force.",
            ],
            ["foreign", "A network interface that Windows describes as a tunnel, and that is not Wintun's."],
          ],
        },
        "wintun list shows orphaned, legacy and foreign ones only with --all.",
      ],
    },
    {
      title: "Names and GUIDs",
      body: [
        "create and serve refuse a name or GUID that is in use: Wintun would rename the other adapter. Windows compares " +
        "names without regard to case.",
        "Without --guid, the GUID is derived from the name and from this machine's own GUID (RFC 9562, version 5). So an " +
        "adapter with the same name gets the same GUID each time, Windows knows its network again, and two machines " +
        "never have the same GUID.",
        "If somebody renames an adapter in Windows, wintun list shows the new name. The GUID stays, and list, " +
        "set, delete and serve take it in the place of a name. They also take the name that the adapter was created with, " +
        "unless another adapter has that name, and create --if-not-exists accepts the adapter as the one of that name. A " +
        "warning says what it is called now.",
        "Two adapters that were created with the same name are the same to wintun.dll. serve notices when wintun.dll opens " +
        "the wrong one of them, and ends without a change.",
      ],
    },
    {
      title: "Adapters of other programs",
      body: [
        "wintun list shows the Wintun adapters of all programs. delete, set and serve refuse one that another program made, " +
        "unless --force is given; the connections of that program may then break. create --if-not-exists never accepts " +
        "one: it goes with its program. delete --all never removes one.",
        "Under OWNER, keeper and serve are processes of this program. delete --all deletes the adapters of both.",
      ],
    },
    {
      title: "The keeper's log",
      body: [
        "A keeper writes what happens to %ProgramData%\\wintun\\keeper-GUID.log, which only administrators can read. create " +
        "--json gives the name. The log is deleted with the adapter. It stays if the keeper fails, is killed or loses its " +
        "adapter, until the next log of the same adapter takes its place.",
      ],
    },
    {
      title: "Replacing or removing the program",
      body: [
        "A keeper runs wintun.exe, and Windows keeps the file of a running program. So delete the adapters first, replace " +
        "the file, and create the adapters again:",
        { code: ["wintun delete --all"] },
        "To remove everything, also run this, and then delete the folder %ProgramData%\\wintun:",
        { code: ["wintun driver uninstall"] },
      ],
    },
  ],
};
