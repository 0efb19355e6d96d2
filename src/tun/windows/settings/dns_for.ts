import type { NamePolicy, NamePolicyRule } from "../../../windows/network/name_policy.ts";
import { formatIpAddress } from "../../../wire/ip_address.ts";
import { deriveRuleGuid } from "../../derived_guid.ts";
import { rulesWouldStay } from "../../host_error.ts";
import type { DnsRule } from "../../settings/dns_rule.ts";
import type { Settings } from "../../settings/settings.ts";
import { commentOf, isRuleOf, notAnnounced, OVERRIDDEN, readRulesOf } from "../dns_rules.ts";
import type { SettingsChange, Subject } from "./subject.ts";

/** The adapter that the rules belong to. */
export interface RulesOwner {
  readonly name: string;
  /** Lower case, without braces. */
  readonly guid: string;
  /** Whether a process of this program holds the adapter. It deletes the rules before it removes the adapter. */
  readonly isHeld: boolean;
}

/**
 * Returns the DNS servers of names under a domain as a setting. Each name is a rule of the machine. Rules of other adapters and
 * programs stay as they are.
 */
export function dnsForSubject(namePolicy: NamePolicy, owner: RulesOwner): Subject {
  return {
    settings: ["dnsFor"],

    read(): Settings {
      const dnsFor = readRulesOf(namePolicy, owner.guid);
      return dnsFor === undefined ? {} : { dnsFor };
    },

    /** Rules of others are warned of, not refused: otherwise any program could keep a persistent adapter from starting. */
    check({ wanted: { dnsFor = [] }, operation }): readonly string[] {
      if (dnsFor.length === 0) return [];
      if (!owner.isHeld) throw rulesWouldStay(operation);
      return [
        ...(namePolicy.isOverridden() ? [OVERRIDDEN] : []),
        ...dnsFor.flatMap(({ name }) => othersRule(namePolicy, owner.guid, name) ?? []),
      ];
    },

    async write(change): Promise<readonly string[]> {
      if (change.wanted.dnsFor === undefined) return [];
      const rules = await Promise.all(change.wanted.dnsFor.map((rule) => ruleOf(rule, owner)));
      if (!writeRules(namePolicy, owner, rules, change)) return [];
      const reason = await namePolicy.announce();
      return reason === undefined ? [] : [notAnnounced(reason)];
    },
  };
}

async function ruleOf({ name, servers }: DnsRule, owner: RulesOwner): Promise<NamePolicyRule> {
  return {
    id: await deriveRuleGuid(owner.guid, name),
    names: [`.${name}`],
    servers: servers.map(formatIpAddress),
    displayName: owner.name,
    comment: commentOf(owner.guid),
  };
}

/** Makes the adapter's rules those that are given. Returns whether that changed anything. */
function writeRules(
  namePolicy: NamePolicy,
  { guid }: RulesOwner,
  rules: readonly NamePolicyRule[],
  { attempt }: SettingsChange,
): boolean {
  const present = (namePolicy.list() ?? []).filter((rule) => isRuleOf(rule, guid));
  const changed = rules.filter((rule) => !present.some((one) => isSame(one, rule)));
  const unwanted = present.filter(({ id }) => !rules.some((rule) => rule.id === id));
  for (const rule of changed) {
    attempt(`cannot write the rule for DNS names ${rule.names}`, () => namePolicy.write(rule));
  }
  for (const { id, names } of unwanted) {
    attempt(`cannot delete the rule for DNS names ${names}`, () => namePolicy.delete(id));
  }
  return changed.length + unwanted.length > 0;
}

/** The display name does not count: the adapter may have been renamed. */
function isSame(a: NamePolicyRule, b: NamePolicyRule): boolean {
  return a.id === b.id && a.names.join() === b.names.join() && a.servers.join() === b.servers.join();
}

/** Returns a warning if somebody else has a rule for the same name. Windows documents no order between two. */
function othersRule(namePolicy: NamePolicy, guid: string, name: string): string | undefined {
  const other = namePolicy.list()?.find((rule) =>
    !isRuleOf(rule, guid) && rule.names.some((one) => one.toLowerCase() === `.${name}`)
  );
  if (other === undefined) return undefined;
  const about = other.displayName === "" ? "" : ` of "${other.displayName}"`;
  return `There is another rule${about} for DNS names under ${name}, {${other.id}}. Windows may ask the servers of that one.`;
}
