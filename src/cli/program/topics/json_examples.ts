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

const IP_VERSION = { mtu: 1400, metric: 5, automaticMetric: true, forwarding: false };

const LAB = {
  name: "lab",
  type: "Wintun",
  guid: LAB_GUID,
  luid: "14918174604525568",
  ifIndex: 50,
  instanceId: `SWD\\Wintun\\{${LAB_GUID.toUpperCase()}}`,
  driverVersion: "0.14.0.0",
  state: "down",
  mtu: 1400,
  metric: 5,
  addresses: ["10.77.0.1/24"],
  createdAs: null,
  connected: false,
  ipv4: IP_VERSION,
  ipv6: IP_VERSION,
  routes: [{ destination: "10.78.0.0/16", gateway: "10.77.0.9", metric: 0 }],
  dns: [],
  dnsSuffix: "",
  dnsSearch: [],
  dnsRegistration: false,
  category: null,
  givenCategory: null,
  dnsFor: [{ name: "lab.example", servers: ["10.77.0.53"] }],
  traffic: {
    receivedPackets: 0,
    receivedBytes: 0,
    receivedErrors: 0,
    receivedDiscards: 0,
    sentPackets: 4,
    sentBytes: 304,
    sentErrors: 0,
    sentDiscards: 4,
  },
  persistent: false,
  service: `wintun$${LAB_GUID}`,
  exitCode: null,
  reason: null,
  startSettings: null,
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

const DEMO_GUID = "d74697ce-5d50-5927-8ae1-aa285f065958";

const DEMO_IP_VERSION = { ...IP_VERSION, mtu: 65535 };

const DEMO = {
  ...LAB,
  name: "demo",
  guid: DEMO_GUID,
  instanceId: `SWD\\Wintun\\{${DEMO_GUID.toUpperCase()}}`,
  state: "up",
  mtu: 65535,
  addresses: ["10.6.7.7/24"],
  connected: true,
  ipv4: DEMO_IP_VERSION,
  ipv6: DEMO_IP_VERSION,
  routes: [],
  dnsFor: [],
  traffic: null,
  service: null,
  owner: { pid: 1204, ours: true, role: "command" },
  session: { pid: 1204 },
};

const READY = {
  schema: 1,
  simulated: true,
  event: "ready",
  pid: 1204,
  created: true,
  changed: true,
  changes: [],
  adapter: DEMO,
  driver: "0.14",
  ringBytes: 4194304,
  echo: ["icmp", "udp"],
};

const RATES = {
  receivedPerSecond: 0.997,
  repliedPerSecond: 0.997,
  receivedBytesPerSecond: 59.821,
  repliedBytesPerSecond: 59.821,
  droppedPerSecond: 0,
};

const NETWORK = {
  lost: 0,
  duplicated: 0,
  reordered: 0,
  delayed: 0,
  waiting: 0,
  queueFull: 0,
  noHost: 0,
  hostUnreachable: 0,
  portUnreachable: 0,
  timeExceeded: 0,
  tooBig: 0,
  tcpReset: 0,
  forgottenHosts: 0,
};

const PINGS = {
  address: "10.6.7.7",
  source: "10.6.7.8",
  sent: 2,
  received: 2,
  lost: 0,
  duplicates: 0,
  minMs: 4.871,
  averageMs: 5.038,
  maxMs: 5.204,
  mdevMs: 0.167,
};

const hostTotals = (address: string): Record<string, unknown> => ({
  address,
  packets: 1,
  bytes: 60,
  answered: 1,
  lost: 0,
  dropped: 0,
});

/** The objects that these commands write if they run one after the other on a machine without adapters. */
export const JSON_EXAMPLES: readonly JsonExample[] = [
  {
    command:
      'wintun create lab --address 10.77.0.1/24 --mtu 1400 --route "10.78.0.0/16,via=10.77.0.9" --dns-for lab.example=10.77.0.53 --json',
    objects: [{
      schema: 1,
      changed: true,
      created: true,
      dryRun: false,
      requestedGuid: LAB_GUID,
      changes: [],
      removes: [],
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
      dryRun: false,
      changes: [{ setting: "dns", before: [], after: ["10.77.0.53"] }],
      adapter: { ...LAB, dns: ["10.77.0.53"] },
    }],
  },
  {
    command: "wintun watch lab --count 1 --json",
    note: "While somebody else sets its MTU:",
    objects: [
      { schema: 1, event: "ready", adapters: [{ ...LAB, dns: ["10.77.0.53"] }] },
      {
        schema: 1,
        event: "changed",
        time: "2026-01-02T03:04:05.678Z",
        changes: [{ setting: "mtu", before: ["1400"], after: ["1500"] }],
        adapter: {
          ...LAB,
          dns: ["10.77.0.53"],
          mtu: 1500,
          ipv4: { ...IP_VERSION, mtu: 1500 },
          ipv6: { ...IP_VERSION, mtu: 1500 },
        },
      },
      { schema: 1, event: "stopped", reason: "count" },
    ],
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
    command:
      "wintun serve demo --simulate --address 10.6.7.7/24 --count 3 --stats 1 --log-packets --pcap demo.pcapng --json",
    note:
      'One event a line; here is one of each kind. Without --pcap there is no "capture", without --log-packets no "packetLog".',
    objects: [
      READY,
      {
        schema: 1,
        simulated: true,
        event: "packet",
        time: "2026-11-23T08:26:37.788747000Z",
        direction: "in",
        verdict: "reply",
        length: 60,
        summary: "10.6.7.7 > 10.6.7.8 ICMP echo request id 30580 seq 1 ttl 128 length 60",
      },
      {
        schema: 1,
        simulated: true,
        event: "stats",
        ...COUNTERS,
        packetLog: { written: 2, missed: 0 },
        capture: CAPTURE,
        ...RATES,
      },
      {
        schema: 1,
        simulated: true,
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
  {
    command:
      "wintun serve demo --simulate --address 10.6.7.7/24 --hosts 10.6.7.8-10.6.7.10 --delay 5ms --seed 7 --jitter 1ms --ping 10.6.7.7 --count 3 --stats 1 --json",
    note: "With options of a network there are more fields:",
    objects: [
      {
        ...READY,
        network: {
          hosts: ["10.6.7.8-10.6.7.10"],
          unreachable: false,
          refuse: false,
          hops: 0,
          routers: [],
          pathMtu: null,
          delayMs: 5,
          jitterMs: 1,
          loss: 0,
          duplicate: 0,
          reorder: 0,
          rateBitsPerSecond: null,
          seed: 7,
          changes: 0,
          ping: { address: "10.6.7.7", source: "10.6.7.8", intervalMs: 1000 },
        },
      },
      {
        schema: 1,
        simulated: true,
        event: "ping",
        address: "10.6.7.7",
        sequence: 1,
        bytes: 84,
        ttl: 128,
        ms: 5.204,
        duplicate: false,
      },
      {
        schema: 1,
        simulated: true,
        event: "stats",
        ...COUNTERS,
        received: 3,
        replied: 2,
        receivedBytes: 204,
        repliedBytes: 120,
        network: { ...NETWORK, delayed: 3 },
        hosts: [hostTotals("10.6.7.8"), hostTotals("10.6.7.9")],
        ping: { ...PINGS, sent: 1, received: 1 },
        ...RATES,
      },
      {
        schema: 1,
        simulated: true,
        event: "stopped",
        reason: "count",
        ...COUNTERS,
        received: 5,
        replied: 3,
        receivedBytes: 348,
        repliedBytes: 180,
        seconds: 1.41,
        network: { ...NETWORK, delayed: 5 },
        hosts: [hostTotals("10.6.7.8"), hostTotals("10.6.7.9"), hostTotals("10.6.7.10")],
        ping: PINGS,
      },
    ],
  },
];
