import { run } from "./network_namespace.ts";

/**
 * Returns the sorted destinations of the routes through a network device that somebody set, without those of its addresses.
 * Without `namespace`, the device is in the namespace of this process.
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
