import type { AdapterInfo } from "../../../tun/adapter_info.ts";
import { becomesTrue } from "../../../tun/becomes_true.ts";
import { failed, type Finding, ok } from "../../../tun/findings.ts";
import type { Adapter, Host } from "../../../tun/host.ts";
import { HostError } from "../../../tun/host_error.ts";
import { FAMILIES } from "../../../tun/settings/setting.ts";
import { SystemDllError } from "../../../windows/system_functions.ts";
import { Win32Error } from "../../../windows/win32_error.ts";
import type { Context } from "../../command.ts";
import type { HostChoice } from "../../host.ts";
import { InterruptedError } from "../../process/interrupts.ts";
import { configureAdapter, createAdapter } from "../../serve/adapter.ts";
import { Ending } from "../../serve/ending.ts";
import { SERVE_DEFAULTS } from "../../serve/options.ts";
import type { ServePlan } from "../../serve/plan.ts";
import { ServeSessions } from "../../serve/sessions.ts";
import type { ServeTotals } from "../../serve/state.ts";
import { chooseNetworks, type TestNetworks } from "./networks.ts";
import { type FamilyFigures, pingFamily } from "./pings.ts";
import { checkSettings, type SettingsFigures } from "./settings.ts";

const NAME = "wintun-self-test";
/** The most tests that can run on a machine at once. */
const MOST_NAMES = 9;
/** The time that Windows may take to call the adapter connected, and to remove everything of it. */
const PATIENCE_MS = 5000;

/** The name of the operation, for errors. */
const OPERATION = "Cannot finish the self-test";

/** What the test has measured, for programs. A part is `null` if the test did not come that far. */
export interface SelfTestFigures {
  /** The adapter's name and GUID. */
  adapter: { readonly name: string; readonly guid: string } | null;
  createMs: number | null;
  settings: SettingsFigures | null;
  pings: { ipv4: FamilyFigures | null; ipv6: FamilyFigures | null };
  /** What the echo has counted. */
  echo: ServeTotals | null;
  removeMs: number | null;
}

/** The end of a test. */
export interface SelfTestEnd {
  readonly figures: SelfTestFigures;
  /** The error that ended it early. */
  readonly error?: unknown;
}

/** The options of a test. */
export interface SelfTestOptions {
  /** Milliseconds after which the test ends early. A step that Windows has begun is waited for. */
  readonly timeoutMs: number;
  /** Receives each finding as soon as it is known. */
  readonly report: (finding: Finding) => void;
}

/**
 * Makes an adapter, serves it as `wintun serve` does, pings it from this machine, and removes it, whatever happens. The
 * process must be elevated.
 * @throws {InterruptedError} if the user ends it, after the adapter is removed.
 */
export async function runSelfTest(
  context: Context,
  host: Host,
  choice: HostChoice,
  { timeoutMs, report }: SelfTestOptions,
): Promise<SelfTestEnd> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(timeIsOver(timeoutMs)), timeoutMs);
  const { interrupted } = context;
  const stop = AbortSignal.any([interrupted, limit.signal]);
  const test = new SelfTest(context, host, choice, stop, report);
  let error: unknown;
  try {
    await test.run();
  } catch (thrown) {
    error = limit.signal.aborted && !interrupted.aborted ? limit.signal.reason : thrown;
  } finally {
    clearTimeout(timer);
  }
  const isRemoved = await test.checkRemoval();
  if (interrupted.aborted) {
    const hint = isRemoved
      ? "Its adapter was removed."
      : "wintun list --all shows what is left of its adapter.";
    throw new InterruptedError("Interrupted before the self-test was done.", hint);
  }
  if (error === undefined) return { figures: test.figures };
  const isExpected = [HostError, Win32Error, SystemDllError].some((kind) => error instanceof kind);
  if (!isExpected) throw error;
  const { message } = error as Error;
  report(failed("self-test", `${message}.`, error instanceof HostError ? error.hint : ""));
  return { figures: test.figures, error };
}

function timeIsOver(timeoutMs: number): HostError {
  return new HostError("timeout", OPERATION, `it was not done in ${timeoutMs / 1000} s`, {
    hint: "Give it more time with --timeout.",
  });
}

class SelfTest {
  readonly figures: SelfTestFigures = {
    adapter: null,
    createMs: null,
    settings: null,
    pings: { ipv4: null, ipv6: null },
    echo: null,
    removeMs: null,
  };
  readonly #context: Context;
  readonly #host: Host;
  readonly #choice: HostChoice;
  readonly #stop: AbortSignal;
  readonly #report: (finding: Finding) => void;
  /** The adapter, from when it was made. */
  #made: AdapterInfo | undefined;
  #closedAt = 0;

  constructor(
    context: Context,
    host: Host,
    choice: HostChoice,
    stop: AbortSignal,
    report: (finding: Finding) => void,
  ) {
    this.#context = context;
    this.#host = host;
    this.#choice = choice;
    this.#stop = stop;
    this.#report = report;
  }

  /** @throws what ends the test early. The adapter is closed then, too. */
  async run(): Promise<void> {
    const used = await this.#host.usedNetworks();
    for (let number = 1; number <= MOST_NAMES; number++) {
      // The same names each time: Windows derives its network profile from the GUID, and this program the GUID from the name.
      const name = number === 1 ? NAME : `${NAME}-${number}`;
      if (await this.#host.find(name, { all: true }) !== undefined) continue;
      // Another test that has the name before this one may take networks that are free now.
      const networks = chooseNetworks(used, number - 1);
      this.#stop.throwIfAborted();
      const startedAt = this.#now();
      const adapter = await this.#createUnlessTaken(name);
      if (adapter === undefined) continue;
      try {
        this.figures.createMs = Math.round(this.#now() - startedAt);
        return await this.#test(adapter, networks);
      } finally {
        this.#closedAt = this.#now();
        adapter.close();
      }
    }
    throw new HostError("exists", OPERATION, `there are adapters with all names from ${NAME} on`, {
      hint: `wintun list --all shows them. wintun delete removes them.`,
    });
  }

  /** Returns the adapter; `undefined` if another test has made one of that name meanwhile. */
  async #createUnlessTaken(name: string): Promise<Adapter | undefined> {
    try {
      return await createAdapter(this.#context, this.#host, { name, creation: {} });
    } catch (error) {
      if (error instanceof HostError && error.kind === "exists") return undefined;
      throw error;
    }
  }

  async #test(adapter: Adapter, networks: TestNetworks): Promise<void> {
    const { name, guid } = this.#made = adapter.info;
    this.figures.adapter = { name, guid };
    this.#stop.throwIfAborted();
    const plan: ServePlan = {
      ...this.#choice,
      name,
      creation: {},
      settings: networks.settings,
      ringBytes: SERVE_DEFAULTS.ringBytes,
      // Programs may ask the DNS servers that are set. An echo of their questions is no answer.
      echo: { icmp: true, udp: false },
      logPackets: false,
      force: false,
    };
    await this.#serve(adapter, plan, networks);
  }

  /** Checks that nothing is left of the adapter, and returns whether that is so. Reports nothing if none was made. */
  async checkRemoval(): Promise<boolean> {
    const made = this.#made;
    if (made === undefined) return true;
    let left: readonly string[] = [];
    const isGone = async (): Promise<boolean> => (left = await this.#host.remains(made)).length === 0;
    const check = "self-test-removal";
    if (await this.#happens(isGone, this.#closedAt)) {
      this.figures.removeMs = Math.round(this.#now() - this.#closedAt);
      const message = `The adapter was removed in ${this.figures.removeMs} ms, and nothing of it is left.`;
      this.#report(ok(check, message));
      return true;
    }
    const message = `The adapter was removed, but this is left: ${left.join(", ")}.`;
    this.#report(failed(check, message, "wintun list --all shows it."));
    return false;
  }

  async #serve(adapter: Adapter, plan: ServePlan, networks: TestNetworks): Promise<void> {
    const { info } = await configureAdapter(this.#host, adapter, plan, this.#context.output);
    this.#stop.throwIfAborted();
    const ending = new Ending();
    ending.askWith(adapter, info.name);
    const stop = new AbortController();
    ending.onAsked(() => stop.abort());
    const onStop = (): void => ending.ask("signal");
    this.#stop.addEventListener("abort", onStop);
    const sessions = new ServeSessions(this.#context, adapter, info, plan, [], undefined, ending);
    const ready = Promise.withResolvers<void>();
    const served = sessions.run(() => ready.resolve()).catch((error) => ending.fail(error));
    await Promise.race([ready.promise, served]);
    try {
      if (ending.reason === undefined) await this.#examine(info, plan, networks, stop.signal);
    } catch (error) {
      // After somebody has asked for the end, the error only says that the pings were ended.
      if (ending.reason === undefined) ending.fail(error);
    } finally {
      ending.ask("signal");
      await served;
      this.#stop.removeEventListener("abort", onStop);
    }
    this.figures.echo = sessions.totals;
    if (ending.error !== undefined) throw ending.error;
    this.#stop.throwIfAborted();
    if (ending.reason === "stopped") {
      throw new HostError("failed", OPERATION, "another process asked the adapter's session to end");
    }
  }

  async #examine(
    info: AdapterInfo,
    plan: ServePlan,
    { targets }: TestNetworks,
    stop: AbortSignal,
  ): Promise<void> {
    await this.#checkState(info, stop);
    const { figures, finding } = await checkSettings(this.#host, info.luid, plan.settings);
    this.figures.settings = figures;
    this.#report(finding);
    const sender = this.#choice.simulate ? "the simulated machine" : "Windows";
    for (const family of FAMILIES) {
      // The settings have shown a warning if the machine has this IP version switched off.
      if (!info.addresses.some(({ address }) => address.family === family)) continue;
      stop.throwIfAborted();
      const options = { sender, now: () => this.#now(), stop };
      const { figures, findings } = await pingFamily(this.#host, family, targets[family], options);
      this.figures.pings[`ipv${family}`] = figures ?? null;
      for (const finding of findings) this.#report(finding);
    }
  }

  async #checkState({ name, guid }: AdapterInfo, stop: AbortSignal): Promise<void> {
    const check = "self-test-adapter";
    const isUp = async (): Promise<boolean> => {
      if ((await this.#host.find(guid, { details: false }))?.state === "up") return true;
      stop.throwIfAborted();
      return false;
    };
    if (!await this.#happens(isUp, this.#now())) {
      return this.#report(failed(check, `Adapter "${name}" has an open session, but is not up.`, ""));
    }
    const seconds = (this.figures.createMs! / 1000).toFixed(1);
    this.#report(ok(check, `Adapter "${name}" was created in ${seconds} s. It is served, and up.`));
  }

  /** Waits until `condition` holds. Returns `false` if Windows takes too long for it. */
  async #happens(condition: () => Promise<boolean>, startedAtMs: number): Promise<boolean> {
    return await becomesTrue(condition, startedAtMs + PATIENCE_MS, () => this.#now());
  }

  #now(): number {
    return this.#context.environment.now();
  }
}
