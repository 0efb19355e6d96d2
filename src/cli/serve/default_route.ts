import { type Cidr, formatCidr, networkOf } from "../../wire/cidr.ts";

/** What leads all of a family's traffic to an adapter: one route for everything, or two for a half each. */
const EVERYTHING = [
  { family: "IPv4", whole: "0.0.0.0/0", halves: ["0.0.0.0/1", "128.0.0.0/1"] },
  { family: "IPv6", whole: "::/0", halves: ["::/1", "8000::/1"] },
] as const;

/** Warns of routes that lead all traffic of this machine to an adapter that echoes UDP; one message for each family. */
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
