/** Returns the sums of what two records count under the same names. */
export function addCounts<T extends Readonly<Record<keyof T, number>>>(some: T, more: T): T {
  const names = Object.keys(some) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, some[name] + more[name]])) as T;
}
