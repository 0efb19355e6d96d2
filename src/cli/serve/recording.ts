import project from "../../../deno.json" with { type: "json" };
import { Capture, type CaptureFailure, type CaptureTotals } from "../../echo/capture/capture.ts";
import { CaptureFiles } from "../../echo/capture/files.ts";
import type { Tap } from "../../echo/server.ts";
import { createTapMemory, type TappedPacket, TapReader } from "../../echo/capture/tap.ts";
import { TapDrain } from "../../echo/capture/drain.ts";
import type { AdapterInfo } from "../../tun/host.ts";
import { HostError } from "../../tun/host_error.ts";
import { captureFileFault, captureFileName } from "./capture_words.ts";
import type { Context } from "../command.ts";
import { isClosedStream, type Output } from "../process/output.ts";
import type { CapturePlan, ServePlan } from "./plan.ts";
import { UsageError } from "../arguments/usage_error.ts";

/**
 * How much may wait to be logged or captured: 20 ms at 400 MB/s. More would cost the echo, as what is written in turn all
 * over a memory that no cache can hold takes three times as long.
 */
const TAP_BYTES = 8 * 1024 * 1024;
/** For the log alone: packets are described whole, as their lengths and checksums are looked at too. */
const LOG_SNAP_LENGTH = 65535;
/** Said at most so often. */
const MISSED_INTERVAL_MS = 1000;

const OPERATING_SYSTEMS: Readonly<Record<string, string>> = {
  windows: "Windows",
  linux: "Linux",
  darwin: "macOS",
};

/** What is kept of the packets that a `serve` sees: lines of a log, and a capture. */
export class Recording implements AsyncDisposable {
  /** Where the packets are to be shown; `undefined` where nothing is kept of them. */
  readonly tap: Tap | undefined;
  readonly #output: Output;
  readonly #plan: ServePlan;
  #capture: Capture | undefined;
  #drain: TapDrain | undefined;
  #countMissed = (): number => 0;
  #saidMissed = 0;
  #unlogged = 0;
  #saidUnlogged = 0;
  #missedTimer: ReturnType<typeof setInterval> | undefined;

  /**
   * Opens the file of the capture that is asked for.
   * @throws {HostError} `failed`.
   * @throws {UsageError} when a capture would go to a terminal.
   */
  static async open(context: Context, plan: ServePlan): Promise<Recording> {
    const recording = new Recording(context.output, plan);
    if (plan.capture !== undefined) {
      recording.#capture = await openCapture(plan.capture, context, {
        missed: () => recording.#countMissed(),
        onStopped: (failure) => recording.#sayStopped(failure),
      });
    }
    return recording;
  }

  private constructor(output: Output, plan: ServePlan) {
    this.#output = output;
    this.#plan = plan;
    if (!plan.logPackets && plan.capture === undefined) return;
    this.tap = {
      memory: createTapMemory(TAP_BYTES),
      snapLength: plan.capture?.snapLength ?? LOG_SNAP_LENGTH,
    };
  }

  /** What the capture has come to. */
  get capture(): CaptureTotals | undefined {
    return this.#capture?.totals;
  }

  /** How many packets the log lacks because it is read too slowly, besides those that found the tap full. */
  get unlogged(): number {
    return this.#unlogged;
  }

  /**
   * Begins the capture.
   * @throws {HostError} `failed` when its file cannot be written.
   */
  async begin({ name, type }: AdapterInfo): Promise<void> {
    const { capture, simulate } = this.#plan;
    if (this.#capture === undefined || capture === undefined) return;
    const description = `${simulate ? "Simulated" : "Wintun"} adapter of type ${type}`;
    try {
      await this.#capture.begin({ name, description, snapLength: capture.snapLength });
    } catch (error) {
      throw captureError("Cannot write", capture.path, error);
    }
  }

  /**
   * Takes packets from the tap from now on.
   *
   * @param log is shown each packet, with `--log-packets`.
   * @param countMissed gives how many packets found the tap full.
   * @param onError is told when the log fails.
   */
  start(
    log: (packet: TappedPacket) => void,
    countMissed: () => number,
    onError: (error: unknown) => void,
  ): void {
    if (this.tap === undefined) return;
    this.#countMissed = countMissed;
    const logUnlessBehind = (packet: TappedPacket): void => {
      if (this.#output.isBehind) this.#unlogged++;
      else log(packet);
    };
    const visit = this.#plan.logPackets ? logUnlessBehind : undefined;
    this.#drain = new TapDrain(new TapReader(this.tap.memory), visit, this.#capture);
    this.#drain.done.catch(onError);
    this.#missedTimer = setInterval(() => {
      this.#sayMissed();
      this.#sayUnlogged();
    }, MISSED_INTERVAL_MS);
  }

  /** Takes what is left in the tap and completes the capture. Nothing may be tapped any more. Idempotent. */
  async end(): Promise<void> {
    clearInterval(this.#missedTimer);
    this.#sayMissed();
    this.#capture?.hurry();
    // Its error was told when it came.
    await this.#drain?.stop().catch(() => {});
    this.#drain = undefined;
    this.#sayUnlogged();
    await this.#capture?.close();
  }

  /** Throws if the capture could not be completed. A reader that left had enough of it: that is no error. */
  check(): void {
    const failure = this.#capture?.totals.failure;
    if (failure === undefined || isClosedStream(failure.error)) return;
    throw captureError("Cannot complete", failure.file, failure.error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #sayMissed(): void {
    const missed = this.#countMissed();
    const more = missed - this.#saidMissed;
    this.#saidMissed = missed;
    const users = [
      ...(this.#plan.logPackets ? ["the log"] : []),
      ...(this.#capture?.isGoing ? ["the capture"] : []),
    ];
    if (more === 0 || users.length === 0) return;
    this.#output.warning(`${packets(more)} came too fast for ${users.join(" and ")}; echo was not held up.`);
  }

  #sayUnlogged(): void {
    const more = this.#unlogged - this.#saidUnlogged;
    this.#saidUnlogged = this.#unlogged;
    if (more === 0) return;
    this.#output.warning(`${packets(more)} came too fast for the reader of the log; echo was not held up.`);
  }

  #sayStopped({ file, error }: CaptureFailure): void {
    this.#output.warning(
      isClosedStream(error)
        ? `Nobody reads the capture (${captureFileName(file)}) any more, so it has ended. Serving goes on.`
        : `The capture into ${captureFileName(file)} has stopped: ${
          captureFileFault(error)
        }. Serving goes on.`,
    );
  }
}

function packets(count: number): string {
  return count === 1 ? "1 packet" : `${count.toLocaleString("en-US")} packets`;
}

async function openCapture(
  { path, rotation }: CapturePlan,
  { environment: { stdout }, output }: Context,
  told: { missed: () => number; onStopped: (failure: CaptureFailure) => void },
): Promise<Capture> {
  const toStdout = path === "-";
  if (toStdout && stdout.isTerminal) {
    throw new UsageError(
      "--pcap - writes a capture to stdout, and stdout is a terminal.",
      "Send it to a program, as in: wintun serve lab --pcap - | wireshark -k -i -",
    );
  }
  if (toStdout) output.giveStdoutAway();
  const files = new CaptureFiles(path, rotation);
  const stdoutFile = {
    name: path,
    sink: { write: (bytes: Uint8Array) => stdout.writeBytes(bytes), close: () => {} },
  };
  try {
    return await Capture.open({
      openNext: () => toStdout ? Promise.resolve(stdoutFile) : files.openNext(),
      rotation,
      os: OPERATING_SYSTEMS[Deno.build.os] ?? Deno.build.os,
      application: `wintun ${project.version}`,
      ...told,
    });
  } catch (error) {
    throw captureError("Cannot open", path, error);
  }
}

function captureError(what: string, file: string, error: unknown): HostError {
  return new HostError(
    "failed",
    `${what} the capture into ${captureFileName(file)}`,
    captureFileFault(error),
    {
      cause: error,
    },
  );
}
