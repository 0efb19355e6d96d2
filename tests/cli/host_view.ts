import type { Host } from "../../src/tun/host.ts";

/**
 * Returns the host for one command, with some methods replaced. Unless `changes` replaces that, to close it leaves the host
 * open, so that the test can look at it.
 */
export function viewOf<H extends Host>(host: H, changes: Partial<H> = {}): H {
  const replaced = {
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...changes,
  };
  return new Proxy(host, {
    get(host, name): unknown {
      if (Object.hasOwn(replaced, name)) return Reflect.get(replaced, name);
      const value = Reflect.get(host, name);
      // The methods read private fields, which only the host itself has.
      return typeof value === "function" ? value.bind(host) : value;
    },
  });
}
