import { formatIpAddress, type IpAddress, parseIpAddress } from "../../wire/ip_address.ts";
import { parseDomain } from "./domain.ts";

/** The DNS servers of all names under a domain, in the order in which Windows asks them. */
export interface DnsRule {
  /** In lower case, without a dot at either end. */
  readonly name: string;
  /** One at least. */
  readonly servers: readonly IpAddress[];
}

/** One server of a rule, as `--dns-for` takes it. */
export interface DnsRuleServer {
  readonly name: string;
  readonly server: IpAddress;
}

/** Collects servers into one rule for each name, sorted by name. The servers of a name keep their order. */
export function dnsRulesOf(servers: readonly DnsRuleServer[]): DnsRule[] {
  const rules = Map.groupBy(servers, ({ name }) => name);
  return sortDnsRules(
    Array.from(rules, ([name, list]) => ({ name, servers: list.map(({ server }) => server) })),
  );
}

/** Writes one server of a rule: `lab.example=10.6.7.1`. */
export function formatDnsRuleServer({ name, server }: DnsRuleServer): string {
  return `${name}=${formatIpAddress(server)}`;
}

/** Writes rules as the texts that `--dns-for` takes, one for each server, sorted by name. */
export function formatDnsRules(rules: readonly DnsRule[]): string[] {
  return sortDnsRules(rules).flatMap(({ name, servers }) =>
    servers.map((server) => formatDnsRuleServer({ name, server }))
  );
}

/**
 * Reads the texts of `formatDnsRules`.
 * @throws {AddressSyntaxError} for a server that has no address, and {SyntaxError} for a name that is no domain.
 */
export function parseDnsRules(texts: readonly string[]): DnsRule[] {
  return dnsRulesOf(texts.map((text) => {
    const [name, address = ""] = text.split("=", 2);
    return { name: parseDomain(name), server: parseIpAddress(address, text) };
  }));
}

/** Returns rules sorted by name: Windows has them in no order. */
export function sortDnsRules(rules: readonly DnsRule[]): DnsRule[] {
  return rules.toSorted((a, b) => a.name < b.name ? -1 : 1);
}
