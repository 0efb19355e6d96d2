import type { NetworkCategory } from "../../windows/network/network_list.ts";
import type { System } from "../../windows/system.ts";
import { SystemDllError } from "../../windows/system_functions.ts";
import { Win32Error } from "../../windows/win32_error.ts";
import type { AdapterInfo } from "../adapter_info.ts";
import type { GivenCategories } from "./given_categories.ts";

/**
 * Adds the categories that are set for the adapters' networks, and with `ofNetworks` those that the networks have. For the latter
 * it asks the Network List Manager, which takes some milliseconds, if an adapter is connected. If that does not answer, they are
 * left out.
 */
export async function withCategories(
  infos: readonly AdapterInfo[],
  system: System,
  given: GivenCategories,
  ofNetworks: boolean,
): Promise<AdapterInfo[]> {
  const isConnected = infos.some(({ details }) => details?.connected);
  const categories = ofNetworks && isConnected ? await readCategories(system) : undefined;
  return infos.map((info) => {
    if (info.details === undefined) return info;
    const [category, givenCategory] = [categories?.get(info.guid), given.get(info.guid)];
    return {
      ...info,
      details: {
        ...info.details,
        ...(category === undefined ? {} : { category }),
        ...(givenCategory === undefined ? {} : { givenCategory }),
      },
    };
  });
}

async function readCategories(
  { networkList }: System,
): Promise<ReadonlyMap<string, NetworkCategory> | undefined> {
  try {
    return await networkList.categories();
  } catch (error) {
    if (error instanceof Win32Error || error instanceof SystemDllError) return undefined;
    throw error;
  }
}
