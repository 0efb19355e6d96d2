/**
 * The command line tool on the emulator, in which something goes wrong: deno run -A faulty_cli.ts FAULT ARGUMENTS…
 * The faults `busy` and `slow-creation` exist from the beginning. The others happen on SIGUSR2.
 */

import { type Environment, processEnvironment } from "../../src/cli/process/environment.ts";
import { main } from "../../src/main.ts";
import type { Adapter, Host } from "../../src/tun/host.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { buildEmulator } from "../emulator/build.ts";
import { LINK_TUN, openEmulatorControl } from "../emulator/control.ts";
import { emulatorLibraries } from "../emulator/libraries.ts";

/** The time for which the driver accepts nothing with `full`. */
const PAUSE_MS = 1500;
/** The time that the creation of the adapter takes with `slow-creation`. */
const CREATION_MS = 2000;
/** After this time a session has begun to read. */
const SESSION_START_MS = 100;

const path = await buildEmulator();
const control = openEmulatorControl(path).symbols;
control.EmulatorSetLink(LINK_TUN);
const { WintunOpenAdapter } = Deno.dlopen(path, {
  WintunOpenAdapter: { parameters: ["buffer" /* LPCWSTR Name */], result: "pointer" },
}).symbols;

/** The session that is open, and the fault of each session from now on. */
let session: Deno.PointerValue = null;
let onSession = (): void => {};

const FAULTS: Readonly<Record<string, (name: string) => void>> = {
  /** The adapter is removed while it is in use. */
  removed: (name) => control.EmulatorRemoveAdapter(WintunOpenAdapter(toWideString(name))),
  /** The receive ring is corrupt, once. */
  corrupt: () => control.EmulatorCorruptReceiveRing(session),
  /** The receive ring of this session and of every one after it is corrupt. */
  "always-corrupt": () => {
    control.EmulatorCorruptReceiveRing(session);
    onSession = () => setTimeout(() => control.EmulatorCorruptReceiveRing(session), SESSION_START_MS);
  },
  /** The driver accepts no packets for a while, so that the send ring fills. */
  full: () => {
    control.EmulatorPauseDriver(session, 1);
    setTimeout(() => control.EmulatorPauseDriver(session, 0), PAUSE_MS);
  },
  /** Windows takes a long time to create the adapter. */
  "slow-creation": () => {},
  /** Another program has a session on the adapter. */
  busy: () => {},
};

/** Returns the adapter, and lets the faults see each session that it opens. */
function watched(adapter: Adapter): Adapter {
  return {
    info: adapter.info,
    created: adapter.created,
    stopRequested: adapter.stopRequested,
    removed: adapter.removed,
    sessionStopRequested: adapter.sessionStopRequested,
    openSession: (capacityBytes) => {
      const opened = adapter.openSession(capacityBytes);
      if (opened.attachment.kind !== "wintun") throw new Error("this is not the emulator");
      session = Deno.UnsafePointer.create(opened.attachment.session);
      onSession();
      return opened;
    },
    close: () => adapter.close(),
    [Symbol.dispose]: () => adapter.close(),
  };
}

const [fault, ...args] = Deno.args;
const name = args[1];
const libraries = emulatorLibraries(path);
const environment: Environment = {
  ...processEnvironment(),
  startKeeper: () => Promise.reject(new HostError("platform", "Cannot start a keeper", "not here")),
  openHost: async (options) => {
    const host = await openWindowsHost({ ...options, libraries });
    const methods: Pick<Host, "create" | "open"> = {
      create: async (request) => watched(await host.create(request)),
      open: async (name) => watched(await host.open(name)),
    };
    return new Proxy(host, {
      get: (target, key) => {
        if (key === "create" || key === "open") return methods[key];
        const value = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  },
};
Deno.addSignalListener("SIGUSR2", () => FAULTS[fault](name));

if (fault === "slow-creation") control.EmulatorDelayNextCreate(CREATION_MS);
if (fault === "busy") {
  const other = await openWindowsHost({ libraries, log: () => {} });
  const adapter = await other.create({ name, type: "Wintun" });
  adapter.openSession(128 * 1024);
}
Deno.exit(await main(args, environment));
