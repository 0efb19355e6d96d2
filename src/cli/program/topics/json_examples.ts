/** A command, and the objects that it writes with `--json`. */
export interface JsonExample {
  readonly command: string;
  /** Further explanation for the reader. */
  readonly note?: string;
  /** The stream that has the objects. Absent: stdout. */
  readonly stream?: "stderr";
  readonly objects: readonly Readonly<Record<string, unknown>>[];
}

const LAB_GUID = "7cd2d7ec-2e83-5562-897f-90f00e15bdfa";

const LAB = {
  name: "lab",
  type: "Wintun",
  guid: LAB_GUID,
  luid: "14918174604525568",
  ifIndex: 50,
  instanceId: `SWD\\Wintun\\{${LAB_GUID.toUpperCase()}}`,
  state: "down",
  mtu: 1400,
  metric: 5,
  addresses: ["10.77.0.1/24"],
  persistent: false,
  service: `wintun$${LAB_GUID}`,
  exitCode: null,
  reason: null,
  owner: { pid: 336, ours: true, role: "keeper" },
  session: null,
};

const COUNTERS = {
  received: 1,
  replied: 1,
  ignored: 0,
  malformed: 0,
  dropped: 0,
  receivedBytes: 60,
  repliedBytes: 60,
  tapMissed: 0,
  seconds: 1.003,
  restarts: 0,
};

const CAPTURE = { file: "demo.pcapng", files: 1, kept: 1, written: 2, missed: 0, bytes: 428, error: null };

/** The objects that these commands write if they run one after the other on a machine without adapters. */
export const JSON_EXAMPLES: readonly JsonExample[] = [
  {
    command: "wintun create lab --address 10.77.0.1/24 --mtu 1400 --json",
    objects: [{
      schema: 1,
      changed: true,
      created: true,
      requestedGuid: LAB_GUID,
      log: `C:\\ProgramData\\wintun\\keeper-${LAB_GUID}.log`,
      adapter: LAB,
    }],
  },
  { command: "wintun list --json", objects: [{ schema: 1, adapters: [LAB] }] },
  {
    command: "wintun set lab --dns 10.77.0.53 --json",
    note: 'The second time "changed" is false.',
    objects: [{
      schema: 1,
      changed: true,
      changes: [{ setting: "dns", before: [], after: ["10.77.0.53"] }],
      adapter: LAB,
    }],
  },
  {
    command: "wintun stop lab --json",
    note: 'Nobody serves it, so nothing changes. Otherwise "stopped" is an object with name, guid and pid.',
    objects: [{ schema: 1, changed: false, stopped: null }],
  },
  {
    command: "wintun delete lab gone --ignore-missing --json",
    objects: [{ schema: 1, changed: true, deleted: [{ name: "lab", guid: LAB_GUID }], missing: ["gone"] }],
  },
  {
    command: "wintun delete nosuch --json",
    note: "On stderr, with exit code 4:",
    stream: "stderr",
    objects: [{
      schema: 1,
      error: {
        operation: 'Cannot delete adapter "nosuch"',
        message: 'Cannot delete adapter "nosuch": there is no such adapter',
        reason: "there is no such adapter",
        win32: null,
        symbol: null,
        hint: "wintun list shows the adapters. --ignore-missing accepts a missing one.",
        exitCode: 4,
      },
    }],
  },
  { command: "wintun driver status --json", objects: [{ schema: 1, loaded: false, version: null }] },
  {
    command: "wintun serve demo --simulate --count 3 --stats 1 --log-packets --pcap demo.pcapng --json",
    note:
      'One event a line; here is one of each kind. Without --pcap there is no "capture", without --log-packets no "packetLog".',
    objects: [
      {
        schema: 1,
        event: "ready",
        pid: 1204,
        name: "demo",
        type: "Wintun",
        guid: "d74697ce-5d50-5927-8ae1-aa285f065958",
        luid: "14918174604525568",
        ifIndex: 50,
        mtu: 65535,
        addresses: ["10.6.7.7/24"],
        created: true,
        changed: true,
        changes: [],
        simulated: true,
        ringBytes: 4194304,
        echo: ["icmp", "udp"],
      },
      {
        schema: 1,
        event: "packet",
        time: "2026-11-23T08:26:37.788747000Z",
        direction: "in",
        verdict: "reply",
        length: 60,
        summary: "10.6.7.7 > 10.6.7.8 ICMP echo request id 30580 seq 1 ttl 128 length 60",
      },
      {
        schema: 1,
        event: "stats",
        ...COUNTERS,
        packetLog: { written: 2, missed: 0 },
        capture: CAPTURE,
        receivedPerSecond: 0.997,
        repliedPerSecond: 0.997,
        receivedBytesPerSecond: 59.821,
        repliedBytesPerSecond: 59.821,
        droppedPerSecond: 0,
      },
      {
        schema: 1,
        event: "stopped",
        reason: "count",
        ...COUNTERS,
        received: 3,
        replied: 3,
        receivedBytes: 180,
        repliedBytes: 180,
        seconds: 2.043,
        packetLog: { written: 6, missed: 0 },
        capture: { ...CAPTURE, written: 6, bytes: 796 },
      },
    ],
  },
];
