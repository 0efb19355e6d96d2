/** The networks that our loop plays in the bench, for the packets that the emulator sends there. */
import { type NetworkPlan, PERFECT_LINK } from "../../src/echo/network/plan.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";

const PLAIN: NetworkPlan = {
  unreachable: false,
  routers: [],
  hops: 0,
  refuse: false,
  link: PERFECT_LINK,
  seed: 1,
  changes: [],
};

export const NETWORKS = {
  /** As with --hosts 10.6.7.9-10.6.7.28. */
  hosts: { ...PLAIN, hosts: [{ first: parseIpAddress("10.6.7.9"), last: parseIpAddress("10.6.7.28") }] },
  /** As with --delay 1ms. */
  delay: { ...PLAIN, link: { ...PERFECT_LINK, delayUs: 1000 } },
} as const satisfies Record<string, NetworkPlan>;

export type NetworkName = keyof typeof NETWORKS;
