import { join, resolve } from "@std/path";
import { HostError } from "../../tun/host_error.ts";
import { FileMachine } from "../../tun/simulated/file.ts";
import { MemoryMachine } from "../../tun/simulated/memory.ts";
import type { MachineStorage } from "../../tun/simulated/storage.ts";
import { localDataFolder } from "../../windows/program_folder.ts";
import type { System } from "../../windows/system.ts";

/** Where a simulated machine is: the path of its file, `IN_MEMORY`, or `true` for the file in the user's own folder. */
export type SimulatedPlace = string | true;

/** Names a machine that ends with the command. Windows allows no file of this name. */
export const IN_MEMORY = ":memory:";

/** The environment variable that stands for `--simulate`. It is the only one that the executable may read. */
const VARIABLE = "WINTUN_SIMULATE";
/** The value of that variable for the file in the user's own folder. */
const OWN_FILE = "1";
/** The value for no simulated machine, as an empty one. */
const NO_MACHINE = "0";

/** Returns what the environment variable WINTUN_SIMULATE chooses: nothing if it is empty, 0 or not set. */
export function simulatedByVariable(): SimulatedPlace | undefined {
  const value = variable(VARIABLE) ?? "";
  if (value === "" || value === NO_MACHINE) return undefined;
  return value === OWN_FILE ? true : value;
}

/**
 * Gives access to a simulated machine. The caller owns it. Nothing is opened yet.
 * @param system The system of Windows; `undefined` on another operating system.
 * @throws {HostError} `failed` if the user's own folder is not known.
 */
export function openSimulatedPlace(system: System | undefined, place: SimulatedPlace): MachineStorage {
  if (place === IN_MEMORY) return new MemoryMachine().open();
  if (place !== true) return new FileMachine(resolve(place));
  return new FileMachine(join(stateFolder(system), "wintun", "simulated.json"), { makesFolder: true });
}

/** Returns the folder in which programs of this user keep what is neither configuration nor a document. */
function stateFolder(system: System | undefined): string {
  if (system !== undefined) return localDataFolder(system.libraries);
  const home = variable("HOME") ?? "";
  // By the XDG Base Directory Specification, relative paths are ignored.
  const chosen = variable("XDG_STATE_HOME") ?? "";
  if (Deno.build.os !== "darwin" && chosen.startsWith("/")) return chosen;
  if (!home.startsWith("/")) {
    throw new HostError("failed", "Cannot find the simulated machine", "the home folder is not known", {
      hint: "Name its file with --simulate=FILE.",
    });
  }
  return Deno.build.os === "darwin"
    ? join(home, "Library", "Application Support")
    : join(home, ".local", "state");
}

/** Returns an environment variable, or `undefined` if it is not set or this process may not read it. */
function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
