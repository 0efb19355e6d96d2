import {
  describeLeftRule,
  findDevices,
  findDnsRules,
  findDriver,
  findElevation,
  type Finding,
  findLegacy,
  findLost,
  findServices,
  ok,
  stoppedFault,
} from "../findings.ts";
import { deviceOf, DRIVER_VERSION, infoOf } from "./adapter_info.ts";
import { adaptersWithLeftRules } from "./dns_rules.ts";
import { isWintun, type Machine, type MachineAdapter } from "./machine.ts";

/**
 * Returns what `doctor` finds on a simulated machine. What it checks of the real one is not there: the functions of Windows,
 * the folder of the program, and wintun.dll.
 *
 * @param place Where the machine is, as part of a sentence.
 */
export function examineMachine(machine: Machine, place: string): Finding[] {
  const { elevated, adapters } = machine;
  const present = adapters.filter(isWintun);
  const orphans = adapters.filter(({ holding }) => holding.kind === "nobody");
  const legacy = adapters.filter(({ holding }) => holding.kind === "legacy");
  const services = adapters.filter(({ holding }) => holding.kind === "service").map(infoOf);
  const lost = services.filter(({ state }) => state === "lost");
  const stopped = services.flatMap(({ name, end }) => end === undefined ? [] : [stoppedFault(name, end)]);
  const left = adaptersWithLeftRules(machine);
  const rules = [...present, ...left].flatMap(({ settings }) => settings.dnsFor);
  return [
    ok("platform", `A simulated machine ${place}. Nothing here is real.`),
    findElevation(elevated),
    findDevices(present.length, orphans.length),
    findLegacy(legacy.map(deviceOf)),
    findLost(lost.map(({ name }) => name)),
    findDnsRules(rules.length, left.flatMap(describeRules)),
    findServices(services.length, stopped),
    ...(legacy.length > 0 ? [] : [findDriver(present.length === 0 ? undefined : DRIVER_VERSION)]),
  ];
}

function describeRules({ name: adapter, guid, settings }: MachineAdapter): string[] {
  return settings.dnsFor.map(({ name }) => describeLeftRule(name, adapter, guid));
}
