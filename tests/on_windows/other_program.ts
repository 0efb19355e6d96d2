import { assertMatch } from "@std/assert";
import { wintunPath } from "./libraries.ts";

/** A program that is not ours and holds an adapter until it is ended. Only the Windows world has one. */
export class OtherProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  static async start(name: string): Promise<OtherProgram> {
    const child = new Deno.Command("Z:\\world\\wintun_client.exe", {
      args: [wintunPath, name],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    assertMatch(new TextDecoder().decode((await reader.read()).value), /^ready/);
    await reader.cancel();
    return new OtherProgram(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // At the end of its input it removes its adapter.
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
  }
}
