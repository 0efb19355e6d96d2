import { type NamePolicy, type NamePolicyRule, POLICY_RULES } from "../../windows/network/name_policy.ts";
import type { System } from "../../windows/system.ts";
import { Win32Error } from "../../windows/win32_error.ts";
import { normalGuid } from "../../wire/guid.ts";
import { AddressSyntaxError, parseIpAddress } from "../../wire/ip_address.ts";
import type { AdapterInfo } from "../adapter_info.ts";
import { describeLeftRule, findDnsRules, type Finding, warning } from "../findings.ts";
import { instanceIdOf } from "../instance_id.ts";
import { type DnsRule, sortDnsRules } from "../settings/dns_rule.ts";
import { isPresent } from "./devices.ts";

/** The start of the comment of a rule. The GUID of the adapter follows. */
const MARK = "wintun adapter ";

/** Returns the comment by which the rules of an adapter are known. Nothing else of a rule says whose it is. */
export function commentOf(guid: string): string {
  return `${MARK}{${guid.toUpperCase()}}`;
}

/** Returns the adapter that a rule belongs to. `undefined` for a rule that this program did not write. */
function adapterOf({ comment }: NamePolicyRule): string | undefined {
  return comment.startsWith(MARK) ? normalGuid(comment.slice(MARK.length)) : undefined;
}

/** Returns whether the rule belongs to the adapter with that GUID. */
export function isRuleOf(rule: NamePolicyRule, guid: string): boolean {
  return adapterOf(rule) === guid;
}

/**
 * Returns the rules of the adapter with that GUID as a setting. `undefined` if this user may not read them.
 * @throws {Win32Error}
 */
export function readRulesOf(namePolicy: NamePolicy, guid: string): readonly DnsRule[] | undefined {
  return rulesOf(namePolicy.list(), guid);
}

/** Adds the rules of the adapters that have a network interface. @throws {Win32Error} */
export function withDnsRules(infos: readonly AdapterInfo[], namePolicy: NamePolicy): AdapterInfo[] {
  const rules = namePolicy.list();
  return infos.map((info) => {
    const dnsFor = info.details && rulesOf(rules, info.guid);
    return dnsFor === undefined ? info : { ...info, details: { ...info.details!, dnsFor } };
  });
}

function rulesOf(rules: readonly NamePolicyRule[] | undefined, guid: string): readonly DnsRule[] | undefined {
  const own = rules?.filter((rule) => isRuleOf(rule, guid));
  return own && sortDnsRules(own.flatMap((rule) => readRule(rule) ?? []));
}

/** Returns a rule as a setting. `undefined` if somebody has made something else of it. */
function readRule({ names, servers }: NamePolicyRule): DnsRule | undefined {
  const [name] = names;
  if (names.length !== 1 || !name.startsWith(".") || servers.length === 0) return undefined;
  try {
    return { name: name.slice(1).toLowerCase(), servers: servers.map((text) => parseIpAddress(text)) };
  } catch (error) {
    if (error instanceof AddressSyntaxError) return undefined;
    throw error;
  }
}

/** The warning that the rules of the machine have no effect. */
export const OVERRIDDEN =
  "Windows does not use the rules of --dns-for, because a group policy has rules for DNS names on this machine. Whoever manages " +
  `the policy can add the names there (registry key HKLM\\${POLICY_RULES}).`;

/** Returns the warning that the DNS client does not use the present rules. @param reason The end of a sentence. */
export function notAnnounced(reason: string): string {
  return `The DNS client could not be told that the rules of --dns-for have changed: ${reason}. It reads them when its ` +
    'service starts, or after "sc control Dnscache paramchange".';
}

/** Writes the new name of an adapter into its rules, where it is for people only. Returns warnings. */
export function renameRulesOf(namePolicy: NamePolicy, guid: string, displayName: string): readonly string[] {
  try {
    for (const rule of rulesWhere(namePolicy, (adapter) => adapter === guid)) {
      namePolicy.write({ ...rule, displayName });
    }
    return [];
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    return [`The rules of --dns-for still have the old name of the adapter: ${error.message}.`];
  }
}

/**
 * Deletes the rules of the adapter with that GUID before it returns a promise, and then tells the DNS client, if there were any. Resolves to
 * warnings. An error of Windows is one of them, because the adapter works without it.
 */
export function removeRulesOf(system: System, guid: string): Promise<readonly string[]> {
  return removeRules(system, (adapter) => adapter === guid);
}

/**
 * Deletes the rules of adapters that are gone, as `removeRulesOf` does. There are some only if a process that held an adapter was
 * killed.
 */
export function removeLeftRules(system: System): Promise<readonly string[]> {
  return removeRules(system, (adapter) => !isThere(system, adapter));
}

async function removeRules(system: System, isMeant: (guid: string) => boolean): Promise<readonly string[]> {
  const { namePolicy } = system;
  try {
    const meant = rulesWhere(namePolicy, isMeant);
    if (meant.length === 0) return [];
    for (const { id } of meant) namePolicy.delete(id);
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    return [`Some rules of --dns-for are left: ${error.message}. wintun doctor shows them.`];
  }
  const reason = await namePolicy.announce();
  return reason === undefined ? [] : [notAnnounced(reason)];
}

function rulesWhere(namePolicy: NamePolicy, isMeant: (guid: string) => boolean): NamePolicyRule[] {
  const rules = namePolicy.list() ?? [];
  return rules.filter((rule) => {
    const guid = adapterOf(rule);
    return guid !== undefined && isMeant(guid);
  });
}

function isThere(system: System, guid: string): boolean {
  return isPresent(system, instanceIdOf(guid));
}

/**
 * Checks that every rule of this program belongs to an adapter that is there, and that Windows uses the rules.
 * @throws {Win32Error} if Windows refuses to list devices.
 */
export function examineDnsRules(system: System): Finding {
  const { namePolicy } = system;
  const left = rulesWhere(namePolicy, (guid) => !isThere(system, guid));
  const count = rulesWhere(namePolicy, () => true).length;
  const finding = findDnsRules(count, left.map(describeRule));
  const isUnused = left.length === 0 && count > 0 && namePolicy.isOverridden();
  return isUnused ? warning(finding.check, OVERRIDDEN, "") : finding;
}

function describeRule(rule: NamePolicyRule): string {
  const names = rule.names.map((name) => name.replace(/^\./, "")).join(" ") || "no name";
  return describeLeftRule(names, rule.displayName, adapterOf(rule) ?? "");
}
