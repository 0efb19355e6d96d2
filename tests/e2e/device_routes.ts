import { run } from "./network_namespace.ts";

/**
 * Destinations of the routes through the network device `device` that somebody set, not those of addresses; sorted.
 * Of the namespace that this process runs in, unless `namespace` names another.
 */
export async function routesOf(device: string, namespace?: string): Promise<string[]> {
  const where = namespace === undefined ? [] : ["-n", namespace];
  const found: { dst: string }[][] = [];
  for (const family of ["-4", "-6"]) {
    const show = ["-json", "route", "show", "dev", device, "proto", "static"];
    found.push(JSON.parse(await run("ip", [...where, family, ...show])));
  }
  return found.flat().map(({ dst }) => dst).sort();
}
