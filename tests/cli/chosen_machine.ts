import { assertEquals } from "@std/assert";
import { SimulatedHost } from "../../src/tun/simulated/host.ts";
import { MemoryMachine } from "../../src/tun/simulated/memory.ts";
import { FakeEnvironment } from "./fake_environment.ts";
import { main } from "./validated_main.ts";

/** A simulated machine that WINTUN_SIMULATE chooses. */
export class ChosenMachine {
  readonly #memory = new MemoryMachine();
  environment = new FakeEnvironment();
  /** What commands read from stdin. */
  stdin = "";

  /** Runs a command, and returns its exit code. */
  async run(...args: string[]): Promise<number> {
    this.environment = new FakeEnvironment();
    this.environment.stdin = this.stdin;
    this.environment.simulated = "lab.json";
    this.environment.openSimulatedHost = (_place, options) =>
      new SimulatedHost({ ...options, storage: this.#memory.open() });
    return await main(args, this.environment);
  }

  /** Runs a command, and returns the names and states of what is on the machine then. */
  async states(...args: string[]): Promise<string[]> {
    assertEquals(await this.run(...args, "--json"), 0, args.join(" "));
    await this.run("simulate", "--json");
    const [{ adapters }] = this.environment.stdout.objects;
    return adapters.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`);
  }
}
