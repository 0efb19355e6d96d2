import { normalGuid } from "../../wire/guid.ts";
import type { Registry } from "../registry.ts";
import { ServiceManager } from "../services/service_manager.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { ERROR_ACCESS_DENIED, Win32Error } from "../win32_error.ts";

/** The rules of this machine. A key below it is a rule ([MS-GPNRPT] section 2.2.2). */
export const LOCAL_RULES = "SYSTEM\\CurrentControlSet\\Services\\Dnscache\\Parameters\\DnsPolicyConfig";
/** The rules of a group policy. If this key is there, even without a rule, Windows does not read the rules of the machine. */
export const POLICY_RULES = "SOFTWARE\\Policies\\Microsoft\\Windows NT\\DNSClient\\DnsPolicyConfig";
/** "Its value MUST be 0x00000001" ([MS-GPNRPT] section 2.2.2.3). */
const VERSION = 1;
/** "Only the Generic DNS server option is specified" ([MS-GPNRPT] section 2.2.2.2). */
const GENERIC_DNS_SERVERS = 8;
/** The service that resolves names, and reads the rules. */
const DNS_CLIENT = "Dnscache";

/** A rule. For these names Windows asks these DNS servers and no others. */
export interface NamePolicyRule {
  /** GUID of the rule: lower case, without braces. */
  readonly id: string;
  /** Domains. One that begins with a dot stands for all names that end in it ([MS-GPNRPT] section 2.2.2.1). */
  readonly names: readonly string[];
  /** Addresses as text, in the order in which they are asked. Empty if the rule is for something else than servers. */
  readonly servers: readonly string[];
  /** What PowerShell shows as DisplayName and Comment. Programs write any text there. */
  readonly displayName: string;
  readonly comment: string;
}

/**
 * The Name Resolution Policy Table of this machine: its rules for names, which hold for all of its interfaces ("Group Policy:
 * Name Resolution Policy Table (NRPT) Data Extension", [MS-GPNRPT]). Everybody can read it; administrators can write it.
 */
export class NamePolicy {
  readonly #libraries: SystemLibraries;
  readonly #registry: Registry;

  /** Called by `System`. */
  constructor(libraries: SystemLibraries, registry: Registry) {
    this.#libraries = libraries;
    this.#registry = registry;
  }

  /**
   * Returns the rules of the machine, in no order, without those that this user may not read. Returns `undefined` if this user may
   * not read which there are.
   * @throws {Win32Error}
   */
  list(): NamePolicyRule[] | undefined {
    const list = (): NamePolicyRule[] => {
      using rules = this.#registry.open(LOCAL_RULES);
      return rules?.subkeys().flatMap((name) => unlessDenied(() => this.#read(name)) ?? []) ?? [];
    };
    return unlessDenied(list);
  }

  /**
   * Writes a rule, in the place of one with the same id if there is one. A restart of Windows deletes it, except with Fast
   * Startup.
   * @throws {Win32Error}
   */
  write({ id, names, servers, displayName, comment }: NamePolicyRule): void {
    // A restart deletes only the rule, not the table. Below a key that a restart deletes, other programs could not write rules
    // that stay.
    this.#registry.create(LOCAL_RULES)[Symbol.dispose]();
    using rule = this.#registry.createVolatile(keyOf(id));
    // The comment comes first, because the rule is known by it, and this process may die at any moment.
    rule.setText("Comment", comment);
    rule.setText("DisplayName", displayName);
    rule.setDword("Version", VERSION);
    rule.setDword("ConfigOptions", GENERIC_DNS_SERVERS);
    rule.setText("GenericDNSServers", servers.join(";"));
    rule.setTexts("Name", names);
  }

  /** Deletes a rule. Does nothing if there is none. @throws {Win32Error} with ERROR_ACCESS_DENIED if it cannot be deleted. */
  delete(id: string): void {
    if (this.#registry.delete(keyOf(id))) return;
    using left = this.#registry.open(keyOf(id));
    if (left === undefined) return;
    throw new Win32Error(ERROR_ACCESS_DENIED, `Cannot delete the registry key HKLM\\${keyOf(id)}`);
  }

  /** Returns whether a group policy has rules, so that Windows does not read those of the machine. @throws {Win32Error} */
  isOverridden(): boolean {
    using rules = this.#registry.open(POLICY_RULES);
    return rules !== undefined;
  }

  /**
   * Tells the DNS client of Windows that the rules have changed, by its service. Returns `undefined`, or why it could not be
   * told, as the end of a sentence.
   */
  async announce(): Promise<string | undefined> {
    try {
      using manager = ServiceManager.connect(this.#libraries);
      using client = manager.open(DNS_CLIENT, "pauseContinue", "status");
      if (client === undefined) return `there is no service ${DNS_CLIENT}`;
      if (await client.rereadParameters()) return undefined;
      return `its service ${DNS_CLIENT} ${client.status().state === "stopped" ? "does not run" : "refuses"}`;
    } catch (error) {
      if (!(error instanceof Win32Error)) throw error;
      return error.message;
    }
  }

  #read(name: string): NamePolicyRule | undefined {
    const id = normalGuid(name);
    using rule = id === undefined ? undefined : this.#registry.open(`${LOCAL_RULES}\\${name}`);
    if (id === undefined || rule === undefined) return undefined;
    return {
      id,
      names: rule.texts("Name") ?? [],
      servers: (rule.text("GenericDNSServers") ?? "").split(";").map((text) => text.trim()).filter(Boolean),
      displayName: rule.text("DisplayName") ?? "",
      comment: rule.text("Comment") ?? "",
    };
  }
}

/** Returns what `read` returns, or `undefined` if this user may not read it. */
function unlessDenied<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Win32Error && error.code === ERROR_ACCESS_DENIED) return undefined;
    throw error;
  }
}

function keyOf(id: string): string {
  return `${LOCAL_RULES}\\{${id.toUpperCase()}}`;
}
