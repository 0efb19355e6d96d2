import { isElevated } from "./elevation.ts";
import { Iphlpapi } from "./network/iphlpapi.ts";
import { type Kernel32, openKernel32 } from "./kernel32.ts";
import { NamedObjects } from "./named_objects.ts";
import { Processes } from "./process.ts";
import { Registry } from "./registry.ts";
import { Security } from "./security.ts";
import { Setupapi } from "./setupapi.ts";
import { fromWideString } from "./wide_string.ts";

/** Where the system's own DLLs are: absolute paths. */
export interface SystemPaths {
  readonly kernel32: string;
  readonly advapi32: string;
  readonly iphlpapi: string;
  readonly setupapi: string;
}

const MAX_PATH = 260;

/**
 * The system's folder, `C:\Windows\System32`, as the system tells it: the environment's SystemRoot is whatever the
 * program's parent says it is. Asking needs kernel32.dll before its path is known, so this is the one place that opens a
 * DLL by name, which is safe for this one: every process has it from its start, and it is a known DLL ("Dynamic-link
 * library search order", Windows documentation), so no folder is searched for it.
 */
export function systemFolder(): string {
  const library = Deno.dlopen(
    "kernel32.dll",
    {
      GetSystemDirectoryW: {
        parameters: ["buffer", /* LPWSTR lpBuffer */ "u32" /* UINT uSize, in characters */],
        result: "u32",
      },
    } as const,
  );
  const units = new Uint16Array(MAX_PATH);
  const length = library.symbols.GetSystemDirectoryW(units, units.length);
  library.close();
  if (length === 0 || length >= units.length) throw new Error("Windows does not tell its system folder");
  return fromWideString(units);
}

/** The paths of the system's DLLs; `given` ones stay as they are. */
export function systemPaths(given: Partial<SystemPaths> = {}): SystemPaths {
  const { kernel32, advapi32, iphlpapi, setupapi } = given;
  if (kernel32 && advapi32 && iphlpapi && setupapi) return { kernel32, advapi32, iphlpapi, setupapi };
  const folder = systemFolder();
  const path = (name: string): string => `${folder}\\${name}.dll`;
  return {
    kernel32: kernel32 ?? path("kernel32"),
    advapi32: advapi32 ?? path("advapi32"),
    iphlpapi: iphlpapi ?? path("iphlpapi"),
    setupapi: setupapi ?? path("setupapi"),
  };
}

/** The system's DLLs, each opened when it is first used, and closed with this. */
export class System implements Disposable {
  readonly paths: SystemPaths;
  #kernel32: Kernel32 | undefined;
  #registry: Registry | undefined;
  #security: Security | undefined;
  #processes: Processes | undefined;
  #namedObjects: NamedObjects | undefined;
  #iphlpapi: Iphlpapi | undefined;
  #setupapi: Setupapi | undefined;

  constructor(paths: SystemPaths) {
    this.paths = paths;
  }

  get kernel32(): Kernel32 {
    return this.#kernel32 ??= openKernel32(this.paths.kernel32);
  }

  get registry(): Registry {
    return this.#registry ??= new Registry(this.paths.advapi32);
  }

  get security(): Security {
    return this.#security ??= new Security(this.kernel32, this.paths);
  }

  get processes(): Processes {
    return this.#processes ??= new Processes(this.kernel32, this.paths.kernel32);
  }

  get namedObjects(): NamedObjects {
    return this.#namedObjects ??= new NamedObjects(this.kernel32, this.paths.kernel32, this.security);
  }

  get iphlpapi(): Iphlpapi {
    return this.#iphlpapi ??= new Iphlpapi(this.paths.iphlpapi);
  }

  get setupapi(): Setupapi {
    return this.#setupapi ??= new Setupapi(this.paths.setupapi, this.kernel32);
  }

  /** Whether this process has an elevated token. */
  isElevated(): boolean {
    return isElevated(this.kernel32, this.paths);
  }

  close(): void {
    this.#setupapi?.close();
    this.#iphlpapi?.close();
    this.#namedObjects?.close();
    this.#processes?.close();
    this.#security?.close();
    this.#registry?.close();
    this.#kernel32?.close();
    this.#setupapi =
      this.#iphlpapi =
      this.#namedObjects =
      this.#processes =
      this.#security =
      this.#registry =
      this.#kernel32 =
        undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
