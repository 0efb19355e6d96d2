import {
  countServices,
  findDevices,
  findDriver,
  findElevation,
  type Finding,
  findLegacy,
  findLost,
  ok,
} from "../findings.ts";
import { deviceOf, DRIVER_VERSION } from "./adapter_info.ts";
import { isWintun, type Machine } from "./machine.ts";

/**
 * Returns what `doctor` finds on a simulated machine. What it checks of the real one is not there: the functions of Windows,
 * the folder of the program, and wintun.dll.
 *
 * @param place Where the machine is, as part of a sentence.
 */
export function examineMachine({ elevated, adapters }: Machine, place: string): Finding[] {
  const present = adapters.filter(isWintun).length;
  const orphans = adapters.filter(({ holding }) => holding.kind === "nobody");
  const legacy = adapters.filter(({ holding }) => holding.kind === "legacy");
  const services = adapters.flatMap(({ name, holding }) =>
    holding.kind === "service" ? [{ name, ...holding }] : []
  );
  const lost = services.filter(({ state }) => state === "lost");
  return [
    ok("platform", `A simulated machine ${place}. Nothing here is real.`),
    findElevation(elevated),
    findDevices(present, orphans.length),
    findLegacy(legacy.map(deviceOf)),
    findLost(lost.map(({ name }) => name)),
    countServices(services.length),
    ...(legacy.length > 0 ? [] : [findDriver(present === 0 ? undefined : DRIVER_VERSION)]),
  ];
}
