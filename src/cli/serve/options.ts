import { MIN_FILE_BYTES } from "../../echo/capture/files.ts";
import { CREATION_OPTIONS } from "../adapters/creation_options.ts";
import { ADDRESS_FORM, SETTINGS_OPTIONS } from "../adapters/settings.ts";
import { readInterfaceAddress } from "../arguments/addresses.ts";
import { flag, type OptionGroup, type Options, single } from "../arguments/options.ts";
import { listOption } from "../arguments/setting_options.ts";
import { DURATION_OPTION, MAX_TIMER_SECONDS } from "../arguments/timeout.ts";
import { bytesReader, integerReader, readRingBytes, secondsReader } from "../arguments/values.ts";
import { REMOVE_LEGACY_OPTION, SIMULATE_OPTION } from "../host.ts";
import { readEcho } from "./echo_kinds.ts";
import { DISTANCE_OPTIONS, HOST_OPTIONS, PING_OPTIONS, QUALITY_OPTIONS } from "./network/options.ts";

/** The values of options that are not given. */
export const SERVE_DEFAULTS = {
  /** The size that Wintun's example program uses. */
  ringBytes: 4 * 1024 * 1024,
  echo: { icmp: true, udp: true },
  /** Bytes: every packet is captured whole. */
  snapLength: 65535,
} as const;

const ADAPTER_OPTIONS = {
  ...SETTINGS_OPTIONS,
  address: listOption(
    "CIDR",
    readInterfaceAddress,
    `${ADDRESS_FORM} All other addresses of the subnet answer, except its first one and its broadcast address. The ` +
      "addresses that are given replace all addresses of the adapter, and stay; none removes them all. Needed if there is no " +
      "adapter NAME. Default: those that the adapter has.",
  ),
  ...CREATION_OPTIONS,
  ring: single(
    "BYTES",
    readRingBytes,
    "Size of each of the two packet rings. In bytes, or with KiB or MiB: a power of two from 128KiB (131072) to 64MiB " +
      "(67108864). Default: 4MiB.",
  ),
  force: flag(
    "Also serve an adapter that another program made. That program must not have a session open, and cannot open one while " +
      "this command runs. The settings that are given replace its settings.",
  ),
  ...REMOVE_LEGACY_OPTION,
  simulate: {
    ...SIMULATE_OPTION.simulate,
    help:
      `${SIMULATE_OPTION.simulate.help} The machine pings the subnet once a second and checks every byte of the replies.`,
  },
} as const satisfies Options;

const ANSWER_OPTIONS = {
  echo: single(
    "KINDS",
    readEcho,
    "What to answer: icmp, udp, icmp,udp or none. udp:7,5000-5010 answers UDP on these ports only. With none, packets " +
      "are only counted, logged and captured. Default: icmp,udp.",
    ["icmp", "udp", "icmp,udp", "none"],
  ),
  ...HOST_OPTIONS,
} as const satisfies Options;

const REPORT_OPTIONS = {
  "log-packets": flag(
    "Write a line for each packet and each reply. Packets without a reply are marked as ignored, malformed, held or " +
      "dropped.",
  ),
  stats: single(
    "SECONDS",
    secondsReader(MAX_TIMER_SECONDS),
    `Write totals and rates at this interval in seconds. Decimals are allowed, at most ${MAX_TIMER_SECONDS}. On a terminal they ` +
      "stay at the bottom. Default: totals at the end only.",
  ),
} as const satisfies Options;

const CAPTURE_OPTIONS = {
  pcap: single(
    "FILE",
    (text) => text,
    "Write packets and replies to this pcapng file. Wireshark opens it. An existing file is overwritten; - is stdout. " +
      "wintun help captures explains more. Default: no capture.",
  ),
  snaplen: single(
    "N",
    integerReader(1, SERVE_DEFAULTS.snapLength),
    "Capture at most N bytes of each packet, 1 to 65535. --log-packets then reads no more of it either. Default: 65535, " +
      "which is the whole packet.",
  ),
  "pcap-size": single(
    "BYTES",
    bytesReader(MIN_FILE_BYTES),
    "Start a new file before one exceeds this size. In bytes, or with KiB, MiB or GiB, such as 100MiB: 128KiB (131072) " +
      "and more. The files are numbered: lab.pcapng becomes lab_00001_20260102030405.pcapng. Default: one file for all.",
  ),
  "pcap-seconds": single(
    "SECONDS",
    secondsReader(MAX_TIMER_SECONDS),
    `Start a new file after this number of seconds. Decimals are allowed, at most ${MAX_TIMER_SECONDS}. A file without packets is ` +
      "not replaced. Default: one file for all.",
  ),
  "pcap-files": single(
    "N",
    integerReader(1),
    "Keep the newest N files of this run, 1 and more. Files of earlier runs stay. Default: all.",
  ),
} as const satisfies Options;

const END_OPTIONS = {
  count: single(
    "N",
    integerReader(1),
    "End after N replies, 1 and more. Default: no limit.",
  ),
  ...DURATION_OPTION,
} as const satisfies Options;

/** The options of `serve`, besides those of every command. */
export const SERVE_OPTIONS = {
  ...ADAPTER_OPTIONS,
  ...ANSWER_OPTIONS,
  ...DISTANCE_OPTIONS,
  ...QUALITY_OPTIONS,
  ...PING_OPTIONS,
  ...REPORT_OPTIONS,
  ...CAPTURE_OPTIONS,
  ...END_OPTIONS,
} as const satisfies Options;

/** The same in groups, as help lists them. */
export const SERVE_OPTION_GROUPS: readonly OptionGroup[] = [
  { title: "The adapter", options: ADAPTER_OPTIONS },
  { title: "Who answers, and what", options: ANSWER_OPTIONS },
  { title: "How far away the hosts are", options: DISTANCE_OPTIONS },
  { title: "How good the link to them is", options: QUALITY_OPTIONS },
  { title: "Pings of the network itself", options: PING_OPTIONS },
  { title: "Output", options: REPORT_OPTIONS },
  { title: "Captures", options: CAPTURE_OPTIONS },
  { title: "The end", options: END_OPTIONS },
];
