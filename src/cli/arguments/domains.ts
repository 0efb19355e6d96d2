import type { DnsRuleServer } from "../../tun/settings/dns_rule.ts";
import { domainFault } from "../../tun/settings/domain.ts";
import { readDnsServer } from "./addresses.ts";
import { UsageError } from "./usage_error.ts";

/** Reads a domain, such as lab.example. @throws {UsageError} for what `domainFault` refuses. */
export function readDomain(text: string): string {
  const fault = domainFault(text);
  if (fault === undefined) return text;
  throw new UsageError(`${text}: must be a domain, such as lab.example, but ${fault}.`, meant(text));
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
  const name = domain.toLowerCase();
  const fault = domainFault(name);
  if (fault !== undefined) {
    const message = `${text}: must have a domain before the =, such as lab.example, but ${fault}.`;
    throw new UsageError(message, meant(domain, `=${address}`));
  }
  try {
    return { name, server: readDnsServer(address) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${domain}=${error.message}`, error.hint);
  }
}

/** Returns the question whether somebody meant the domain without what names of rules have at their ends, or "". */
function meant(text: string, behind = ""): string {
  // Names of rules begin with a dot in PowerShell, and those of other programs with a star.
  const bare = text.replace(/^\*?\.|\.$/g, "");
  return bare === text || domainFault(bare) !== undefined ? "" : `Did you mean ${bare}${behind}?`;
}
