import type { Rotation } from "../../echo/capture/files.ts";
import type { Settings } from "../../tun/host.ts";
import { parseCidr } from "../../wire/cidr.ts";
import type { ChosenDll } from "../../wintun/locate.ts";
import { chosenDll, onlyOperand } from "../host.ts";
import type { CreationValues } from "../adapters/creation_options.ts";
import type { GLOBAL_OPTIONS, Values } from "../arguments/options.ts";
import { type EchoKinds, SERVE_DEFAULTS, type SERVE_OPTIONS } from "./options.ts";
import { readSettings } from "../adapters/settings.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { readAdapterName } from "../arguments/values.ts";

/** What one `serve` is asked to do, complete and consistent. */
export interface ServePlan {
  readonly name: string;
  /** Of an adapter that is created. */
  readonly creation: CreationValues;
  readonly settings: Settings;
  readonly ringBytes: number;
  readonly echo: EchoKinds;
  readonly logPackets: boolean;
  readonly capture?: CapturePlan;
  /** Milliseconds between two statistics. */
  readonly statsMs?: number;
  /** Replies after which to end. */
  readonly count?: number;
  /** Milliseconds after which to end. */
  readonly durationMs?: number;
  readonly simulate: boolean;
  readonly dll?: ChosenDll;
  /** Whether an adapter of another program may be served. */
  readonly force: boolean;
  /** Whether devices of an old Wintun may be removed. */
  readonly removeLegacy: boolean;
}

/** What is captured, and where to. */
export interface CapturePlan {
  /** A file's name, or `-` for stdout. */
  readonly path: string;
  /** Most bytes kept of a packet. */
  readonly snapLength: number;
  readonly rotation?: Rotation;
}

type ServeValues = Values<typeof SERVE_OPTIONS & typeof GLOBAL_OPTIONS>;

/** Makes the plan of what was given. @throws {UsageError} where the parts do not fit together. */
export function readPlan(values: ServeValues, operands: readonly string[]): ServePlan {
  const name = readAdapterName(onlyOperand(operands, "serve"));
  const { address, stats, duration, count, type, guid, simulate } = values;
  const echo = values.echo ?? SERVE_DEFAULTS.echo;
  const settings = readSettings(values);
  const capture = readCapturePlan(values);
  if (count !== undefined && !echo.icmp && !echo.udp) {
    throw new UsageError("--count counts replies, but --echo none sends none.", "Use --duration.");
  }
  const chosen = chosenDll(values);
  const addresses = simulate && address.length === 0 ? [parseCidr(SERVE_DEFAULTS.simulatedAddress)] : address;
  return {
    name,
    creation: { type, guid },
    settings: { ...settings, ...(addresses.length === 0 ? {} : { addresses }) },
    ringBytes: values.ring ?? SERVE_DEFAULTS.ringBytes,
    echo,
    logPackets: values["log-packets"],
    ...(capture === undefined ? {} : { capture }),
    ...(stats === undefined ? {} : { statsMs: stats * 1000 }),
    ...(count === undefined ? {} : { count }),
    ...(duration === undefined ? {} : { durationMs: duration * 1000 }),
    simulate,
    ...chosen,
    force: values.force,
    removeLegacy: values["remove-legacy"],
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
