import { MIN_FILE_BYTES } from "../../echo/capture/files.ts";
import { readInterfaceAddress } from "../arguments/addresses.ts";
import { REMOVE_LEGACY_OPTION } from "../host.ts";
import { DEFAULT_TYPE } from "../adapters/creation_options.ts";
import { flag, type Options, repeated, single } from "../arguments/options.ts";
import { SETTINGS_OPTIONS } from "../adapters/settings.ts";
import { UsageError } from "../arguments/usage_error.ts";
import {
  bytesReader,
  integerReader,
  readGuid,
  readRingBytes,
  readTunnelType,
  secondsReader,
} from "../arguments/values.ts";

/** What echo answers. */
export interface EchoKinds {
  readonly icmp: boolean;
  readonly udp: boolean;
}

export const SERVE_DEFAULTS = {
  /** As Wintun's own example. */
  ringBytes: 4 * 1024 * 1024,
  echo: { icmp: true, udp: true },
  /** Packets whole. */
  snapLength: 65535,
  /** What a simulated adapter has without --address: the address of Wintun's own example. */
  simulatedAddress: "10.6.7.7/24",
} as const;

/** The longest that a timer can wait: 2^31 - 1 milliseconds, about 24 days. */
const MAX_SECONDS = 2_147_483;

export const SERVE_OPTIONS = {
  ...SETTINGS_OPTIONS,
  address: repeated(
    "CIDR",
    readInterfaceAddress,
    "Address of the adapter with its prefix length, such as 10.6.7.7/24 or fd00::7/64. Every other address of that " +
      "subnet is answered for. Default: with --simulate 10.6.7.7/24, otherwise what the adapter has.",
  ),
  ring: single(
    "BYTES",
    readRingBytes,
    "Size of each packet ring: a power of two from 128KiB (131072) to 64MiB (67108864). Default: 4MiB.",
  ),
  echo: single(
    "KINDS",
    readEcho,
    "What to answer: icmp, udp, both as icmp,udp, or none to only watch. Default: icmp,udp.",
    ["icmp", "udp", "icmp,udp", "none"],
  ),
  "log-packets": flag("Write a line for each packet that arrives and each reply."),
  stats: single(
    "SECONDS",
    secondsReader(MAX_SECONDS),
    `Write totals and rates every so many seconds, at most ${MAX_SECONDS}; on a terminal as one line that stays at the ` +
      "bottom. Default: only at the end.",
  ),
  pcap: single(
    "FILE",
    (text) => text,
    "Capture every packet that arrives and each reply into this pcapng file, which Wireshark opens; - is stdout.",
  ),
  snaplen: single(
    "N",
    integerReader(1, SERVE_DEFAULTS.snapLength),
    "Most bytes of a packet that --pcap captures, and that --log-packets then sees of it: 1 to 65535. Default: all.",
  ),
  "pcap-size": single(
    "BYTES",
    bytesReader(MIN_FILE_BYTES),
    "Go on in another file before one grows beyond this: 128KiB (131072) and more, such as 100MiB. The files are " +
      "numbered: lab.pcapng becomes lab_00001_20260102030405.pcapng. Default: one file for all.",
  ),
  "pcap-seconds": single(
    "SECONDS",
    secondsReader(MAX_SECONDS),
    `Go on in another file after so many seconds, at most ${MAX_SECONDS}, if there are packets in this one. Default: one ` +
      "file for all.",
  ),
  "pcap-files": single(
    "N",
    integerReader(1, Number.MAX_SAFE_INTEGER),
    "Keep only the newest N of the files of this run, 1 and more; those of earlier runs stay. Default: all.",
  ),
  count: single(
    "N",
    integerReader(1, Number.MAX_SAFE_INTEGER),
    "End after N replies, 1 and more. Default: go on.",
  ),
  duration: single(
    "SECONDS",
    secondsReader(MAX_SECONDS),
    `End after so many seconds, at most ${MAX_SECONDS}; decimals are allowed. Default: go on.`,
  ),
  type: single(
    "TYPE",
    readTunnelType,
    `Tunnel type of an adapter that is created, 1 to 127 characters. Default: ${DEFAULT_TYPE}.`,
  ),
  guid: single(
    "GUID",
    readGuid,
    "GUID of an adapter that is created. Default: derived from its name and this machine, so that it is the same " +
      "every time.",
  ),
  ...REMOVE_LEGACY_OPTION,
  simulate: flag(
    "Serve a simulated adapter on any operating system: no driver, no administrator. A simulated machine pings the " +
      "subnet once a second and checks every byte of the replies.",
  ),
} as const satisfies Options;

function readEcho(text: string): EchoKinds {
  const kinds = text === "none" ? [] : text.split(",");
  const unknown = kinds.find((kind) => kind !== "icmp" && kind !== "udp");
  if (unknown !== undefined) throw new UsageError(`${text}: must be icmp, udp, icmp,udp or none.`);
  return { icmp: kinds.includes("icmp"), udp: kinds.includes("udp") };
}
