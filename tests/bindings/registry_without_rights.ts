import { Registry, type RegistryKey } from "../../src/windows/registry.ts";
import type { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { ERROR_ACCESS_DENIED, Win32Error } from "../../src/windows/win32_error.ts";

/** The registry of a user who may not read one of its keys. */
export class RegistryWithoutRights extends Registry {
  readonly #denied: string;

  constructor(libraries: SystemLibraries, denied: string) {
    super(libraries);
    this.#denied = denied;
  }

  override open(path: string): RegistryKey | undefined {
    if (path.toUpperCase() !== this.#denied.toUpperCase()) return super.open(path);
    throw new Win32Error(ERROR_ACCESS_DENIED, `Cannot open the registry key HKLM\\${path}`);
  }
}
