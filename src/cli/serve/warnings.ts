import { type Cidr, formatCidr, networkOf } from "../../wire/cidr.ts";

/** The routes that lead all traffic of a family to an adapter: one route for everything, or one for each half. */
const EVERYTHING = [
  { family: "IPv4", whole: "0.0.0.0/0", halves: ["0.0.0.0/1", "128.0.0.0/1"] },
  { family: "IPv6", whole: "::/0", halves: ["::/1", "8000::/1"] },
] as const;

/** Returns a warning for each family whose traffic all goes to the adapter, which sends each UDP datagram back. */
export function defaultRouteWarnings(routes: readonly Cidr[]): string[] {
  const given = new Set(routes.map((route) => formatCidr(networkOf(route))));
  return EVERYTHING.flatMap(({ family, whole, halves }) => {
    const found = given.has(whole) ? [whole] : halves.every((half) => given.has(half)) ? halves : [];
    if (found.length === 0) return [];
    const options = found.map((route) => `--route ${route}`).join(" ");
    return [
      `${options} leads all ${family} traffic of this machine to the adapter. Every UDP datagram comes back as it was sent, ` +
      "DNS queries included. With --echo icmp only pings are answered.",
    ];
  });
}

/** Returns a warning for each address whose subnet has no other one: prefix length 32 of IPv4, 128 of IPv6. */
export function loneAddressWarnings(addresses: readonly Cidr[]): string[] {
  return addresses
    .filter(({ address, prefixLength }) => prefixLength === 8 * address.bytes.length)
    .map((cidr) => `${formatCidr(cidr)} has no other address that could be pinged.`);
}
