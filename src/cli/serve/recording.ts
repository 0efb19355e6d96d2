import type { Capture, CaptureFailure, CaptureTotals } from "../../echo/capture/capture.ts";
import { CaptureFeed } from "../../echo/capture/capture_feed.ts";
import { TapDrain } from "../../echo/capture/drain.ts";
import { LogFeed } from "../../echo/capture/log_feed.ts";
import { createTapMemory, type Tap, type TappedPacket } from "../../echo/capture/tap.ts";
import { TapReader } from "../../echo/capture/tap_reader.ts";
import type { AdapterInfo } from "../../tun/adapter_info.ts";
import type { Context } from "../command.ts";
import { fileFault } from "../process/file_fault.ts";
import { groupDigits } from "../process/group_digits.ts";
import { isClosedStream, type Output } from "../process/output.ts";
import { captureError, openCapture } from "./capture_file.ts";
import { captureFileName } from "./capture_words.ts";
import type { ServePlan } from "./plan.ts";

/**
 * The memory for packets that wait to be captured: 20 ms at 400 MB/s. More would slow the echo down: a write to memory that
 * does not fit into the cache takes three times as long.
 */
const CAPTURE_TAP_BYTES = 8 * 1024 * 1024;
/** The memory for packets that wait to be logged. It is smaller, so that a log that is too slow soon pauses and lets the capture run. */
const LOG_TAP_BYTES = 2 * 1024 * 1024;
/** The bytes of each packet for a log without a capture: all of them, because a log line also reports wrong lengths and checksums. */
const LOG_SNAP_LENGTH = 65535;
/** Near the end, a file that accepts nothing for this time is given up. */
const STALLED_MS = 2000;
/** The time between two warnings of missed packets. */
const MISSED_INTERVAL_MS = 1000;

/** The totals of a log of packets. */
export interface LogTotals {
  /** The number of packets that have a line. */
  readonly written: number;
  /** The number of packets that came too fast for the log or for its reader. */
  readonly missed: number;
}

/** Records the packets of a `serve` in a log and in a capture. Neither waits for the other. */
export class Recording implements AsyncDisposable {
  /** The taps to which the echo writes packets. Empty if packets are not recorded. */
  readonly taps: readonly Tap[];
  readonly #output: Output;
  readonly #plan: ServePlan;
  readonly #log: LogFeed | undefined;
  readonly #captured: TapReader | undefined;
  #capture: Capture | undefined;
  #drains: TapDrain[] = [];
  #isEnding = false;
  readonly #reportedMissed = { log: 0, capture: 0 };
  #missedTimer: ReturnType<typeof setInterval> | undefined;

  /**
   * Prepares the recording that the plan asks for, and opens the file of its capture. The caller owns it.
   *
   * @param addLine Writes the line of a packet, with `--log-packets`.
   * @throws {HostError} `failed` if the file cannot be opened.
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

  /** The totals of the capture, or `undefined` without one. */
  get capture(): CaptureTotals | undefined {
    return this.#capture?.totals;
  }

  /** The totals of the log, or `undefined` without one. */
  get log(): LogTotals | undefined {
    if (this.#log === undefined) return undefined;
    const { written, missed } = this.#log;
    return { written, missed };
  }

  /** The sum of the packets that came too fast for the log and of those that came too fast for the capture. */
  get tapMissed(): number {
    return (this.#log?.missed ?? 0) + (this.#captured?.missed ?? 0);
  }

  /**
   * Begins the capture of an adapter, if there is one.
   * @throws {HostError} `failed` if the file cannot be written.
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

  /** Records packets from now on. @param onError Receives the error of a log that fails. */
  start(onError: (error: unknown) => void): void {
    if (this.#log !== undefined) this.#drains.push(new TapDrain(this.#log));
    if (this.#captured !== undefined && this.#capture !== undefined) {
      this.#drains.push(new TapDrain(new CaptureFeed(this.#captured, this.#capture)));
    }
    for (const drain of this.#drains) drain.done.catch(onError);
    if (this.#drains.length > 0) {
      this.#missedTimer = setInterval(() => this.#warnOfMissed(), MISSED_INTERVAL_MS);
    }
  }

  /**
   * From now on, a file that accepts nothing for 2 s ends the capture. It is called when the end is near, so that neither a disk
   * nor a reader can prevent the end.
   */
  limitStalls(): void {
    this.#isEnding = true;
    this.#capture?.limitStalls(STALLED_MS);
  }

  /** Records the packets that are left in the taps, and completes the capture. The echo must have ended. Idempotent. */
  async end(): Promise<void> {
    clearInterval(this.#missedTimer);
    this.#warnOfMissed();
    this.limitStalls();
    // `start` has reported their errors already.
    await Promise.allSettled(this.#drains.map((drain) => drain.stop()));
    this.#drains = [];
    this.#warnOfMissed();
    await this.#capture?.close();
  }

  /** Checks that the capture is complete. A reader that closed it is no error. @throws {HostError} `failed` if it is not complete. */
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
      onStopped: (failure) => this.#warnOfStop(failure),
    });
  }

  #warnOfMissed(): void {
    this.#warnOfMissedBy("log", this.#log?.missed ?? 0);
    if (this.#capture?.isGoing) this.#warnOfMissedBy("capture", this.#captured?.missed ?? 0);
  }

  #warnOfMissedBy(user: "log" | "capture", missed: number): void {
    const more = missed - this.#reportedMissed[user];
    this.#reportedMissed[user] = missed;
    if (more === 0) return;
    const packets = more === 1 ? "1 packet" : `${groupDigits(more)} packets`;
    this.#output.warning(
      `${packets} came too fast for the ${user} and are missing there. The echo is not affected.`,
    );
  }

  #warnOfStop({ file, error }: CaptureFailure): void {
    const what = isClosedStream(error)
      ? `The reader of the capture (${captureFileName(file)}) closed it, so the capture has ended.`
      : `The capture into ${captureFileName(file)} has stopped: ${fileFault(error)}.`;
    this.#output.warning(this.#isEnding ? what : `${what} Serving goes on.`);
  }
}
