/** No test takes longer. Processes that still run in its namespace then hang, and are killed. */
const LONGEST_TEST_MS = 120_000;

/** A network namespace for one test, with loopback up. It is removed with everything in it. */
export class NetworkNamespace implements AsyncDisposable {
  readonly name: string;
  /** The processes that were killed because the test took too long. */
  #hung = "";
  readonly #watchdog: ReturnType<typeof setTimeout>;

  private constructor(name: string) {
    this.name = name;
    this.#watchdog = setTimeout(() => this.#killAll().catch(() => {}), LONGEST_TEST_MS);
  }

  static async create(): Promise<NetworkNamespace> {
    await requireNamespaces();
    const name = `wintun-test-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
    await run("ip", ["netns", "add", name]);
    const namespace = new NetworkNamespace(name);
    await namespace.run("ip", "link", "set", "lo", "up");
    return namespace;
  }

  /** Runs a program in the namespace to its end. Throws with its output unless the exit code is 0. */
  run(program: string, ...args: string[]): Promise<string> {
    return run("ip", ["netns", "exec", this.name, program, ...args]);
  }

  /** The command line that runs a program in the namespace. The process that is started becomes that program. */
  command(program: string, args: readonly string[], options: Deno.CommandOptions): Deno.Command {
    return new Deno.Command("ip", { ...options, args: ["netns", "exec", this.name, program, ...args] });
  }

  /** Names of the network devices in the namespace, without loopback. */
  async devices(): Promise<string[]> {
    const links: { ifname: string }[] = JSON.parse(
      await run("ip", ["-n", this.name, "-json", "link", "show"]),
    );
    return links.map((link) => link.ifname).filter((name) => name !== "lo");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#watchdog);
    await run("ip", ["netns", "delete", this.name]);
    if (this.#hung !== "") throw new Error(`Killed after ${LONGEST_TEST_MS / 1000} s:\n${this.#hung}`);
  }

  async #killAll(): Promise<void> {
    const pids = (await run("ip", ["netns", "pids", this.name])).split("\n").filter((pid) => pid !== "");
    // A process may have ended by itself meanwhile. The others are still killed.
    const processes = await run("ps", ["-L", "-o", "pid,stat,wchan:24,etime,args", "-p", pids.join(",")])
      .catch(() => "processes that have ended by now");
    for (const pid of pids) {
      try {
        Deno.kill(Number(pid), "SIGKILL");
      } catch {
        // The process has ended.
      }
    }
    this.#hung = pids.length === 0 ? "nothing: the test itself hangs" : processes;
    Deno.stderr.writeSync(new TextEncoder().encode(`\n${this.name} hangs. ${this.#hung}\n`));
  }
}

/** CAP_SYS_ADMIN (linux/capability.h) */
const SYS_ADMIN = 1n << 21n;

/** Returns what this machine lacks to test an adapter in a separate namespace, as a sentence. */
async function requireNamespaces(): Promise<void> {
  const status = await Deno.readTextFile("/proc/self/status");
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)![1]}`);
  if ((capabilities & SYS_ADMIN) === 0n) {
    throw new Error(
      "These tests make network namespaces: run them as root, in a container with CAP_SYS_ADMIN.",
    );
  }
  try {
    (await Deno.open("/dev/net/tun", { read: true, write: true })).close();
  } catch (error) {
    throw new Error(
      "These tests need /dev/net/tun: load the module tun, or pass that device on to this container.",
      { cause: error },
    );
  }
}

/** Runs a program to its end. Throws with its output unless the exit code is 0. */
export async function run(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
    .output();
  const text = new TextDecoder().decode(stdout);
  if (code === 0) return text;
  throw new Error(`${program} ${args.join(" ")}: exit ${code}\n${text}${new TextDecoder().decode(stderr)}`);
}
