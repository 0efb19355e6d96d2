import { MIN_FILE_BYTES } from "../../echo/capture/files.ts";
import { CREATION_OPTIONS } from "../adapters/creation_options.ts";
import { ADDRESS_FORM, SETTINGS_OPTIONS } from "../adapters/settings.ts";
import { readInterfaceAddress } from "../arguments/addresses.ts";
import { flag, type Options, repeated, single } from "../arguments/options.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { bytesReader, integerReader, readRingBytes, secondsReader } from "../arguments/values.ts";
import { REMOVE_LEGACY_OPTION } from "../host.ts";

/** The kinds of packets that are answered. */
export interface EchoKinds {
  readonly icmp: boolean;
  readonly udp: boolean;
}

/** The values of options that are not given. */
export const SERVE_DEFAULTS = {
  /** The size that Wintun's example program uses. */
  ringBytes: 4 * 1024 * 1024,
  echo: { icmp: true, udp: true },
  /** Bytes: every packet is captured whole. */
  snapLength: 65535,
  /** The address of a simulated adapter: that of Wintun's example program. */
  simulatedAddress: "10.6.7.7/24",
} as const;

/** The longest wait of a timer: 2^31 - 1 milliseconds, about 24 days. */
const MAX_SECONDS = 2_147_483;

/** The options of `serve`, besides those of every command. */
export const SERVE_OPTIONS = {
  ...SETTINGS_OPTIONS,
  address: repeated(
    "CIDR",
    readInterfaceAddress,
    `${ADDRESS_FORM} All other addresses of the subnet answer, except its first one and its broadcast address. The ` +
      "addresses that are given replace all addresses of the adapter, and stay. Needed if there is no adapter NAME. Default: with --simulate 10.6.7.7/24, otherwise those " +
      "that the adapter has.",
  ),
  ring: single(
    "BYTES",
    readRingBytes,
    "Size of each of the two packet rings. In bytes, or with KiB or MiB: a power of two from 128KiB (131072) to 64MiB " +
      "(67108864). Default: 4MiB.",
  ),
  echo: single(
    "KINDS",
    readEcho,
    "What to answer: icmp, udp, icmp,udp or none. With none, packets are only counted, logged and captured. Default: " +
      "icmp,udp.",
    ["icmp", "udp", "icmp,udp", "none"],
  ),
  "log-packets": flag(
    "Write a line for each packet and each reply. Packets without a reply are marked as ignored, malformed, held or " +
      "dropped.",
  ),
  stats: single(
    "SECONDS",
    secondsReader(MAX_SECONDS),
    `Write totals and rates every so many seconds. Decimals are allowed, at most ${MAX_SECONDS}. On a terminal they ` +
      "are one line that stays at the bottom. Default: totals at the end only.",
  ),
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
    secondsReader(MAX_SECONDS),
    `Start a new file after so many seconds. Decimals are allowed, at most ${MAX_SECONDS}. A file without packets is ` +
      "not replaced. Default: one file for all.",
  ),
  "pcap-files": single(
    "N",
    integerReader(1),
    "Keep the newest N files of this run, 1 and more. Files of earlier runs stay. Default: all.",
  ),
  count: single(
    "N",
    integerReader(1),
    "End after N replies, 1 and more. Default: no limit.",
  ),
  duration: single(
    "SECONDS",
    secondsReader(MAX_SECONDS),
    `End after so many seconds. Decimals are allowed, at most ${MAX_SECONDS}. Default: no limit.`,
  ),
  ...CREATION_OPTIONS,
  force: flag(
    "Also serve an adapter that another program made. That program must not have a session open, and cannot open one while " +
      "this command runs. The settings that are given replace its settings.",
  ),
  ...REMOVE_LEGACY_OPTION,
  simulate: flag(
    "Serve a simulated adapter on any system. It needs no driver and no administrator. A simulated machine pings the " +
      "subnet once a second and checks every byte of the replies.",
  ),
} as const satisfies Options;

function readEcho(text: string): EchoKinds {
  const lower = text.toLowerCase();
  const kinds = lower === "none" ? [] : lower.split(",");
  const unknown = kinds.find((kind) => kind !== "icmp" && kind !== "udp");
  if (unknown !== undefined) throw new UsageError(`${text}: must be icmp, udp, icmp,udp or none.`);
  return { icmp: kinds.includes("icmp"), udp: kinds.includes("udp") };
}

/** Returns the names of the kinds that are answered, as `--echo` takes them. */
export function echoNames({ icmp, udp }: EchoKinds): string[] {
  return [...(icmp ? ["icmp"] : []), ...(udp ? ["udp"] : [])];
}
