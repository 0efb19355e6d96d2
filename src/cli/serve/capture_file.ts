import { join } from "@std/path";
import project from "../../../deno.json" with { type: "json" };
import { Capture, type CaptureFailure } from "../../echo/capture/capture.ts";
import { CaptureFiles, type CaptureSource } from "../../echo/capture/files.ts";
import { HostError } from "../../tun/host_error.ts";
import { Win32Error } from "../../windows/win32_error.ts";
import { UsageError } from "../arguments/usage_error.ts";
import type { Context } from "../command.ts";
import type { Stream } from "../process/environment.ts";
import { fileFault } from "../process/file_fault.ts";
import { osErrorCode } from "../process/os_error.ts";
import { captureFileName } from "./capture_words.ts";
import type { CapturePlan } from "./plan.ts";

const OPERATING_SYSTEMS: Readonly<Record<string, string>> = {
  windows: "Windows",
  linux: "Linux",
  darwin: "macOS",
};

/** The functions that a capture calls; see `CaptureOptions`. */
export interface CaptureListener {
  readonly missed: () => number;
  readonly onStopped: (failure: CaptureFailure) => void;
}

/** Refuses a capture that would go to a terminal. @throws {UsageError} */
export function refuseTerminal({ path }: CapturePlan, stdout: Stream): void {
  if (path !== "-" || !stdout.isTerminal) return;
  throw new UsageError(
    "--pcap - writes a capture to stdout, and stdout is a terminal.",
    "Send it to a program, for example: wintun serve lab --pcap - | wireshark -k -i -",
  );
}

/**
 * Opens the file of a capture, or the first of several. If the file is stdout, results go to stderr from now on. The caller
 * owns the capture.
 *
 * @throws {HostError} `failed` if the file cannot be opened.
 */
export async function openCapture(
  { path, rotation }: CapturePlan,
  { environment, output }: Pick<Context, "environment" | "output">,
  listener: CaptureListener,
): Promise<Capture> {
  const { stdout, system } = environment;
  const toStdout = path === "-";
  if (toStdout) output.giveStdoutAway();
  const files = toStdout ? stdoutSource(stdout) : new CaptureFiles(path, rotation, system?.libraries);
  try {
    return await Capture.open({
      files,
      rotation,
      os: OPERATING_SYSTEMS[Deno.build.os] ?? Deno.build.os,
      application: `wintun ${project.version}`,
      now: () => environment.now(),
      ...listener,
    });
  } catch (error) {
    throw captureError("Cannot open", path, error);
  }
}

/**
 * Returns the error for a capture that could not be opened, begun or completed.
 * @param attempt The start of the operation, such as `Cannot open`.
 */
export function captureError(attempt: string, file: string, error: unknown): HostError {
  const operation = `${attempt} the capture into ${captureFileName(file)}`;
  const isFolder = error instanceof Deno.errors.IsADirectory;
  return new HostError("failed", operation, fileFault(error), {
    cause: windowsError(error, operation) ?? error,
    ...(isFolder ? { hint: `Name a file in it, such as ${captureFileName(join(file, "lab.pcapng"))}.` } : {}),
  });
}

function windowsError(error: unknown, operation: string): Win32Error | undefined {
  const code = Deno.build.os === "windows" ? osErrorCode(error) : undefined;
  return code === undefined ? undefined : new Win32Error(code, operation);
}

/** Returns stdout as the only file of a capture. */
function stdoutSource(stdout: Stream): CaptureSource {
  const sink = { write: (bytes: Uint8Array) => stdout.writeBytes(bytes), close: () => {} };
  return { openNext: () => Promise.resolve({ name: "-", sink }), kept: 1 };
}
