/** Shared by the tests of the bindings: the emulator of this machine, opened once, and packets for its rings. */

import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { openWintun, type Wintun } from "../../src/wintun/library.ts";
import { buildEmulator } from "../emulator/build.ts";
import { type EmulatorControl, openEmulatorControl, THING } from "../emulator/control.ts";
import { emulatorLibraries } from "../emulator/libraries.ts";
import type { Libraries } from "../../src/tun/windows/host.ts";

/**
 * The DLLs under test. Under Wine only wintun.dll is named, by WINTUN_UNDER_TEST: the emulator as a DLL, or the signed
 * DLL with the control functions in another DLL, WINTUN_CONTROL.
 */
export const libraries: Libraries = await findLibraries();
export const control: EmulatorControl =
  openEmulatorControl(Deno.env.get("WINTUN_CONTROL") ?? libraries.wintun).symbols;
export const wintun: Wintun = openWintun(libraries.wintun, new SystemLibraries(libraries));

async function findLibraries(): Promise<Libraries> {
  if (Deno.build.os !== "windows") return emulatorLibraries(await buildEmulator());
  const wintun = Deno.env.get("WINTUN_UNDER_TEST");
  if (wintun === undefined) throw new Error("WINTUN_UNDER_TEST must be the path of a wintun.dll");
  return { wintun };
}

/** Whether wintun.dll is the emulator, which a test can make behave as on another machine. */
const isEmulator = Deno.env.get("WINTUN_CONTROL") === undefined;

/**
 * Registers a test for the emulator only: it switches elevation or the driver's version in this process, or takes minutes on
 * the signed DLL.
 */
export function switchingTest(name: string, body: () => void | Promise<void>): void {
  if (isEmulator) emulatorTest(name, body);
}

export type Counts = Readonly<Record<keyof typeof THING, number>>;

/** Returns how many objects of each kind the emulator holds now. */
export function counts(): Counts {
  const entries = Object.entries(THING).map(([name, thing]) => [name, control.EmulatorCount(thing)]);
  return Object.fromEntries(entries) as Counts;
}

/** Registers a test after which the emulator must hold as many objects as before. Faults are reset. */
export function emulatorTest(name: string, body: () => void | Promise<void>): void {
  Deno.test(name, async () => {
    const before = JSON.stringify(counts());
    try {
      await body();
    } finally {
      control.EmulatorResetFaults();
    }
    const after = JSON.stringify(counts());
    if (after !== before) throw new Error(`the test left something behind: before ${before}, after ${after}`);
  });
}

/**
 * Returns an IPv4 packet of `size` bytes (20 and more) whose payload counts up from `seed`. It has no checksum: nothing
 * checks it.
 */
export function packetOf(size: number, seed = 0): Uint8Array<ArrayBuffer> {
  const packet = Uint8Array.from({ length: size }, (_, index) => index + seed);
  packet[0] = 0x45;
  return packet;
}

/** Puts packets into a session's receive ring as one batch. Returns `false` if the ring has no room. */
export function inject(session: bigint, ...packets: readonly Uint8Array[]): boolean {
  const bytes = new Uint8Array(packets.reduce((sum, packet) => sum + packet.length, 0));
  let at = 0;
  for (const packet of packets) {
    bytes.set(packet, at);
    at += packet.length;
  }
  const sizes = Uint32Array.from(packets, (packet) => packet.length);
  return control.EmulatorInject(Deno.UnsafePointer.create(session), bytes, sizes, sizes.length) !== 0;
}

/** Takes the next packet that was sent. Returns `undefined` if there is none. */
export function take(session: bigint): Uint8Array | undefined {
  const buffer = new Uint8Array(0x10000);
  const size = control.EmulatorTake(Deno.UnsafePointer.create(session), buffer, buffer.length);
  return size === 0 ? undefined : buffer.subarray(0, size);
}
