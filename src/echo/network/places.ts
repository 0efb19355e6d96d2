import type { IpAddress } from "../../wire/ip_address.ts";
import { type AddressIndex, createAddressIndex } from "./address_index.ts";
import { routersNeeded } from "./addresses.ts";
import { type AddressRange, type Change, type Link, type NetworkPlan, PERFECT_LINK } from "./plan.ts";
import { RANDOM_RANGE } from "./random.ts";

/** Where a packet goes: hosts that have everything in common, or one router. */
export interface Place {
  /** The number of the router, from 1 on; 0 for hosts. */
  readonly router: number;
  isUp: boolean;
  /** The number of routers in front of it. */
  hops: number;
  /** The MTU of the link to it, for each family. */
  mtu4: number;
  mtu6: number;
  /** The link by the number of links that a packet passes, from 1 on. */
  link: LinkByDistance;
  /** One element: when the link has sent everything that it was given, in microseconds of the network's clock. */
  readonly busyUntilUs: Float64Array;
}

/** A link as its user needs it. Chances are compared with random numbers (random.ts). */
export interface LinkByDistance {
  /** Whether it neither delays nor loses anything. */
  readonly isPerfect: boolean;
  /** Index 0 is not used. A greater distance than the last has the values of the last. */
  readonly delayUs: Int32Array;
  readonly jitterUs: Int32Array;
  readonly loss: Float64Array;
  readonly duplicate: number;
  readonly reorder: number;
  /** The time that a byte takes, in microseconds; 0 without a limit. */
  readonly usPerByte: number;
}

/** The places of a network, as they are now. */
export interface Places {
  /** Returns the place of the address at word `at` of `words`. It is the same object for as long as the places are used. */
  find(words: Int32Array, at: number, family: 4 | 6): Place;
  /** A place where nothing is. */
  readonly none: Place;
  /** Returns the routers of a family. Index 0 is the first one. */
  routers(family: 4 | 6): readonly Uint8Array[];
  /** Makes the changes that are due. @param ms Milliseconds since the serving began, not before the last call. */
  advance(ms: number): void;
}

const LEAST_IPV6_MTU = 1280;
const NO_MTU = 65535;

/** Makes the places of a plan, as they are at the beginning. */
export function createPlaces(plan: NetworkPlan): Places {
  const changes = plan.changes.toSorted((one, other) => one.atMs - other.atMs);
  const groups: { readonly place: Place; readonly changes: readonly Change[]; readonly isHost: boolean }[] =
    [];
  const indices = {
    4: createIndex(4),
    6: createIndex(6),
  };
  const routers = { 4: routersOf(plan.routers, 4), 6: routersOf(plan.routers, 6) };
  let nextChangeMs = 0;
  advance(0);

  return {
    none: createPlace(0),
    find: (words: Int32Array, at: number, family: 4 | 6): Place =>
      groups[indices[family].find(words, at)].place,
    routers: (family: 4 | 6): readonly Uint8Array[] => routers[family],
    advance,
  };

  /** Makes the groups of addresses of a family that share everything at all times, and the index of them. */
  function createIndex(family: 4 | 6): AddressIndex {
    const ofFamily = plan.routers.filter((router) => router.family === family);
    const needed = ofFamily.slice(0, routersNeeded(plan));
    const ranges: { readonly range: AddressRange; readonly change?: Change; readonly router?: number }[] = [
      ...(plan.hosts ?? []).map((range) => ({ range })),
      ...needed.map((router, index) => ({ range: { first: router, last: router }, router: index + 1 })),
      ...changes.flatMap((change) => (change.hosts ?? []).map((range) => ({ range, change }))),
    ];
    return createAddressIndex(family, ranges.map(({ range }) => range), (inside) => {
      const within = inside.map((index) => ranges[index]);
      const router = within.find((one) => one.router !== undefined)?.router ?? 0;
      const isHost = plan.hosts === undefined || router > 0 ||
        within.some((one) => one.change === undefined && one.router === undefined);
      const concerning = changes.filter((change) =>
        change.hosts === undefined || within.some((one) => one.change === change)
      );
      return groupOf(router, isHost, concerning);
    });
  }

  /** Returns the number of the group, which is made if it is new. Whoever has the same changes shares a link. */
  function groupOf(router: number, isHost: boolean, concerning: readonly Change[]): number {
    const found = groups.findIndex((group) =>
      group.place.router === router && group.isHost === isHost && areSame(group.changes, concerning)
    );
    if (found >= 0) return found;
    const busyUntilUs = groups.find((group) => areSame(group.changes, concerning))?.place.busyUntilUs;
    groups.push({ place: createPlace(router, busyUntilUs), changes: concerning, isHost });
    return groups.length - 1;
  }

  function advance(ms: number): void {
    if (ms < nextChangeMs) return;
    const due = new Set(changes.filter(({ atMs }) => atMs <= ms));
    nextChangeMs = changes[due.size]?.atMs ?? Infinity;
    for (const group of groups) {
      settle(
        group.place,
        group.isHost,
        group.changes.filter((change) => due.has(change)),
      );
    }
  }

  /** Gives a place the properties of the plan with these changes. */
  function settle(place: Place, isHost: boolean, due: readonly Change[]): void {
    let isUp = isHost;
    let { hops, pathMtu }: { hops: number; pathMtu?: number | null } = plan;
    const link: Link = { ...plan.link };
    for (const change of due) {
      isUp = change.isUp ?? isUp;
      hops = change.hops ?? hops;
      if (change.pathMtu !== undefined) pathMtu = change.pathMtu;
      Object.assign(link, change.link);
    }
    place.isUp = isUp;
    place.link = linkByDistance(link, hops + 1);
    place.hops = place.router > 0 ? place.router - 1 : hops;
    // The narrow link is the one behind the last router.
    place.mtu4 = place.router > 0 ? NO_MTU : pathMtu ?? NO_MTU;
    place.mtu6 = place.router > 0 ? NO_MTU : Math.max(LEAST_IPV6_MTU, pathMtu ?? NO_MTU);
  }
}

/** Returns whether two lists of changes, in the same order, are the same. */
function areSame(some: readonly Change[], others: readonly Change[]): boolean {
  return some.length === others.length && some.every((change, index) => change === others[index]);
}

function createPlace(router: number, busyUntilUs: Float64Array = new Float64Array(1)): Place {
  return {
    router,
    isUp: false,
    hops: 0,
    mtu4: NO_MTU,
    mtu6: NO_MTU,
    link: linkByDistance(PERFECT_LINK, 1),
    busyUntilUs,
  };
}

function routersOf(routers: readonly IpAddress[], family: 4 | 6): Uint8Array[] {
  return routers.filter((router) => router.family === family).map(({ bytes }) => bytes);
}

/** Divides a link into `links` equal ones, one behind the other. */
function linkByDistance(link: Link & { rateBitsPerSecond?: number | null }, links: number): LinkByDistance {
  const { delayUs, jitterUs, loss, duplicate, reorder, rateBitsPerSecond: rate } = link;
  const parts = Array.from({ length: links + 1 }, (_, passed) => passed / links);
  return {
    isPerfect: delayUs + jitterUs + loss + duplicate + reorder === 0 && !rate,
    delayUs: Int32Array.from(parts, (part) => Math.round(delayUs * part)),
    jitterUs: Int32Array.from(parts, (part) => Math.round(jitterUs * part)),
    // Each link has the same loss, and all of them together have that of the plan.
    loss: Float64Array.from(parts, (part) => chance(1 - (1 - loss) ** part)),
    duplicate: chance(duplicate),
    reorder: chance(reorder),
    usPerByte: rate ? 8e6 / rate : 0,
  };
}

function chance(part: number): number {
  return Math.round(part * RANDOM_RANGE);
}
