/** A property of all settings, for any machine: what is set is read back, is not set twice, and can be taken back. */

import { assertEquals } from "@std/assert";

/** Runs a command with `--json` that must succeed, and returns what it writes. */
// deno-lint-ignore no-explicit-any
export type Ask = (...args: string[]) => Promise<any>;

/** Values of one setting, as its option takes them. */
type Texts = readonly string[];

type ListName = "address" | "route" | "dns" | "dns-search" | "dns-for";
type ValueName = "mtu" | "metric" | "forwarding";
type PlainName = "dns-suffix" | "dns-registration" | "category" | "name";

/** The settings of an adapter as texts. Of a value with one text for each IP version: `IPv4 IPv6`. */
type State = Readonly<Record<ListName | ValueName | PlainName, string>>;

const LISTS: Readonly<Record<ListName, Texts>> = {
  address: ["10.77.0.1/24", "10.77.1.1/16", "10.79.3.3/32", "fd77::1/64", "fd78::7/128"],
  route: [
    "10.81.0.0/16",
    "10.81.0.0/17",
    "10.82.0.0/16,via=10.77.0.9",
    "10.82.0.0/16,via=10.77.0.8,metric=7",
    "10.83.0.0/16,metric=3",
    "fd81::/32",
    "fd82::/32,via=fd77::9,metric=20",
  ],
  dns: ["10.77.0.53", "10.77.0.54", "fd77::53", "fd77::54"],
  "dns-search": ["lab.example", "example", "a.very-long.name.of_a.domain"],
  "dns-for": [
    "lab.example=10.77.0.53",
    "lab.example=fd77::53",
    "lab.example=10.77.0.54",
    "deep.lab.example=10.77.0.55",
    "intern=10.77.0.53",
  ],
};

const PLAIN: Readonly<Record<PlainName, Texts>> = {
  name: ["Round Trip", "round trip", "rund 1 ä"],
  "dns-suffix": ["lab.example", "example"],
  "dns-registration": ["on", "off"],
  "category": ["private", "public", "default"],
};

const VALUES: Readonly<Record<ValueName, Texts>> = {
  mtu: ["1280", "1400", "9000", "65535"],
  metric: ["1", "5", "9999", "0"],
  forwarding: ["on", "off"],
};

/** Settings that give everything back. */
const TAKE_BACK: Texts = [
  ...Object.keys(LISTS).flatMap((name) => [`--${name}`, "none"]),
  ...[...Object.keys(VALUES), "dns-suffix", "dns-registration", "category"].flatMap((
    name,
  ) => [`--${name}`, "default"]),
];

/**
 * Changes the settings of an adapter at random, and checks each time what `set` and `list` say.
 * @param name An adapter of ours with the settings of a new one. It may get other names meanwhile.
 * @param seed Decides the choices, so that a failure can be repeated.
 */
export async function settingsRoundTrip(ask: Ask, name: string, rounds: number, seed: number): Promise<void> {
  const random = randomFrom(seed);
  const { adapters: [{ guid }] } = await ask("list", name);
  const start = await readState(ask, guid);
  let state = start;
  for (let round = 0; round < rounds; round++) {
    const [args, wanted] = choose(state, random);
    const about = `seed ${seed}, round ${round}: set ${args.join(" ")}`;
    const before = state;
    const { changed, changes } = await ask("set", guid, ...args);
    state = await readState(ask, guid);
    assertEquals(state, wanted, about);
    assertEquals(changed, JSON.stringify(before) !== JSON.stringify(wanted), about);
    const differing = Object.keys(before).filter((key) =>
      before[key as keyof State] !== wanted[key as keyof State]
    );
    assertEquals(changes.map(({ setting }: { setting: string }) => setting).sort(), differing.sort(), about);
    const again = await ask("set", guid, ...args);
    assertEquals([again.changed, again.changes], [false, []], `${about}, again`);
  }
  await ask("set", guid, "--name", name, ...TAKE_BACK);
  assertEquals(await readState(ask, guid), start, `seed ${seed}: everything taken back`);
}

/** Chooses some settings. Returns the arguments of `set`, and the state after it. */
function choose(state: State, random: () => number): [args: string[], wanted: State] {
  const args: string[] = [];
  const wanted: Record<string, string> = { ...state };
  for (const [name, pool] of Object.entries(LISTS)) {
    if (random() < 0.5) continue;
    const list = shuffled(pool, random).slice(0, Math.floor(random() * (pool.length + 1)));
    args.push(...(list.length === 0 ? ["none"] : list).flatMap((text) => [`--${name}`, text]));
    wanted[name] = listText(name, list);
  }
  for (const [name, pool] of Object.entries(PLAIN)) {
    if (random() < 0.5) continue;
    const value = pool[Math.floor(random() * pool.length)];
    args.push(`--${name}`, value);
    wanted[name] = value;
  }
  for (const [name, pool] of Object.entries(VALUES)) {
    if (random() < 0.5) continue;
    const pick = (): string => pool[Math.floor(random() * pool.length)];
    const [ipv4, ipv6] = state[name as keyof State].split(" ");
    const value = pick();
    switch (Math.floor(random() * 4)) {
      case 0:
        args.push(`--${name}`, `ipv4=${value}`);
        wanted[name] = `${value} ${ipv6}`;
        break;
      case 1: {
        const other = pick();
        args.push(`--${name}`, `ipv6=${value}`, `--${name}`, `ipv4=${other}`);
        wanted[name] = `${other} ${value}`;
        break;
      }
      case 2:
        args.push(`--${name}`, `ipv6=${value}`);
        wanted[name] = `${ipv4} ${value}`;
        break;
      default:
        args.push(`--${name}`, value);
        wanted[name] = `${value} ${value}`;
    }
  }
  if (args.length === 0) return choose(state, random);
  return [args, wanted as State];
}

/** Reads the settings from `list --json`. */
async function readState(ask: Ask, name: string): Promise<State> {
  const { adapters: [{ addresses, routes, dns, ipv4, ipv6, ...more }] } = await ask("list", name);
  const values = (valueOf: (version: typeof ipv4) => unknown): string => `${valueOf(ipv4)} ${valueOf(ipv6)}`;
  return {
    name: more.name,
    address: listText("address", addresses),
    route: listText("route", routes.map(routeText)),
    dns: listText("dns", dns),
    "dns-search": listText("dns-search", more.dnsSearch),
    "dns-for": listText("dns-for", more.dnsFor.flatMap(dnsRuleTexts)),
    "dns-suffix": more.dnsSuffix,
    "dns-registration": more.dnsRegistration ? "on" : "off",
    category: categoryText(more),
    mtu: values(({ mtu }) => mtu),
    metric: values(({ metric, automaticMetric }) => automaticMetric ? 0 : metric),
    forwarding: values(({ forwarding }) => forwarding ? "on" : "off"),
  };
}

/** A network that Windows has identified has the category that is set. */
function categoryText({ category, givenCategory }: Readonly<Record<string, string | null>>): string {
  if (category !== null) assertEquals(category, givenCategory ?? "public");
  return givenCategory ?? "default";
}

function routeText(
  { destination, gateway, metric }: { destination: string; gateway: string | null; metric: number },
): string {
  return destination + (gateway === null ? "" : `,via=${gateway}`) +
    (metric === 0 ? "" : `,metric=${metric}`);
}

function dnsRuleTexts({ name, servers }: { name: string; servers: Texts }): string[] {
  return servers.map((server) => `${name}=${server}`);
}

/** DNS servers have an order within their IP version, and IPv4 comes first. Addresses and routes have none. */
function listText(name: string, list: Texts): string {
  if (name === "dns-search") return list.join(" ");
  if (name === "dns-for") return list.toSorted(byDomain).join(" ");
  if (name !== "dns") return list.toSorted().join(" ");
  return list.toSorted((a, b) => Number(a.includes(":")) - Number(b.includes(":"))).join(" ");
}

/** The servers of one domain have an order. */
function byDomain(a: string, b: string): number {
  const [one, other] = [a, b].map((text) => text.split("=")[0]);
  return one === other ? 0 : one < other ? -1 : 1;
}

function shuffled(pool: Texts, random: () => number): string[] {
  return pool.map((text) => [random(), text] as const).sort(([a], [b]) => a - b).map(([, text]) => text);
}

/** Returns a generator of numbers from 0 to below 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
