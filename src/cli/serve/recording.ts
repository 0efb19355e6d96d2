import type { Capture, CaptureFailure, CaptureTotals } from "../../echo/capture/capture.ts";
import { CaptureFeed } from "../../echo/capture/capture_feed.ts";
import { TapDrain } from "../../echo/capture/drain.ts";
import { LogFeed } from "../../echo/capture/log_feed.ts";
import { createTapMemory, type Tap, type TappedPacket } from "../../echo/capture/tap.ts";
import { TapReader } from "../../echo/capture/tap_reader.ts";
import type { AdapterInfo } from "../../tun/host.ts";
import type { Context } from "../command.ts";
import { groupDigits } from "../process/group_digits.ts";
import { isClosedStream, type Output } from "../process/output.ts";
import { captureError, openCapture } from "./capture_file.ts";
import { captureFileFault, captureFileName } from "./capture_words.ts";
import type { ServePlan } from "./plan.ts";

/**
 * How much may wait to be captured: 20 ms at 400 MB/s. More would cost the echo: memory that no cache can hold takes
 * three times as long to write.
 */
const CAPTURE_TAP_BYTES = 8 * 1024 * 1024;
/** How much may wait to be logged. Less, so that a log that cannot keep up rests soon, and leaves the capture its time. */
const LOG_TAP_BYTES = 2 * 1024 * 1024;
/** For a log without a capture: packets are described whole, because their lengths and checksums are looked at too. */
const LOG_SNAP_LENGTH = 65535;
/** Near the end, a file that takes nothing for so long is given up. */
const STALLED_MS = 2000;
/** Missed packets are reported at most this often. */
const MISSED_INTERVAL_MS = 1000;

/** What a log of packets has come to. */
export interface LogTotals {
  /** Packets that have a line. */
  readonly written: number;
  /** Packets that came too fast for the log, or for its reader. */
  readonly missed: number;
}

/** What is kept of the packets that a `serve` sees: a log and a capture. Neither waits for the other. */
export class Recording implements AsyncDisposable {
  /** Where packets are to be shown; empty where nothing is kept of them. */
  readonly taps: readonly Tap[];
  readonly #output: Output;
  readonly #plan: ServePlan;
  readonly #log: LogFeed | undefined;
  readonly #captured: TapReader | undefined;
  #capture: Capture | undefined;
  #drains: TapDrain[] = [];
  #isEnding = false;
  readonly #saidMissed = { log: 0, capture: 0 };
  #missedTimer: ReturnType<typeof setInterval> | undefined;

  /**
   * Opens the file of the capture that is asked for.
   *
   * @param addLine writes the line of a packet, with `--log-packets`.
   * @throws {HostError} `failed`.
   * @throws {UsageError} when a capture would go to a terminal.
   */
  static async open(
    context: Pick<Context, "environment" | "output">,
    plan: ServePlan,
    addLine: (packet: TappedPacket) => void,
  ): Promise<Recording> {
    const recording = new Recording(context, plan, addLine);
    await recording.#openCapture(context);
    return recording;
  }

  private constructor(
    { environment, output }: Pick<Context, "environment" | "output">,
    plan: ServePlan,
    addLine: (packet: TappedPacket) => void,
  ) {
    this.#output = output;
    this.#plan = plan;
    const { logPackets, capture } = plan;
    const taps: Tap[] = [];
    const addTap = (capacityBytes: number, snapLength: number): TapReader => {
      const memory = createTapMemory(capacityBytes);
      taps.push({ memory, snapLength });
      return new TapReader(memory);
    };
    if (logPackets) {
      const log = {
        get isBehind(): boolean {
          return output.isBehind;
        },
        add: addLine,
      };
      this.#log = new LogFeed(
        addTap(LOG_TAP_BYTES, capture?.snapLength ?? LOG_SNAP_LENGTH),
        log,
        () => environment.now(),
      );
    }
    if (capture !== undefined) this.#captured = addTap(CAPTURE_TAP_BYTES, capture.snapLength);
    this.taps = taps;
  }

  /** What the capture has come to. */
  get capture(): CaptureTotals | undefined {
    return this.#capture?.totals;
  }

  /** What the log has come to. */
  get log(): LogTotals | undefined {
    if (this.#log === undefined) return undefined;
    const { written, missed } = this.#log;
    return { written, missed };
  }

  /** How many packets came too fast for the log, and how many for the capture, added up. */
  get tapMissed(): number {
    return (this.#log?.missed ?? 0) + (this.#captured?.missed ?? 0);
  }

  /**
   * Begins the capture.
   * @throws {HostError} `failed` when its file cannot be written.
   */
  async begin({ name, type }: Pick<AdapterInfo, "name" | "type">): Promise<void> {
    const { capture, simulate } = this.#plan;
    if (this.#capture === undefined || capture === undefined) return;
    const description = `${simulate ? "Simulated" : "Wintun"} adapter of type ${type}`;
    try {
      await this.#capture.begin({ name, description, snapLength: capture.snapLength });
    } catch (error) {
      throw captureError("Cannot write", capture.path, error);
    }
  }

  /** Takes packets from the taps from now on. @param onError is told when the log fails. */
  start(onError: (error: unknown) => void): void {
    if (this.#log !== undefined) this.#drains.push(new TapDrain(this.#log));
    if (this.#captured !== undefined && this.#capture !== undefined) {
      this.#drains.push(new TapDrain(new CaptureFeed(this.#captured, this.#capture)));
    }
    for (const drain of this.#drains) drain.done.catch(onError);
    if (this.#drains.length > 0) {
      this.#missedTimer = setInterval(() => this.#sayMissed(), MISSED_INTERVAL_MS);
    }
  }

  /**
   * The end is near: from now on a file that takes nothing for two seconds ends the capture, so that no disk and no
   * reader keeps the end away.
   */
  limitStalls(): void {
    this.#isEnding = true;
    this.#capture?.limitStalls(STALLED_MS);
  }

  /** Takes what is left in the taps and completes the capture. Nothing may be tapped any more. Idempotent. */
  async end(): Promise<void> {
    clearInterval(this.#missedTimer);
    this.#sayMissed();
    this.limitStalls();
    // An error was told when it came.
    await Promise.allSettled(this.#drains.map((drain) => drain.stop()));
    this.#drains = [];
    this.#sayMissed();
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

  async #openCapture(context: Pick<Context, "environment" | "output">): Promise<void> {
    const captured = this.#captured;
    if (this.#plan.capture === undefined || captured === undefined) return;
    this.#capture = await openCapture(this.#plan.capture, context, {
      missed: () => captured.missed,
      onStopped: (failure) => this.#sayStopped(failure),
    });
  }

  #sayMissed(): void {
    this.#sayMissedOf("log", this.#log?.missed ?? 0);
    if (this.#capture?.isGoing) this.#sayMissedOf("capture", this.#captured?.missed ?? 0);
  }

  #sayMissedOf(user: "log" | "capture", missed: number): void {
    const more = missed - this.#saidMissed[user];
    this.#saidMissed[user] = missed;
    if (more === 0) return;
    const packets = more === 1 ? "1 packet" : `${groupDigits(more)} packets`;
    this.#output.warning(
      `${packets} came too fast for the ${user} and are missing there. The echo is not affected.`,
    );
  }

  #sayStopped({ file, error }: CaptureFailure): void {
    const what = isClosedStream(error)
      ? `The reader of the capture (${captureFileName(file)}) closed it, so the capture has ended.`
      : `The capture into ${captureFileName(file)} has stopped: ${captureFileFault(error)}.`;
    this.#output.warning(this.#isEnding ? what : `${what} Serving goes on.`);
  }
}
