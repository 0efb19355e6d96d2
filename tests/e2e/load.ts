import { fromFileUrl } from "@std/path";
import type { NetworkNamespace } from "./network_namespace.ts";

const UDP_CLIENT = fromFileUrl(new URL("./udp_client.ts", import.meta.url));

/** Pings until it is disposed of: as fast as the answers come, or a hundred times a second without answers. */
export class Flood implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;

  /** @param bytes of payload. */
  constructor(namespace: NetworkNamespace, target: string, bytes = 56) {
    // Ends by itself if the test is killed.
    const args = ["-f", "-q", "-n", "-w", "60", "-s", `${bytes}`, target];
    this.#process = namespace.command("ping", args, { stdin: "null", stdout: "null", stderr: "null" })
      .spawn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGINT");
    } catch {
      // The program could not start, because the device was gone.
    }
    await this.#process.status;
  }
}

/** Pings once, and returns whether the answer came in time. The time is long, because the machine may be busy. */
export async function isAnswered(
  namespace: NetworkNamespace,
  target: string,
  seconds = 10,
): Promise<boolean> {
  const args = ["-q", "-n", "-c", "1", "-W", `${seconds}`, target];
  const { code } = await namespace.command("ping", args, { stdout: "null", stderr: "null" }).output();
  return code === 0;
}

/** Sends datagrams of `bytes`, one after the other. Throws unless each comes back unchanged. */
export async function echoUdp(
  namespace: NetworkNamespace,
  target: string,
  bytes: number,
  count: number,
): Promise<void> {
  const client = ["run", "--allow-net", "--unstable-net", UDP_CLIENT];
  await namespace.run(Deno.execPath(), ...client, target, "4242", `${bytes}`, `${count}`);
}

/** Waits until one ping is answered: the program has its address, and reads. */
export async function untilAnswered(namespace: NetworkNamespace, target: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!await isAnswered(namespace, target)) {
    if (performance.now() > deadline) throw new Error(`${target} does not answer within half a minute`);
    await pause(50);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
