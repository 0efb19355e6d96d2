import type { AdapterRequest } from "../../tun/host.ts";
import type { Context } from "../command.ts";
import { printable } from "../process/printable.ts";

const SHOWN_EVERY_MS = 1000;

const INTERRUPTED =
  "Interrupted. The command ends as soon as Windows has answered, and removes the adapter. Ctrl-C again gives up at once.";

/** Shows on a terminal for how long Windows has been creating an adapter, and answers the first interrupt at once. */
export class CreationWait implements Disposable {
  #end: () => void;

  /**
   * Begins to wait for the adapter that is asked for.
   * @param isCreatedHere whether this process creates it: then the command can end only when Windows has answered.
   */
  constructor(
    { environment, output, interrupted }: Context,
    { name, type }: AdapterRequest,
    { isCreatedHere }: { readonly isCreatedHere: boolean },
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
    if (isCreatedHere) interrupted.addEventListener("abort", onInterrupt);
    this.#end = () => {
      clearInterval(timer);
      if (isShown) output.live("");
      interrupted.removeEventListener("abort", onInterrupt);
    };
  }

  /** The wait is over. Idempotent. */
  end(): void {
    this.#end();
    this.#end = () => {};
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
