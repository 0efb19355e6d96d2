import type { Rotation } from "../../echo/capture/files.ts";
import type { Settings } from "../../tun/settings/settings.ts";
import type { CREATION_OPTIONS } from "../adapters/creation_options.ts";
import { readSettings } from "../adapters/settings.ts";
import { onlyOperand } from "../arguments/operands.ts";
import type { GLOBAL_OPTIONS, Values } from "../arguments/options.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { readAdapterReference } from "../arguments/values.ts";
import { type HostChoice, readHostChoice } from "../host.ts";
import type { EchoKinds } from "./echo_kinds.ts";
import { placeNetwork } from "./network/placement.ts";
import { type NetworkRequest, requestNetwork } from "./network/request.ts";
import type { Scenario } from "./network/scenario.ts";
import { SERVE_DEFAULTS, type SERVE_OPTIONS } from "./options.ts";

/** The task of one `serve`, complete and consistent. */
export interface ServePlan extends HostChoice {
  /** The name of the adapter. For an adapter that exists, it may also be the GUID or `ifIndex:7`. */
  readonly name: string;
  /** The type and GUID of a new adapter. */
  readonly creation: Partial<Values<typeof CREATION_OPTIONS>>;
  readonly settings: Settings;
  readonly ringBytes: number;
  readonly echo: EchoKinds;
  /** Absent: all addresses answer at once. */
  readonly network?: NetworkRequest;
  readonly logPackets: boolean;
  readonly capture?: CapturePlan;
  /** Milliseconds between two statistics. Absent: there are totals at the end only. */
  readonly statsMs?: number;
  /** The number of replies after which to end. Absent: no limit. */
  readonly count?: number;
  /** Milliseconds after which to end. Absent: no limit. */
  readonly durationMs?: number;
  /** Whether an adapter of another program may be served. */
  readonly force: boolean;
}

/** How packets are captured, and into which file. */
export interface CapturePlan {
  /** A file's name, or `-` for stdout. */
  readonly path: string;
  /** The longest part of a packet that is captured, in bytes. */
  readonly snapLength: number;
  readonly rotation?: Rotation;
}

type ServeValues = Values<typeof SERVE_OPTIONS & typeof GLOBAL_OPTIONS>;

/**
 * Makes a plan of the arguments.
 * @param scenario The content of the file of `--scenario`.
 * @throws {UsageError} if they do not fit together.
 */
export function readPlan(values: ServeValues, operands: readonly string[], scenario?: Scenario): ServePlan {
  const name = readAdapterReference(onlyOperand(operands, "serve"));
  const { stats, duration, count, type, guid } = values;
  const network = requestNetwork(values, scenario);
  const { udpPorts } = network ?? {};
  const echo = { ...values.echo ?? SERVE_DEFAULTS.echo, ...(udpPorts === undefined ? {} : { udpPorts }) };
  const settings = readSettings(values);
  const capture = readCapturePlan(values);
  if (count !== undefined && !echo.icmp && !echo.udp && network === undefined) {
    throw new UsageError("--count counts replies, but --echo none sends none.", "Use --duration.");
  }
  const choice = readHostChoice(values);
  const { addresses = [] } = settings;
  // The addresses that an existing adapter keeps are known later.
  if (network !== undefined && addresses.length > 0) placeNetwork(network, { ...settings, addresses });
  return {
    name,
    creation: { type, guid },
    settings,
    ...(network === undefined ? {} : { network }),
    ringBytes: values.ring ?? SERVE_DEFAULTS.ringBytes,
    echo,
    logPackets: values["log-packets"],
    ...(capture === undefined ? {} : { capture }),
    ...(stats === undefined ? {} : { statsMs: stats * 1000 }),
    ...(count === undefined ? {} : { count }),
    ...(duration === undefined ? {} : { durationMs: duration * 1000 }),
    force: values.force,
    ...choice,
  };
}

function readCapturePlan(values: ServeValues): CapturePlan | undefined {
  const { pcap: path, snaplen } = values;
  const [bytes, seconds, keep] = [values["pcap-size"], values["pcap-seconds"], values["pcap-files"]];
  if (path === undefined) {
    const given = (["snaplen", "pcap-size", "pcap-seconds", "pcap-files"] as const)
      .find((name) => values[name] !== undefined);
    if (given === undefined) return undefined;
    throw new UsageError(`--${given} has no effect without a capture.`, "Add --pcap FILE.");
  }
  const rotates = bytes !== undefined || seconds !== undefined;
  if (keep !== undefined && !rotates) {
    throw new UsageError(
      "--pcap-files has no effect with one file only.",
      "Add --pcap-size or --pcap-seconds.",
    );
  }
  if (path === "-" && rotates) {
    throw new UsageError(
      "--pcap - writes one stream, so there can be no second file.",
      "Name a file instead.",
    );
  }
  return {
    path,
    snapLength: snaplen ?? SERVE_DEFAULTS.snapLength,
    ...(rotates
      ? {
        rotation: {
          ...(bytes === undefined ? {} : { bytes }),
          ...(seconds === undefined ? {} : { ms: seconds * 1000 }),
          ...(keep === undefined ? {} : { keep }),
        },
      }
      : {}),
  };
}
