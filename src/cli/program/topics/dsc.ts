import type { Topic } from "./topic.ts";

/** A configuration document with two adapters. */
export const DSC_DOCUMENT = `$schema: https://aka.ms/dsc/schemas/v3/bundled/config/document.json
resources:
- name: lab
  type: Wintun/Adapter
  properties:
    name: lab
    persistent: true
    addresses: [10.77.0.1/24]
    mtu: 1400
    dns: [10.77.0.53]
    routes:
    - destination: 10.78.0.0/16
      gateway: 10.77.0.9
- name: no old lab
  type: Wintun/Adapter
  properties:
    name: old-lab
    _exist: false`;

export const dsc: Topic = {
  name: "dsc",
  summary: "Keep adapters as a document says, with Microsoft DSC or winget",
  sections: [
    {
      body: [
        "Microsoft DSC (Desired State Configuration, version 3) makes a machine as a document says, and can be run again and " +
        "again. wintun.dsc.resource.json, beside wintun.exe, describes adapters to DSC as resources of the type Wintun/Adapter. " +
        "DSC finds it if that folder is in the PATH.",
      ],
    },
    {
      title: "A document",
      body: [
        { code: DSC_DOCUMENT.split("\n") },
        "Put it into a file, and in an elevated prompt:",
        {
          terms: [
            ["dsc config test --file lab.dsc.yaml", "Show what differs."],
            ["dsc config set --what-if --file lab.dsc.yaml", "Show what would be changed."],
            ["dsc config set --file lab.dsc.yaml", "Change it. The second time nothing is changed."],
            [
              "dsc resource export --resource Wintun/Adapter",
              "Write the adapters that are there as a document.",
            ],
          ],
        },
        "winget configure runs such a document too, if its metadata has winget: { processor: dscv3 }.",
      ],
    },
    {
      title: "Fields",
      body: [
        "wintun help json dsc prints the schema of all fields. They have the names and forms of wintun list --json. What a document " +
        "does not name stays as it is, and an empty list removes all values. type, guid and persistent are for a new adapter: set " +
        "refuses to change them.",
        "set deletes the adapter if _exist is false. It never changes an adapter of another program. A network adapter that is not " +
        "Wintun's does not exist to it, but nobody else can have its name. An adapter that is stopped is not in the desired " +
        "state: its state has the settings that it gets at its start, and set starts its service.",
      ],
    },
    {
      title: "Without DSC",
      body: [
        "wintun dsc has the verbs of such a resource: get, set, what-if, test, delete and export. They read the fields from stdin and " +
        "write the state. set, what-if and test write a second line with the fields that differ. Warnings and errors go to stderr " +
        'in the form that DSC reads: {"error":"…"}.',
        {
          code: [
            'echo {"name":"lab"} | wintun dsc get',
            'echo {"name":"lab","mtu":1400} | wintun dsc test',
          ],
        },
      ],
    },
  ],
};
