/** Shared by the tests of faults: the signed wintun.dll of this process, and the control functions of what lies below it. */

import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { openWintun, type Wintun } from "../../../src/wintun/library.ts";
import type { LogLine } from "../../../src/wintun/log_line.ts";
import { Logger } from "../../../src/wintun/logger.ts";
import { type EmulatorControl, openEmulatorControl } from "../../emulator/control.ts";
import { adapterTest } from "../adapters.ts";
import { standInsPath, wintunPath } from "../libraries.ts";

export const wintun: Wintun = openWintun(wintunPath, new SystemLibraries());
export const control: EmulatorControl = openEmulatorControl(standInsPath).symbols;

/** Registers a test as `adapterTest` does. No fault that it asked for remains for the next test. */
export function faultTest(name: string, body: () => void | Promise<void>): void {
  adapterTest(name, async () => {
    try {
      await body();
    } finally {
      control.EmulatorResetFaults();
    }
  });
}

/** Runs `body`, and returns what wintun.dll has logged meanwhile. */
export async function logged(body: () => void | Promise<void>): Promise<string[]> {
  const lines: LogLine[] = [];
  const logger = await Logger.open(wintun, (line) => lines.push(line));
  try {
    await body();
  } finally {
    await logger.close();
  }
  return lines.map(({ level, message }) => `${level}: ${message}`);
}

/** The C program that knows nothing but wintun.h: creates an adapter, starts a session, and ends both at once. */
export async function runClient(
  name: string,
  env: Record<string, string> = {},
): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command("Z:\\world\\wintun_client.exe", {
    args: [wintunPath, name, "0"],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}
