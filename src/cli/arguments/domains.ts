import type { DnsRuleServer } from "../../tun/settings/dns_rule.ts";
import { readDnsServer } from "./addresses.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Reads a domain (RFC 1035 section 2.3.4): labels of 1 to 63 letters, digits, hyphens and underscores, 253 characters in all.
 * Letters may be of any script.
 * @throws {UsageError} for anything else.
 */
export function readDomain(text: string): string {
  if (isDomain(text)) return text;
  throw new UsageError(`${text}: must be a domain, such as lab.example.`);
}

/**
 * Reads a DNS server of the names under a domain, such as lab.example=10.6.7.1. The result has the domain in lower case.
 * @throws {UsageError} for anything else, and without a domain.
 */
export function readDnsRuleServer(text: string): DnsRuleServer {
  const [, domain, address] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (domain === undefined) {
    throw new UsageError(`${text}: must be a domain and a DNS server, such as lab.example=10.6.7.1.`);
  }
  if (["", ".", "*", "*."].includes(domain)) {
    throw new UsageError(
      `${text}: must have a domain, because --dns-for is not for all names.`,
      "Use --dns for all names.",
    );
  }
  if (!isDomain(domain)) {
    // Names of rules begin with a dot in PowerShell, and those of other programs with a star.
    const bare = domain.replace(/^\*?\.|\.$/g, "");
    const hint = isDomain(bare) ? `Did you mean ${bare}=${address}?` : "";
    throw new UsageError(`${text}: must have a domain before the =, such as lab.example.`, hint);
  }
  try {
    return { name: domain.toLowerCase(), server: readDnsServer(address) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${domain}=${error.message}`, error.hint);
  }
}

function isDomain(text: string): boolean {
  return text.length <= 253 && /^[\p{L}\p{N}_-]{1,63}(\.[\p{L}\p{N}_-]{1,63})*$/u.test(text);
}
