/** A `wintun watch` that runs in this process, on a machine of a test. */

import { assertEquals } from "@std/assert";
import { main } from "../validated_main.ts";
import type { AdapterInfo } from "../../../src/tun/adapter_info.ts";
import type { Host } from "../../../src/tun/host.ts";
import { FakeEnvironment } from "../fake_environment.ts";
import { readOutput } from "../../validation.ts";
import { viewOf } from "../host_view.ts";

const WAIT_MS = 20_000;

// deno-lint-ignore no-explicit-any
type Json = any;

/** The events of a watch, one after the other. The test ends it. */
export class Watching implements AsyncDisposable {
  readonly environment = new FakeEnvironment();
  readonly code: Promise<number>;
  /** How often the watch has asked for the list of adapters. */
  lists = 0;
  #read = 0;

  private constructor(host: Host, args: readonly string[]) {
    const list = async (options?: { readonly all?: boolean }): Promise<AdapterInfo[]> => {
      this.lists++;
      return await host.list(options);
    };
    this.environment.host = () => viewOf(host, { list });
    this.code = main(["watch", ...args], this.environment);
  }

  /** Starts a watch with `--json`, and waits until it is ready. Returns it with that event. */
  static async start(host: Host, ...args: string[]): Promise<{ watching: Watching; ready: Json }> {
    const watching = new Watching(host, [...args, "--json"]);
    return { watching, ready: await watching.next() };
  }

  /** Starts a watch that writes text, and waits until it is ready. */
  static async startText(host: Host, ...args: string[]): Promise<Watching> {
    const watching = new Watching(host, args);
    await until(() => /Ctrl-C/.test(watching.environment.stderr.text));
    return watching;
  }

  /** Waits for the next event. */
  async next(): Promise<Json> {
    await until(() => this.environment.stdout.lines.length > this.#read);
    return readOutput("watch", this.environment.stdout.lines[this.#read++]);
  }

  /** Interrupts the watch, and returns the events that were not read yet. */
  async stop(): Promise<Json[]> {
    this.environment.signal("SIGINT");
    assertEquals([await this.code, this.environment.hasSignalHandlers], [0, false]);
    return this.environment.stdout.lines.slice(this.#read).map((line) => readOutput("watch", line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.environment.signal("SIGINT");
    await this.code;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + WAIT_MS; !condition();) {
    if (performance.now() > end) throw new Error("the watch does not write what it should");
    await new Promise((wake) => setTimeout(wake, 5));
  }
}
