import { MOST_HOPS } from "../../../echo/network/plan.ts";
import { readHostAddress } from "../../arguments/addresses.ts";
import { flag, type Options, repeated, single } from "../../arguments/options.ts";
import { integerReader, secondsReader } from "../../arguments/values.ts";
import { readAddressRange } from "./ranges.ts";
import { HIGHEST_SEED, PATH_MTU } from "./limits.ts";
import { readPart, readRate, readTime } from "./units.ts";

const SHORTEST_PING_INTERVAL_S = 0.001;
const LONGEST_PING_INTERVAL_S = 3600;

/** The options of `serve` that make its network send pings. */
export const PING_OPTIONS = {
  ping: single(
    "ADDRESS",
    readHostAddress,
    "Ping this address from the network. A line shows each reply and its round-trip time. Usually it is the adapter's own " +
      "address: Windows answers, if its firewall allows it. The requests come from an address beside it. Default: no pings.",
  ),
  "ping-interval": single(
    "SECONDS",
    secondsReader(LONGEST_PING_INTERVAL_S, SHORTEST_PING_INTERVAL_S),
    `Time between two pings. Decimals are allowed, ${SHORTEST_PING_INTERVAL_S} to ${LONGEST_PING_INTERVAL_S}. Default: 1.`,
  ),
} as const satisfies Options;

/** The options of `serve` that say who is there. */
export const HOST_OPTIONS = {
  hosts: repeated(
    "RANGE",
    readAddressRange,
    "Addresses that answer. A range such as 10.77.0.10-10.77.0.20, a network such as 10.77.0.16/28, or one address. " +
      "Packets to all others are ignored. The addresses must be in the adapter's subnets or routes. Default: all answer.",
  ),
  unreachable: flag(
    'Answer for addresses without a host. The last router on the way sends "host unreachable". Default: nobody answers.',
  ),
  refuse: flag(
    'Refuse UDP and TCP. UDP to a port without echo gets "port unreachable", and TCP gets a reset. Default: they get no ' +
      "answer.",
  ),
  scenario: single(
    "FILE",
    (text) => text,
    "Read hosts and their links from this JSON file. It can also have changes: a host that dies after 30 seconds. wintun " +
      "help scenario explains it. The options that are given take the place of the same properties of the file. Default: none.",
  ),
} as const satisfies Options;

/** The options of `serve` that say how far away the hosts are. */
export const DISTANCE_OPTIONS = {
  hops: single(
    "N",
    integerReader(0, MOST_HOPS),
    `Put N routers before the hosts, 0 to ${MOST_HOPS}. traceroute shows them, and a reply has a TTL or hop limit that ` +
      "is lower by N. Default: 0.",
  ),
  router: repeated(
    "IP",
    readHostAddress,
    "Address of a router, the nearest first. It must be in the adapter's subnets or routes. " +
      "Default: the highest addresses of the first subnet, downwards.",
  ),
  "path-mtu": single(
    "N",
    integerReader(PATH_MTU.least, PATH_MTU.most),
    `MTU of the link to the hosts in bytes, ${PATH_MTU.least} to ${PATH_MTU.most}. Larger packets that may not be ` +
      'fragmented get "fragmentation needed" or "packet too big"; larger replies come in fragments. For IPv6 a lower value ' +
      "counts as 1280. Default: no limit.",
  ),
} as const satisfies Options;

/** The options of `serve` that say how good the link to the hosts is, in the words and units of tc-netem(8). */
export const QUALITY_OPTIONS = {
  delay: single(
    "TIME",
    (text) => readTime(text),
    "Send everything later by this time, such as 20ms. Units: us, ms and s; at most 1000s. What arrives is not delayed, so " +
      "this is a round-trip time. Default: no delay.",
  ),
  jitter: single(
    "TIME",
    (text) => readTime(text),
    "Vary the delay by at most this time, such as 5ms. It cannot exceed the delay. All values are equally likely, and packets may " +
      "overtake each other. Default: none.",
  ),
  loss: single("PART", readPart, "Lose this part of the answers, such as 1% or 0.05%. Default: none."),
  duplicate: single("PART", readPart, "Send this part of the answers twice, such as 1%. Default: none."),
  reorder: single(
    "PART",
    readPart,
    "Send this part of the answers ahead of others, such as 25%. They do not have the delay. Needs --delay. Default: none.",
  ),
  rate: single(
    "RATE",
    readRate,
    "Send at most this much a second, such as 10Mbit. Units: bit, Kbit, Mbit and Gbit. The IP header counts. Default: no limit.",
  ),
  seed: single(
    "N",
    integerReader(0, HIGHEST_SEED),
    `Repeat the random numbers of an earlier run. 0 to ${HIGHEST_SEED}. They decide what is lost, and how long each delay is. ` +
      '"seed" in the JSON event ready is the one of that run. Default: a different one for each run.',
  ),
} as const satisfies Options;

/** All options of `serve` that make a network. */
export const NETWORK_OPTIONS = {
  ...PING_OPTIONS,
  ...HOST_OPTIONS,
  ...DISTANCE_OPTIONS,
  ...QUALITY_OPTIONS,
} as const satisfies Options;
