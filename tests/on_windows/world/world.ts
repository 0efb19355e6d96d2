/**
 * A running Windows world: Linux namespaces (mounts, network, processes) in which Wine runs on a writable layer over
 * the base. When the first process of the world has ended, for any reason, nothing remains of it: no process, mount,
 * network device or file.
 */

import { fromFileUrl, join } from "@std/path";
import { ensureBase, inside, wineEnvironment } from "./base.ts";
import { buildParts, checkout, isPart } from "./build.ts";
import { cacheFolder } from "./cache.ts";
import { commandLine } from "./command_line.ts";
import { ensurePackages, must } from "./debian.ts";
import { ensureMappedDeno } from "./mapped_deno.ts";
import { setUpServices } from "./system_settings.ts";

/** The paths of the checkout (read only) and of the parts for Windows programs in the world. */
export const windowsPaths = {
  checkout: "Z:\\checkout",
  parts: "Z:\\world",
} as const;

/** The same paths for Linux processes in the world. */
const linuxPaths = { checkout: "/checkout", parts: "/world" } as const;

/** The environment of every Windows program in the world: Wine's, with the world's stand-ins for parts of Windows. */
const environment = {
  ...wineEnvironment,
  WINEDLLOVERRIDES: "bcryptprimitives,cfgmgr32,iphlpapi,nci,sechost=n",
} as const;

export interface ProgramOptions extends Deno.CommandOptions {
  /** Whether to run as an administrator with the elevated half of the token. Default: true. */
  elevated?: boolean;
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

  /** Process id of the world's first process. `attach` finds the world by it. */
  get pid(): number {
    return this.#init;
  }

  /**
   * Starts a new world, and first sets up what is missing on this machine. The world ends with `close()`, and at the
   * latest with this process, unless `stays` is set.
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
      "unzip": "unzip",
    });
    const base = await ensureBase(options.say ?? (() => {}));
    const deno = await ensureMappedDeno(base);
    const parts = await buildParts(base);
    const registry = (await must("npm", ["config", "get", "registry"])).trim();
    await Deno.mkdir(mountPoint(), { recursive: true });
    const script = fromFileUrl(new URL("enter.sh", import.meta.url));
    const namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "sh", script];
    const args = [base, mountPoint(), checkout, parts, await npmCache(), deno];
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
    if (options.stays) outer.unref();
    await setUpServices(world, registry);
    await world.#startWindows();
    return world;
  }

  /** Returns the running world with that first process, or `undefined` if there is none. */
  static async attach(pid: number): Promise<World | undefined> {
    const command = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
    if (!isPart(command.split("\0")[0], "machine")) return undefined;
    return new World(pid);
  }

  /** Runs deno.exe with the checkout as the current folder. */
  deno(args: readonly string[], options: ProgramOptions = {}): Deno.Command {
    const { elevated = true, ...rest } = options;
    return this.wine(elevated ? inside.denoElevated : inside.deno, args, rest);
  }

  /** Runs the program that the tests are about. A `dll` is passed with `--dll`. */
  wintun(args: readonly string[], options: ProgramOptions & { dll?: string } = {}): Deno.Command {
    const { dll, ...rest } = options;
    const [program, ...all] = commandLine(args, dll);
    return this.launch(program, all, rest);
  }

  /** Runs a program, of which `program` is a Windows path, by launch.exe: its exit code is right, and Ctrl-C reaches it. */
  launch(program: string, args: readonly string[], options: ProgramOptions = {}): Deno.Command {
    const { elevated = true, ...rest } = options;
    const launcher = elevated ? "launch_elevated.exe" : "launch.exe";
    return this.wine(`${linuxPaths.parts}/${launcher}`, [program, ...args], rest);
  }

  /**
   * Runs a Windows program. A path is either a Linux path inside the world, or a Windows path. The current folder, which
   * is the checkout unless `cwd` is given, is a Linux path inside the world.
   */
  wine(program: string, args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
    const { env = {}, cwd = linuxPaths.checkout, ...rest } = options;
    return command(this.#wineLine([program, ...args], env, `${cwd}`), rest);
  }

  /** Returns the command line for this machine that runs an elevated `wintun()`. */
  wintunLine(args: readonly string[]): string[] {
    return this.wineLine(`${linuxPaths.parts}/launch_elevated.exe`, commandLine(args));
  }

  /** Returns the command line for this machine that runs `wine()`. */
  wineLine(program: string, args: readonly string[]): string[] {
    return this.#wineLine([program, ...args], {}, linuxPaths.checkout);
  }

  /** Runs a program of this machine in the network of the world. */
  linux(program: string, args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
    return command(this.#linuxLine([program, ...args]), options);
  }

  /** Returns the path by which this process reads a file of the world. `path` is a Linux path or `Z:\…`. */
  file(path: string): string {
    const linux = path.replace(/^Z:/i, "").replaceAll("\\", "/");
    return `/proc/${this.#init}/root${this.#root}${linux}`;
  }

  /** Sends Ctrl-C to the Windows program that `child` started. */
  async interrupt(child: Deno.ChildProcess): Promise<void> {
    Deno.kill(await onlyChild(child.pid), "SIGINT");
  }

  /**
   * Restarts Windows, as after a power failure: every program is ended at once, the adapters go, and so do volatile keys
   * of the registry; files and the rest of the registry stay. Returns when the services that start by themselves have
   * been started. It ends programs that other processes have started in this world, too.
   *
   * Otherwise than Windows, Wine forgets that a service was marked for deletion, and the service is there again.
   */
  async restart(): Promise<void> {
    await this.#mustWine([inside.wineserver, "-k"]);
    await this.#mustWine([inside.wineserver, "-w"]);
    await this.#startWindows();
  }

  /** Ends the world and waits until nothing remains of it. Idempotent. */
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

  #linuxLine(line: readonly string[]): string[] {
    // nsenter can stop forever while it waits for a child in another process namespace: Wine's server inspects the
    // child by ptrace, which stops the child for a moment, and nsenter then stops itself. A shell without job control
    // only waits.
    const wait = 'trap : INT; "$@"; exit $?';
    return [
      ...["nsenter", "--target", `${this.#init}`, "--net", "--pid", "--mount", "--no-fork", "--"],
      ...["sh", "-c", wait, "sh", ...line],
    ];
  }

  #insideLine(line: readonly string[]): string[] {
    // The child is a shell. If it is killed, the program in the world must be killed too.
    return this.#linuxLine(["setpriv", "--pdeathsig", "KILL", "chroot", this.#root, ...line]);
  }

  #wineLine(line: readonly string[], env: Readonly<Record<string, string>>, cwd: string): string[] {
    const assignments = Object.entries({ ...environment, ...env }).map(([name, value]) => `${name}=${value}`);
    return this.#insideLine(["env", "-i", "-C", cwd, ...assignments, inside.wine, ...line]);
  }

  /**
   * Starts Windows: the background processes that every program of Wine's needs, the services that start by themselves,
   * and the world's parts of plug and play and of the Service Control Manager. Without the first, each program would start
   * them, which takes a second.
   */
  async #startWindows(): Promise<void> {
    await this.#mustWine([inside.wineserver, "-p"]);
    await this.#mustWine([inside.wine, "wineboot"]);
    for (const program of ["plug_and_play.exe", "service_failures.exe"]) {
      this.wine(`${linuxPaths.parts}/${program}`, [], quiet).spawn().unref();
    }
  }

  /** Runs a part of Wine to its end. */
  async #mustWine(line: readonly string[]): Promise<void> {
    const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    // Processes that it starts stay, and would keep a pipe of this process open.
    const { code } = await command(this.#insideLine(["env", "-i", ...assignments, ...line]), quiet).spawn()
      .status;
    if (code !== 0) throw new Error(`${line.join(" ")} ended with exit code ${code}`);
  }
}

function command([program, ...args]: readonly string[], options: Deno.CommandOptions): Deno.Command {
  return new Deno.Command(program, { args, ...options });
}

const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;

/**
 * Returns an empty folder, the same for every world. Each world mounts over it in its mount namespace, where no other
 * world sees it.
 */
function mountPoint(): string {
  return join(cacheFolder(), "mnt");
}

/**
 * Returns the folder of this machine's npm packages in Deno's cache. deno.exe reads the same folder, so it needs no
 * network.
 */
async function npmCache(): Promise<string> {
  await must(Deno.execPath(), ["cache", "--quiet", "src/main.ts", "tests/validation.ts"], { cwd: checkout });
  const { npmCache } = JSON.parse(await must(Deno.execPath(), ["info", "--json"], { cwd: checkout }));
  return npmCache;
}

async function onlyChild(pid: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  return Number(children.trim().split(" ")[0]);
}
