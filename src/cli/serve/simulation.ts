import type { SimulatedHostOptions } from "../../tun/simulated/host.ts";
import { addressesOfNoHost, type Cidr, formatCidr, networkOf } from "../../wire/cidr.ts";
import type { Output } from "../process/output.ts";
import { someAddresses } from "./network/ranges.ts";
import type { ServePlan } from "./plan.ts";

/** The pings of the machine that `--simulate` simulates. */
export class Simulation {
  readonly options: SimulatedHostOptions;
  readonly #plan: ServePlan;
  #answered = 0;
  #failed = 0;

  /** @param onWrong Is called with the reason if a reply is not right. */
  constructor(plan: ServePlan, onWrong: (reason: string) => void) {
    this.#plan = plan;
    const { network, settings: { addresses = [] } } = plan;
    const noTargets = addresses.flatMap((cidr) => [cidr.address, ...addressesOfNoHost(cidr)]);
    this.options = {
      onPeer: (event) => {
        if (event.type === "answered") this.#answered++;
        else if (event.type === "failed") this.#failed++;
        else onWrong(event.reason);
      },
      ...(network === undefined ? {} : {
        network: { targets: someAddresses([...network.hosts ?? [], ...network.changing], noTargets) },
      }),
    };
  }

  /** Writes how the pings went. */
  noteEnd(output: Output): void {
    const failed = this.#failed === 0 ? "" : `, ${this.#failed} got an ICMP error in place of a reply`;
    if (this.#answered > 0) {
      const pings = this.#answered === 1 ? "1 ping was" : `${this.#answered} pings were`;
      const answered = output.paintNote("green")(`${pings} answered`);
      output.note(`${answered}${failed}, and every byte of the replies was right.`);
    } else if (this.#plan.echo.icmp) {
      output.note(`No ping was answered${failed}.`);
    }
  }
}

/** Returns what a simulated machine does, as a sentence for people. */
export function describeSimulation({ network }: ServePlan, addresses: readonly Cidr[]): string {
  if (addresses.length === 0) {
    return "Nothing here is real: there is no address that a simulated machine could ping.";
  }
  const subnets = new Set(addresses.map((cidr) => formatCidr(networkOf(cidr))));
  const whom = network?.hosts === undefined
    ? `the addresses of ${[...subnets].join(" and ")}`
    : "the hosts and their neighbors";
  return `Nothing here is real: a simulated machine pings ${whom}, one a second.`;
}
