/**
 * A running Windows world: Linux namespaces (mounts, network, processes) in which Wine runs on a writable layer over the base. Whatever
 * happens in it, nothing of it is left when its first process has ended: no process, mount, network device or file.
 */

import { fromFileUrl, join } from "@std/path";
import { ensureBase, inside, wineEnvironment } from "./base.ts";
import { buildParts, checkout, isPart } from "./build.ts";
import { cacheFolder } from "./cache.ts";
import { ensurePackages, must } from "./debian.ts";

/** Where the world's Windows programs find the checkout (read only) and the parts. */
export const windowsPaths = {
  checkout: "Z:\\checkout",
  parts: "Z:\\world",
} as const;

/** Which npm registry the packages in deno.exe's cache came from: Deno keeps them by its name. */
const registryNote = "/world/npm-registry";

/** Where a Linux process inside finds the same. */
const linuxPaths = { checkout: "/checkout", parts: "/world" } as const;

export interface DenoOptions {
  /** As an administrator with the elevated half of the token. Default: true. */
  elevated?: boolean;
  env?: Record<string, string>;
}

export class World implements AsyncDisposable {
  readonly #init: number;
  readonly #root: string;
  readonly #outer: Deno.ChildProcess | undefined;
  #closed = false;

  private constructor(init: number, outer?: Deno.ChildProcess) {
    this.#init = init;
    this.#root = mountPoint();
    this.#outer = outer;
  }

  /** Process number of the world's first process, by which `attach` finds the world again. */
  get pid(): number {
    return this.#init;
  }

  /**
   * Starts a world of its own, setting up first what is missing on this machine. It ends with `close()`, and at the latest with
   * this process, unless `stays`.
   */
  static async start(options: { say?: (line: string) => void; stays?: boolean } = {}): Promise<World> {
    if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64" || Deno.uid() !== 0) {
      throw new Error(
        "The Windows world needs root on x86-64 Linux: it makes namespaces, mounts and a chroot for Wine.",
      );
    }
    await ensurePackages({
      "debootstrap": "debootstrap gpgv debian-archive-keyring",
      "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64",
      "cc": "gcc libc6-dev",
      "ip": "iproute2",
      "ping": "iputils-ping",
      "ps": "procps",
      "setpriv": "util-linux",
    });
    const base = await ensureBase(options.say ?? (() => {}));
    const parts = await buildParts();
    const registry = (await must("npm", ["config", "get", "registry"])).trim();
    await Deno.mkdir(mountPoint(), { recursive: true });
    const script = fromFileUrl(new URL("enter.sh", import.meta.url));
    const namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "sh", script];
    const args = [base, mountPoint(), checkout, parts, await npmCache()];
    const outer = options.stays
      ? new Deno.Command("setsid", {
        args: ["unshare", ...namespaces, ...args, "--stay"],
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn()
      : new Deno.Command("unshare", { args: [...namespaces, ...args], stdin: "piped", stdout: "piped" })
        .spawn();
    const reader = outer.stdout.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    if (new TextDecoder().decode(value).trim() !== "ready") {
      throw new Error(`The Windows world did not start: ${JSON.stringify(await outer.status)}`);
    }
    const world = new World(await onlyChild(outer.pid), outer);
    await Deno.writeTextFile(world.file(registryNote), registry);
    if (options.stays) outer.unref();
    await world.#startWine();
    // Until it watches, a program's sudden death would leave its devices registered.
    world.wine(`${linuxPaths.parts}/plug_and_play.exe`, [], quiet).spawn().unref();
    return world;
  }

  /** The running world with that first process, or undefined if there is none. */
  static async attach(pid: number): Promise<World | undefined> {
    const command = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
    if (!isPart(command.split("\0")[0], "machine")) return undefined;
    return new World(pid);
  }

  /** Runs deno.exe with the checkout as current folder. */
  deno(args: readonly string[], options: DenoOptions & Deno.CommandOptions = {}): Deno.Command {
    const { elevated = true, env = {}, ...rest } = options;
    const program = elevated ? inside.denoElevated : inside.deno;
    return this.wine(program, args, { env, ...rest });
  }

  /**
   * Runs the command line tool under deno.exe. Its exit code comes by way of a file: Wine loses that of a process with several threads
   * once in a few hundred times, and Linux sees 0.
   */
  wintun(args: readonly string[], options: DenoOptions & Deno.CommandOptions = {}): Deno.Command {
    const { elevated = true, env = {}, ...rest } = options;
    const note = `/tmp/exit-code-${crypto.randomUUID()}`;
    const program = `${windowsPaths.checkout}\\tests\\on_windows\\emulated.ts`;
    return this.#wine(
      elevated ? inside.denoElevated : inside.deno,
      ["run", "-A", "--no-check", program, ...args],
      { ...env, WINTUN_EXIT_CODE_FILE: `Z:${note.replaceAll("/", "\\")}` },
      { ...rest, env: { EXIT_NOTE: `${this.#root}${note}` } },
    );
  }

  /** Runs a Windows program. A path is one of Linux' inside the world, or Windows'. */
  wine(program: string, args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
    const { env = {}, ...rest } = options;
    return this.#wine(program, args, env, rest);
  }

  #wine(
    program: string,
    args: readonly string[],
    env: Record<string, string>,
    rest: Deno.CommandOptions,
  ): Deno.Command {
    const registry = Deno.readTextFileSync(this.file(registryNote));
    const assignments = Object.entries({ ...wineEnvironment, NPM_CONFIG_REGISTRY: registry, ...env })
      .map(([name, value]) => `${name}=${value}`);
    return this.#inside([
      "env",
      "-i",
      "-C",
      linuxPaths.checkout,
      ...assignments,
      inside.wine,
      program,
      ...args,
    ], rest);
  }

  /** Runs a program of this machine in the world's network. */
  linux(program: string, args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
    // nsenter's own way of waiting for a child in another process namespace stops for good when Wine's server has looked into that
    // child (ptrace stops it for a moment, and nsenter then stops itself); a shell without job control just waits.
    const wait =
      'trap : INT; "$@"; code=$?; if [ -s "$EXIT_NOTE" ]; then read -r code <"$EXIT_NOTE"; rm "$EXIT_NOTE"; fi; exit $code';
    return new Deno.Command("nsenter", {
      args: [
        ...["--target", `${this.#init}`, "--net", "--pid", "--mount", "--no-fork", "--"],
        ...["sh", "-c", wait, "sh", program, ...args],
      ],
      ...options,
      env: { EXIT_NOTE: "", ...options.env },
    });
  }

  /** The path by which this process reads a file that the world sees as `path` (Linux) or `Z:\…`. */
  file(path: string): string {
    const linux = path.replace(/^Z:/i, "").replaceAll("\\", "/");
    return `/proc/${this.#init}/root${this.#root}${linux}`;
  }

  /** Sends Ctrl-C to the Windows program that was started by that child. */
  async interrupt(child: Deno.ChildProcess): Promise<void> {
    Deno.kill(await onlyChild(child.pid), "SIGINT");
  }

  /** Ends the world and waits until nothing of it is left. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    Deno.kill(this.#init, "SIGTERM");
    if (this.#outer) await this.#outer.status;
    while (await Deno.stat(`/proc/${this.#init}/root`).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #inside(command: readonly string[], options: Deno.CommandOptions): Deno.Command {
    // Whoever kills the child that this starts, a shell, means the program in the world.
    return this.linux("setpriv", ["--pdeathsig", "KILL", "chroot", this.#root, ...command], options);
  }

  /** Starts what every Wine program would start if it were not there: once, it costs a second. */
  async #startWine(): Promise<void> {
    const assignments = Object.entries(wineEnvironment).map(([name, value]) => `${name}=${value}`);
    for (const command of [[inside.wineserver, "-p"], [inside.wine, "wineboot"]]) {
      // These stay, and would keep a pipe of ours open.
      const { code } = await this.#inside(["env", "-i", ...assignments, ...command], quiet).spawn().status;
      if (code !== 0) {
        throw new Error(`Wine did not start: ${command.join(" ")} ended with exit code ${code}`);
      }
    }
  }
}

const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;

/** The same empty folder for every world: each mounts over it in its own namespace, where nobody else sees it. */
function mountPoint(): string {
  return join(cacheFolder(), "mnt");
}

/** This machine's npm packages as Deno keeps them; deno.exe reads the same, so that it needs no network. */
async function npmCache(): Promise<string> {
  await must(Deno.execPath(), ["cache", "--quiet", "src/main.ts"], { cwd: checkout });
  const { npmCache } = JSON.parse(await must(Deno.execPath(), ["info", "--json"], { cwd: checkout }));
  return npmCache;
}

async function onlyChild(pid: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  return Number(children.trim().split(" ")[0]);
}
