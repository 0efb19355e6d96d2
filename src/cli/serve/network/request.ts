import type { AddressRange, Link, LinkChange, NetworkPlan } from "../../../echo/network/plan.ts";
import { formatIpAddress, type IpAddress } from "../../../wire/ip_address.ts";
import type { Values } from "../../arguments/options.ts";
import { UsageError } from "../../arguments/usage_error.ts";
import type { EchoKinds } from "../echo_kinds.ts";
import { delayFault } from "./delay_fault.ts";
import type { NETWORK_OPTIONS } from "./options.ts";
import { formatAddressRange, type Named } from "./ranges.ts";
import type { Scenario } from "./scenario.ts";

/** A network as options and scenario ask for it, before the addresses of the adapter are known. */
export interface NetworkRequest extends Omit<NetworkPlan, "hosts" | "routers" | "ping"> {
  /** Absent: all addresses answer. */
  readonly hosts?: readonly Named<AddressRange>[];
  /** The addresses that changes name, besides those of `hosts`. */
  readonly changing: readonly Named<AddressRange>[];
  /** The routers whose addresses the user has chosen. */
  readonly routers: readonly Named<IpAddress>[];
  readonly ping?: { readonly target: IpAddress; readonly intervalMs: number };
}

type NetworkValues = Values<typeof NETWORK_OPTIONS> & { readonly echo: EchoKinds | undefined };

const DEFAULT_PING_INTERVAL_S = 1;

/**
 * Puts together what options and scenario ask for. An option takes the place of the same property of the scenario. Returns
 * `undefined` if none of them asks for a network, so that the plain echo answers.
 *
 * @throws {UsageError} if something does not fit together.
 */
export function requestNetwork(
  values: NetworkValues,
  scenario: Scenario = { changes: [], changing: [] },
): NetworkRequest | undefined {
  const hosts = values.hosts.length === 0 ? scenario.hosts : values.hosts.map(namedHosts);
  const pathMtu = values["path-mtu"] ?? scenario.pathMtu;
  const udpPorts = values.echo === undefined ? scenario.udpPorts : values.echo.udpPorts;
  const ping = readPing(values);
  const request: NetworkRequest = {
    ...(hosts === undefined ? {} : { hosts }),
    changing: scenario.changing,
    unreachable: values.unreachable || (scenario.unreachable ?? false),
    routers: values.router.length === 0 ? scenario.routers ?? [] : values.router.map(namedRouter),
    hops: values.hops ?? scenario.hops ?? 0,
    ...(pathMtu === undefined ? {} : { pathMtu }),
    ...(udpPorts === undefined ? {} : { udpPorts }),
    refuse: values.refuse || (scenario.refuse ?? false),
    link: readLink(values, scenario),
    seed: values.seed ?? scenario.seed ?? anySeed(),
    changes: scenario.changes,
    ...(ping === undefined ? {} : { ping }),
  };
  refuseAimless(values, request);
  return isNetwork(request) ? request : undefined;
}

function anySeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

function namedHosts(value: AddressRange): Named<AddressRange> {
  return { name: `--hosts ${formatAddressRange(value)}`, value };
}

function namedRouter(value: IpAddress): Named<IpAddress> {
  return { name: `--router ${formatIpAddress(value)}`, value };
}

function readPing({ ping: target, "ping-interval": interval }: NetworkValues): NetworkRequest["ping"] {
  if (target !== undefined) return { target, intervalMs: 1000 * (interval ?? DEFAULT_PING_INTERVAL_S) };
  if (interval === undefined) return undefined;
  throw new UsageError("--ping-interval has no effect without pings.", "Add --ping ADDRESS.");
}

/** A delay brings its own jitter and reordering, as with `tc qdisc change`. So they come from the options, or else the scenario. */
function readLink(values: NetworkValues, scenario: Scenario): Link {
  const isGiven = values.delay !== undefined || values.jitter !== undefined || values.reorder !== undefined;
  const { delay = 0, jitter = 0, reorder = 0 } = isGiven ? values : scenario;
  const fault = delayFault({ delay, jitter, reorder });
  if (fault !== undefined) {
    throw new UsageError(`--delay, --jitter and --reorder do not fit together: ${fault}.`);
  }
  const rate = values.rate ?? scenario.rate;
  return {
    delayUs: delay,
    jitterUs: jitter,
    reorder,
    loss: values.loss ?? scenario.loss ?? 0,
    duplicate: values.duplicate ?? scenario.duplicate ?? 0,
    ...(rate === undefined ? {} : { rateBitsPerSecond: rate }),
  };
}

/** Refuses options that have no effect. @throws {UsageError} */
function refuseAimless(
  { unreachable, router, seed }: NetworkValues,
  { hosts, unreachable: isReported, hops, pathMtu, link, changes }: NetworkRequest,
): void {
  if (unreachable && hosts === undefined && !changes.some(({ isUp }) => isUp === false)) {
    throw new UsageError("--unreachable has no effect, because all addresses answer.", "Add --hosts RANGE.");
  }
  const hasRouters = isReported || [{ hops, pathMtu }, ...changes].some((one) => one.hops || one.pathMtu);
  if (router.length > 0 && !hasRouters) {
    throw new UsageError(
      "--router has no effect, because no router is on the way and none answers.",
      "Add --hops N, --unreachable or --path-mtu N.",
    );
  }
  if (seed !== undefined && ![link, ...changes.map((change) => change.link)].some(isRandom)) {
    throw new UsageError(
      "--seed has no effect, because nothing is left to chance.",
      "Add --loss, --jitter, --duplicate or --reorder.",
    );
  }
}

function isRandom(link: LinkChange | undefined): boolean {
  return Boolean(link?.jitterUs || link?.loss || link?.duplicate || link?.reorder);
}

function isNetwork({ hosts, udpPorts, refuse, hops, pathMtu, link, changes, ping }: NetworkRequest): boolean {
  return hosts !== undefined || udpPorts !== undefined || refuse || hops > 0 || pathMtu !== undefined ||
    changes.length > 0 || ping !== undefined || isRandom(link) || link.delayUs > 0 ||
    link.rateBitsPerSecond !== undefined;
}
