import type { Machine, MachineAdapter } from "./machine.ts";

/**
 * Returns the adapters that are gone and whose DNS rules are left: the process that held the adapter was killed, or it hangs, so
 * it has not removed them.
 */
export function adaptersWithLeftRules({ adapters }: Machine): MachineAdapter[] {
  return adapters.filter(({ holding, settings }) => {
    const isGone = holding.kind === "nobody" || holding.kind === "service" && holding.state === "lost";
    return isGone && settings.dnsFor.length > 0;
  });
}

/** Removes the DNS rules of adapters that are gone, as every creation and deletion of an adapter does, and a restart. */
export function removeLeftRules(machine: Machine): void {
  for (const adapter of adaptersWithLeftRules(machine)) {
    adapter.settings = { ...adapter.settings, dnsFor: [] };
  }
}
