/** A network that `wintun help network` shows, with the command line that makes it. */
export interface NetworkStory {
  readonly title: string;
  readonly text: string;
  readonly command: string;
  /** The scenario file that the command names. */
  readonly file?: { readonly name: string; readonly scenario: Readonly<Record<string, unknown>> };
  /** What the user can do meanwhile, and what it shows. */
  readonly tries: readonly (readonly [command: string, shows: string])[];
}

/** A host that dies, for tests of monitoring and failover. */
export const DYING_HOST: NetworkStory = {
  title: "A host that dies at second 3",
  text: "To see what a monitor or a failover does. After ten seconds the host is back.",
  command: "wintun serve lab --address 10.77.0.1/24 --scenario failover.json",
  file: {
    name: "failover.json",
    scenario: {
      hosts: ["10.77.0.10", "10.77.0.11"],
      changes: [
        { at: "3s", hosts: ["10.77.0.10"], up: false },
        { at: "10s", hosts: ["10.77.0.10"], up: true },
      ],
    },
  },
  tries: [["ping -t 10.77.0.10", "is answered until second 3, and again from second 10 on."]],
};

/** A long and bad link. */
export const SATELLITE: NetworkStory = {
  title: "A lossy satellite link",
  text: "To see what a program does on a bad line.",
  command: "wintun serve lab --address 10.77.0.1/24 --delay 600ms --jitter 50ms --loss 2%",
  tries: [["ping -n 100 10.77.0.9", "shows 550 to 650 ms, and two or so of a hundred are lost."]],
};

/** A path that does not let large packets pass. */
export const SMALL_MTU: NetworkStory = {
  title: "A path with a small MTU",
  text: "To see whether a program finds the MTU of a path, or hangs.",
  command: "wintun serve lab --address 10.77.0.1/24 --mtu 1500 --hops 2 --path-mtu 1400",
  tries: [
    ["ping -f -l 1400 10.77.0.9", 'the router 10.77.0.253 says "Packet needs to be fragmented but DF set".'],
    ["ping -f -l 1372 10.77.0.9", "is answered: with its headers it has 1400 bytes."],
    ["ping -l 4000 10.77.0.9", "is answered in fragments."],
  ],
};

/** A subnet that is not full. */
export const TWENTY_HOSTS: NetworkStory = {
  title: "A /24 of which twenty answer",
  text: "To see what a scanner or an inventory finds.",
  command:
    'wintun serve lab --address 10.77.0.1/24 --hosts 10.77.0.10-10.77.0.29 --unreachable --echo "icmp,udp:7" --refuse',
  tries: [
    ["ping 10.77.0.29", "is answered."],
    ["ping 10.77.0.30", 'the router 10.77.0.254 says "Destination host unreachable".'],
    ["Test-NetConnection 10.77.0.10 -Port 80", "fails at once: TCP is refused."],
  ],
};

/** A route with several routers. */
export const FIVE_HOPS: NetworkStory = {
  title: "A route with five hops",
  text: "To see what a route tracer shows.",
  command: "wintun serve lab --address 10.77.0.1/24 --hops 5 --delay 50ms",
  tries: [[
    "tracert -d 10.77.0.9",
    "10.77.0.254 to 10.77.0.250, and then 10.77.0.9, at rising times from 8 to 50 ms.",
  ]],
};

export const NETWORK_STORIES: readonly NetworkStory[] = [
  DYING_HOST,
  SATELLITE,
  SMALL_MTU,
  TWENTY_HOSTS,
  FIVE_HOPS,
];
