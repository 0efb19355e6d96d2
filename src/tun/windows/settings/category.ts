import { SystemDllError } from "../../../windows/system_functions.ts";
import type { NetworkCategory, NetworkList } from "../../../windows/network/network_list.ts";
import { ERROR_TIMEOUT, Win32Error } from "../../../windows/win32_error.ts";
import { cannot, HostError, networkNotIdentified } from "../../host_error.ts";
import { CATEGORY_OF_NEW_NETWORKS, type CategorySetting, givenCategory } from "../../settings/category.ts";
import type { Settings } from "../../settings/settings.ts";
import type { GivenCategories } from "../given_categories.ts";
import type { SettingsChange, Subject } from "./subject.ts";

/** The adapter whose network has the category. */
export interface CategoryOwner {
  readonly name: string;
  readonly guid: string;
  /** Whether a process of this program holds the adapter. It gives the category to the network whenever Windows identifies it. */
  readonly isHeld: boolean;
  /** The setting that is to be made. */
  readonly wanted: CategorySetting;
}

/**
 * Returns the category of an adapter's network as a setting. For that it asks the Network List Manager, which takes Windows some
 * milliseconds.
 * @throws {HostError} `failed` if Windows does not report the categories of networks. If it only does not answer in time, that
 * is no error for an adapter that is held.
 */
export async function categorySubject(
  networks: Pick<NetworkList, "find" | "setCategory">,
  given: Pick<GivenCategories, "get" | "set">,
  { name, guid, isHeld, wanted }: CategoryOwner,
): Promise<Subject> {
  const operation = cannot("configure", name);
  const { category: found, isLate } = await readPresent(networks, guid, operation, isHeld);
  /** The category that the network has. */
  let present = found;
  const noted = isHeld ? given.get(guid) : undefined;

  const read = (): CategorySetting => {
    if (isHeld) {
      const gives = given.get(guid);
      // Somebody may have given the network another category since.
      return gives === undefined ? "default" : present ?? gives;
    }
    // Nobody has noted whether the category was set. That of a new network counts as default if default is asked for.
    const isDefault = wanted === "default" && present === CATEGORY_OF_NEW_NETWORKS;
    return isDefault ? "default" : present ?? "default";
  };

  const first = read();
  return {
    settings: ["category"],

    read: (): Settings => ({ category: read() }),

    check({ present: before, wanted: { category } }: SettingsChange): readonly string[] {
      if (isLate) {
        return [lateWarning("Windows has not said in time which category the network has", category)];
      }
      if (category === before.category) return [];
      if (present === undefined && !isHeld) throw networkNotIdentified(operation);
      if (present === "domain" && category !== "default") throw isDomain(operation);
      return [];
    },

    async write({ wanted: { category }, attempt }: SettingsChange): Promise<readonly string[]> {
      if (category === undefined) return [];
      // The setting is the noted category and that of the network. Taking it back restores both, even if they differed.
      const isBack = category === first;
      const gives = isBack ? noted : givenCategory(category);
      if (isHeld && gives !== given.get(guid)) {
        attempt("cannot note the category", () => given.set(guid, gives));
      }
      if (found === undefined || found === "domain") return [];
      const becomes = isBack ? found : givenCategory(category) ?? CATEGORY_OF_NEW_NETWORKS;
      if (becomes === present) return [];
      try {
        await attempt("cannot set the category of the network", () => networks.setCategory(guid, becomes));
      } catch (error) {
        // Windows may still set it. If not, the holder gives the network the noted category later.
        if (!isHeld || isBack || !isTimeout(error)) throw error;
        return [lateWarning("Windows has not set the category of the network in time", category)];
      }
      present = becomes;
      return [];
    },
  };
}

/** Reads the category that the network has. `isLate` if Windows has not answered, which is only allowed with `mayBeLate`. */
async function readPresent(
  networks: Pick<NetworkList, "find">,
  guid: string,
  operation: string,
  mayBeLate: boolean,
): Promise<{ readonly category: NetworkCategory | undefined; readonly isLate: boolean }> {
  try {
    return { category: (await networks.find(guid))?.category, isLate: false };
  } catch (error) {
    if (!(error instanceof Win32Error) && !(error instanceof SystemDllError)) throw error;
    if (mayBeLate && isTimeout(error)) return { category: undefined, isLate: true };
    const reason = error instanceof Win32Error ? error.reason : error.message;
    throw new HostError(
      "failed",
      operation,
      `Windows does not report the categories of networks: ${reason}`,
      {
        hint: "That needs the service netprofm (Network List Service). Leave out --category.",
        cause: error,
      },
    );
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Win32Error && error.code === ERROR_TIMEOUT;
}

/** @param late What Windows has not done, as a sentence without a full stop. */
function lateWarning(late: string, wanted: CategorySetting | undefined): string {
  const then = wanted === "default"
    ? "The network may keep the category that it has until Windows identifies it anew."
    : "The process that holds the adapter sets it when Windows answers.";
  return `${late}. ${then}`;
}

function isDomain(operation: string): HostError {
  const reason = "Windows has authenticated its network to a domain, so its category stays domain";
  return new HostError("failed", operation, reason);
}
