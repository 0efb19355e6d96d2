import type { AdapterRequest } from "../../tun/host.ts";
import type { Context } from "../command.ts";
import { printable } from "../process/printable.ts";

const SHOWN_EVERY_MS = 1000;

const INTERRUPTED =
  "Interrupted. The command ends as soon as Windows has answered, and removes the adapter. Ctrl-C again ends it at once.";

/** Shows on a terminal how long Windows has been creating an adapter, and acknowledges the first interrupt at once. */
export class CreationWait implements Disposable {
  #end: () => void;

  /**
   * Begins the wait for an adapter.
   * @param isRemoved Whether the adapter is removed after an interrupt.
   */
  constructor(
    { environment, output, interrupted }: Context,
    { name, type }: AdapterRequest,
    { isRemoved = true } = {},
  ) {
    output.detail(`Creating adapter "${name}" of type "${type}".`);
    const startedAt = environment.now();
    const show = (): void => {
      const seconds = Math.round((environment.now() - startedAt) / 1000);
      output.live(`Creating adapter "${printable(name)}": waiting for Windows, ${seconds} s`);
    };
    const isShown = output.hasLive && !output.quiet;
    const timer = isShown ? setInterval(show, SHOWN_EVERY_MS) : undefined;
    const onInterrupt = (): void => output.note(INTERRUPTED);
    if (isRemoved) interrupted.addEventListener("abort", onInterrupt);
    this.#end = () => {
      clearInterval(timer);
      if (isShown) output.live("");
      interrupted.removeEventListener("abort", onInterrupt);
    };
  }

  /** Ends the wait. Idempotent. */
  end(): void {
    this.#end();
    this.#end = () => {};
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
