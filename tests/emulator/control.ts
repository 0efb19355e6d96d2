/** The emulator's control functions (emulator_control.h), bound for tests. */

export const LINK_TUN = 1;

/** EmulatorCall: the calls that `EmulatorFailNext` can make fail. */
export const CALL = {
  createAdapter: 0,
  startSession: 1,
  deleteDriver: 2,
  createUnicastAddress: 3,
  setIpInterface: 4,
  getIpv4Interface: 5,
  getIpv6Interface: 6,
  getInterface: 7,
  createEvent: 8,
  closeDllSearch: 9,
  getProcessTimes: 10,
  createNetworkList: 11,
  setCategory: 12,
  getCategory: 13,
  getNetworkTimes: 14,
} as const;

/** EmulatorThing: the objects that `EmulatorCount` counts. */
export const THING = {
  adapters: 0,
  adapterHandles: 1,
  sessions: 2,
  regions: 3,
  handles: 4,
  mibTables: 5,
  logThreads: 6,
  registryKeys: 7,
  deviceLists: 8,
  failures: 9,
} as const;

/** EmulatorSurprise: how the next adapter differs from the request (`EmulatorSurpriseNext`). */
export const SURPRISE = { otherGuid: 1, otherName: 2 } as const;

/** EmulatorBenchMode */
export const BENCH_MODE = { inline: 0, thread: 1, latency: 2 } as const;

/** struct EmulatorBenchPlan */
export interface BenchPlan {
  readonly mode: keyof typeof BENCH_MODE;
  /** IP protocol: 1 for ICMP echo, 17 for UDP. */
  readonly protocol: number;
  readonly packetBytes: number;
  readonly batch: number;
  readonly packets: number;
  readonly warmup: number;
  readonly gapUs: number;
  readonly verifyEvery: number;
}

/** struct EmulatorBenchFigures; times in nanoseconds. */
export interface BenchFigures {
  readonly packets: number;
  readonly lost: number;
  readonly verified: number;
  readonly invalid: number;
  readonly totalNs: number;
  readonly driverNs: number;
  readonly clientNs: number;
  readonly waits: number;
  /** Latency of single packets, over `packets` samples. */
  readonly latencyNs: Readonly<Record<"min" | "p50" | "p90" | "p99" | "max" | "mean", number>>;
}

const SYMBOLS = {
  EmulatorSetLink: { parameters: ["u32"], result: "void" },
  EmulatorFailNext: { parameters: ["u32", "u32", "u32"], result: "i32" },
  EmulatorDelayNextCreate: { parameters: ["u32"], result: "void" },
  EmulatorSetElevated: { parameters: ["u32"], result: "void" },
  EmulatorSetDriverVersion: { parameters: ["u32"], result: "void" },
  EmulatorSetLegacyDevices: { parameters: ["u32"], result: "void" },
  EmulatorSetOrphanedDevices: { parameters: ["u32"], result: "void" },
  EmulatorRenameConnection: { parameters: ["pointer", "buffer"], result: "void" },
  EmulatorMakeLegacy: { parameters: ["pointer"], result: "void" },
  EmulatorSurpriseNext: { parameters: ["u32"], result: "void" },
  EmulatorSetLinkLocal: { parameters: ["i32"], result: "void" },
  EmulatorSetNextRegionBase: { parameters: ["u64"], result: "void" },
  EmulatorRemoveAdapter: { parameters: ["pointer"], result: "i32" },
  EmulatorCorruptReceiveRing: { parameters: ["pointer"], result: "i32" },
  EmulatorPauseDriver: { parameters: ["pointer", "i32"], result: "i32" },
  EmulatorResetFaults: { parameters: [], result: "void" },
  EmulatorInject: { parameters: ["pointer", "buffer", "buffer", "u32"], result: "i32" },
  EmulatorTake: { parameters: ["pointer", "buffer", "u32"], result: "u32" },
  EmulatorLog: { parameters: ["u32", "buffer", "i32"], result: "i32" },
  EmulatorCount: { parameters: ["u32"], result: "u32" },
  EmulatorGetAdapterName: { parameters: ["pointer", "buffer"], result: "void" },
  EmulatorBenchBegin: { parameters: ["pointer", "buffer", "pointer"], result: "i32" },
  EmulatorBenchEnd: { parameters: ["buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

export type EmulatorControl = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/**
 * Opens the control functions of the library at `path`. The program under test opens the same library as wintun.dll.
 */
export function openEmulatorControl(path: string): Deno.DynamicLibrary<typeof SYMBOLS> {
  return Deno.dlopen(path, SYMBOLS);
}

/**
 * Starts a measurement. `done` is the HANDLE of an event, which the emulator sets after it has counted the last reply.
 */
export function beginBench(control: EmulatorControl, session: bigint, plan: BenchPlan, done: bigint): void {
  const bytes = new DataView(new ArrayBuffer(40));
  bytes.setUint32(0, BENCH_MODE[plan.mode], true);
  bytes.setUint32(4, plan.protocol, true);
  bytes.setUint32(8, plan.packetBytes, true);
  bytes.setUint32(12, plan.batch, true);
  bytes.setBigUint64(16, BigInt(plan.packets), true);
  bytes.setBigUint64(24, BigInt(plan.warmup), true);
  bytes.setUint32(32, plan.gapUs, true);
  bytes.setUint32(36, plan.verifyEvery, true);
  const begun = control.EmulatorBenchBegin(
    Deno.UnsafePointer.create(session),
    bytes.buffer,
    Deno.UnsafePointer.create(done),
  );
  if (begun === 0) throw new Error("the emulator refused the measurement");
}

/** Returns the figures of the measurement that `beginBench` started. Call it after the event was set. */
export function endBench(control: EmulatorControl): BenchFigures {
  const figures = new BigUint64Array(14);
  if (control.EmulatorBenchEnd(figures) === 0) throw new Error("the measurement is not over");
  const [packets, lost, verified, invalid, totalNs, driverNs, clientNs, waits, ...latency] = Array.from(
    figures,
    Number,
  );
  const [min, p50, p90, p99, max, mean] = latency;
  const latencyNs = { min, p50, p90, p99, max, mean };
  return { packets, lost, verified, invalid, totalNs, driverNs, clientNs, waits, latencyNs };
}
