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
              "A keeper: a service of Windows that only holds the adapter. It goes on after the command, after the end of an ssh " +
              "or WinRM session, and after log-off. It is called wintun$GUID.",
            ],
            [
              "wintun create NAME --persistent",
              "The same, and the service starts whenever Windows starts, and makes the adapter again with its settings.",
            ],
            ["wintun create NAME --foreground", "The command itself. It ends with Ctrl-C."],
            [
              "wintun serve NAME",
              "The command itself, if there was no adapter and --address was given. The adapter is removed when the command " +
              "ends, so create --if-not-exists does not accept it. An adapter that existed before stays, with the settings " +
              "that serve gave it.",
            ],
          ],
        },
        "wintun list shows under OWNER which process holds each adapter, and which one serves it if that is another process.",
      ],
    },
    {
      title: "What ends an adapter",
      body: [
        {
          terms: [
            [
              "wintun delete NAME",
              "Deletes and stops its service, or asks the process that holds it to release it, and waits until the adapter is " +
              "gone. Do not use sc delete: it keeps the adapter.",
            ],
            [
              "The end of that process",
              "Windows then removes the adapter, whatever ended the process. The service of an adapter that is not persistent goes " +
              "with it.",
            ],
            [
              "Its removal by somebody else",
              "For example in Device Manager, by a network reset, or by another program. The process that holds it notices " +
              "this within 2 seconds and ends with exit code 10. The log of a keeper has the reason. An adapter that is only " +
              "disabled stays.",
            ],
            ["A restart of Windows", "Only a persistent adapter comes back."],
          ],
        },
      ],
    },
    {
      title: "Persistent adapters",
      body: [
        "An adapter of create --persistent is there until wintun delete. Its service starts with Windows, before anybody logs on. " +
        "wintun set changes the adapter and what its service will set at the next start, and so does serve.",
        "If its service fails, because somebody has removed the adapter or its process was killed, Windows starts it again after 5 " +
        "seconds, and after a second failure after 30 seconds. After a third failure within an hour the adapter stays away, and " +
        "its state is stopped. It is also stopped if somebody stops the service. wintun list lab says why, and which settings it " +
        "gets at its start, and wintun doctor warns of it. This starts it:",
        { code: ["wintun create lab --if-not-exists"] },
        "While Windows starts, the service tries for 15 seconds to make the adapter. An adapter that is not persistent does not " +
        "become so: delete it, and create it again with --persistent.",
      ],
    },
    {
      title: "The category of the network",
      body: [
        "Windows' firewall lets less in from a public network than from a private one, and a new network is public. create, set " +
        "and serve change that with --category private. An adapter has a network only while a session is open, and Windows takes " +
        "some seconds to identify it. Whenever Windows has identified the network, the process that holds the adapter gives it " +
        "the category that is set. The process looks every 2 seconds for a minute after a session is open or an address or a " +
        "route changes, and then once a minute.",
        "Windows cannot recognize some networks, such as one without a gateway, and forgets their category at the end of each " +
        "session. It remembers that of a network that it recognizes, also for a later adapter with the same GUID, and create " +
        "without --category leaves that as it is.",
        "wintun list NAME shows the category of the network, and the one that is set if that is another. A change in Windows' " +
        "own settings lasts only until Windows identifies the network anew, as it does for the next session. To change it there " +
        "for good, use set --category default first: it makes the network public and leaves the category to Windows. A policy of " +
        "a company may decide otherwise, or refuse a change. wintun waits at most 5 seconds for what Windows reports of a " +
        "category, and then goes on without it.",
        "A network in which Windows reaches a controller of the company's domain has the category domain. Nobody can set or change " +
        "that one. If another program holds the adapter, set --force changes the category of the present network, once.",
      ],
    },
    {
      title: "DNS servers for some names",
      body: [
        "With --dns-for NAME=IP Windows asks that server for the names under a domain, and the servers of the adapters for all other " +
        "names. The setting is a rule of the whole machine, in the Name Resolution Policy Table. Add-DnsClientNrptRule makes such " +
        "rules too, and Get-DnsClientNrptRule shows them. The comment of the rule has the GUID of the adapter. This program changes and " +
        "deletes only rules with such a comment.",
        "The process that holds the adapter deletes its rules before it removes the adapter. If that process is killed, the rules stay, " +
        "and Windows still asks their servers. doctor shows such rules. The next create or delete of any adapter removes them, " +
        "and so does a restart of Windows.",
        "If a group policy has rules for DNS names, Windows does not use those of the machine. If another program has a rule for the " +
        "same domain, Windows may use that one. set, create and serve warn of both.",
      ],
    },
    {
      title: "What ends a serve",
      body: [
        "Ctrl-C ends it, and so does wintun stop NAME in any elevated prompt, which waits until the serve has ended. The adapter " +
        "is then removed if the serve made it for itself. A keeper is not ended.",
        "If the console is closed, the user logs off or Windows shuts down, serve and create --foreground end as with Ctrl-C: " +
        "captures are completed, and the adapter is removed. Windows allows 5 seconds for that.",
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
              "starting",
              "Its service is creating it, or setting it up. create --if-not-exists waits until it is ready, and delete stops it.",
            ],
            [
              "stopped",
              "It is persistent, and its service does not run. OWNER says why. set changes what it will have when it starts, create " +
              "--if-not-exists starts it, and delete removes it for good.",
            ],
            [
              "lost",
              "Somebody removed the adapter, and the process of this program that held it still runs. Such a process ends by " +
              "itself within 2 seconds, unless it hangs. wintun delete ends it, and create with the same name does so first. " +
              "delete --force gives up the wait for a process that does not end.",
            ],
            [
              "orphaned",
              "A device without a network interface. If Windows only remembers it, wintun.dll removes it when an adapter is " +
              "created. wintun delete --force removes any such device.",
            ],
            [
              "legacy",
              "A device of Wintun 0.13 or older. Loading today's wintun.dll removes it; see wintun help dll. So does wintun " +
              "delete --force.",
            ],
            ["foreign", "A network interface that Windows describes as a tunnel, and that is not Wintun's."],
          ],
        },
        "wintun list shows orphaned, legacy and foreign adapters only with --all or by name.",
      ],
    },
    {
      title: "What commands do in each state",
      body: [
        "Each line of this table is a state of an adapter. The numbers are the exit codes of the commands.",
        {
          code: [
            "                              create  set    serve  delete  stop",
            "is not there                  0       4      4 (1)  4       4",
            "a service holds               5 (2)   0      0      0       0",
            "a service holds, being served 5 (2)   0      8      0       0",
            "a wintun serve made           5       0      8      0       0",
            "is starting                   5 (6)   4      4      0       0",
            "is stopped                    5 (2)   0      4      0       0",
            "is lost, its service hangs    9       4      4      9 (3)   0",
            "another program made          5       1 (3)  1 (3)  1 (3)   0",
            "the same, being served        5       1 (3)  1      1 (3)   1",
            "is orphaned                   0 (4)   4      4 (1)  1 (3)   4",
            "is legacy                     1 (5)   4      4      1 (3)   4",
            "is not Wintun's               5       1      5      1       1",
          ],
        },
        {
          table: [
            ["(1)", "0 with --address: the adapter is made for this run and removed after it."],
            [
              "(2)",
              "0 with --if-not-exists: its service is started if it does not run, and the settings that are given are applied.",
            ],
            ["(3)", "0 with --force."],
            [
              "(4)",
              "wintun.dll removes a device that Windows only remembers. 5 for a device that is present.",
            ],
            ["(5)", "For every name, until the legacy device is removed or --remove-legacy is given."],
            ["(6)", "With --if-not-exists it waits until the adapter is ready, and is then 0."],
          ],
        },
        "With code 0, create has made the adapter, set has changed it, delete has removed it or its remains, and stop has ended " +
        "its serve if there was one. With any other code nothing is changed, but create --if-not-exists may have started a stopped adapter. An adapter that was renamed, and one that is " +
        "persistent, count as one that a service holds.",
      ],
    },
    {
      title: "Names and GUIDs",
      body: [
        "create and serve refuse a name or GUID that is in use: Wintun would rename the other adapter. Windows compares " +
        "names without regard to case.",
        "Without --guid, the GUID is derived from the name and from this machine's own GUID (RFC 9562, version 5). So an " +
        "adapter with the same name gets the same GUID each time, and Windows recognizes its network. On another machine it gets " +
        "another GUID, unless one machine is a copy of the other.",
        "If somebody renames an adapter in Windows, wintun list shows the new name. The GUID stays, and list, " +
        "set, delete, serve and stop take it in the place of a name. They also take the name that the adapter was created with, " +
        "unless another adapter has that name, and create --if-not-exists accepts the adapter under that name. A warning gives " +
        "the present name.",
        "wintun set NAME --name NEW renames an adapter for good. Its GUID and everything else stay. A persistent adapter also has the " +
        "new name after a restart of Windows. No command finds the adapter by the old name any more. A new adapter can have the old " +
        "name, but needs another GUID with --guid. If somebody has renamed the adapter in Windows, set --name with that name keeps it " +
        "for good. Windows shows the service of an adapter that is not persistent under the adapter's first name until the adapter " +
        "is gone.",
        "wintun.dll cannot distinguish two adapters that were created with the same name. If it opens the wrong one, serve " +
        "notices that and ends without a change.",
      ],
    },
    {
      title: "Adapters of other programs",
      body: [
        "wintun list shows the Wintun adapters of all programs. delete, set and serve refuse one that another program made, " +
        "unless --force is given; the connections of that program may then break. create --if-not-exists never accepts such " +
        "an adapter, because it ends with its program. delete --all never removes one.",
        "Under OWNER, keeper and serve are processes of this program. delete --all deletes the adapters of both.",
      ],
    },
    {
      title: "The keeper's log",
      body: [
        "A keeper writes its log to %ProgramData%\\wintun\\keeper-GUID.log, which only administrators can read. create " +
        "--json gives the name. The log is deleted with the adapter. If the keeper is killed, loses its adapter, or fails after the " +
        "adapter was ready, the log stays until the next keeper of that adapter replaces it. Windows writes the exit code of a " +
        "service that fails to its event log.",
      ],
    },
  ],
};
