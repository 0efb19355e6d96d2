import { SystemDllError } from "../../../windows/system_functions.ts";
import type {
  NetworkCategory,
  NetworkList,
  SettableCategory,
} from "../../../windows/network/network_list.ts";
import { Win32Error } from "../../../windows/win32_error.ts";
import { cannot, HostError } from "../../host_error.ts";
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
 * Returns the category of an adapter's network as a setting. Reading it asks the Network List Manager, which takes Windows some
 * milliseconds.
 */
export function categorySubject(
  networks: NetworkList,
  given: GivenCategories,
  { name, guid, isHeld, wanted }: CategoryOwner,
): Subject {
  const operation = cannot("configure", name);
  const present = (): NetworkCategory | undefined => readPresent(networks, guid, operation);
  /** The category that the network had when this changed it: taking the change back gives it this one again. */
  let replaced: SettableCategory | undefined;
  return {
    settings: ["category"],

    read(): Settings {
      const is = present();
      if (isHeld) {
        const gives = given.get(guid);
        // Somebody may have given the network another category since.
        return { category: gives === undefined ? "default" : is ?? gives };
      }
      // Nobody has noted whether the category was set. That of a new network counts as default if default is asked for.
      const isDefault = is === undefined || (is === CATEGORY_OF_NEW_NETWORKS && wanted === "default");
      return { category: isDefault ? "default" : is };
    },

    check({ present: before, wanted: { category } }: SettingsChange): readonly string[] {
      if (category === before.category) return [];
      const is = present();
      if (is === undefined && !isHeld) throw notIdentified(operation);
      if (is === "domain" && category !== "default") throw isDomain(operation);
      return [];
    },

    write({ present: before, wanted: { category }, attempt }: SettingsChange): void {
      if (category === undefined || category === before.category) return;
      if (isHeld) attempt("cannot note the category", () => given.set(guid, givenCategory(category)));
      const is = present();
      const becomes = givenCategory(category) ?? replaced ?? CATEGORY_OF_NEW_NETWORKS;
      if (is === undefined || is === "domain" || is === becomes) return;
      attempt("cannot set the category of the network", () => networks.setCategory(guid, becomes));
      replaced ??= is;
    },
  };
}

function readPresent(networks: NetworkList, guid: string, operation: string): NetworkCategory | undefined {
  try {
    return networks.category(guid);
  } catch (error) {
    if (!(error instanceof Win32Error) && !(error instanceof SystemDllError)) throw error;
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

function notIdentified(operation: string): HostError {
  return new HostError("failed", operation, "Windows has not identified its network yet", {
    hint:
      "Repeat the command when the adapter is connected: wintun does not hold it, and cannot set the category later.",
  });
}

function isDomain(operation: string): HostError {
  const reason = "Windows has authenticated its network to a domain, so its category stays domain";
  return new HostError("failed", operation, reason);
}
