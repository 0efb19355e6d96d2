import { addressOf, fixedMemory } from "../fixed_memory.ts";
import { readWideString } from "../wide_string.ts";

/** QUERY_SERVICE_CONFIGW on 64-bit Windows (winsvc.h). Its strings lie behind it in the same memory. */
export const QUERY_SERVICE_CONFIGW = {
  size: 64,
  dwStartType: 4,
  lpBinaryPathName: 16,
  lpServiceStartName: 48,
  lpDisplayName: 56,
} as const;

/** SERVICE_FAILURE_ACTIONSW on 64-bit Windows (winsvc.h). */
export const SERVICE_FAILURE_ACTIONSW = {
  size: 40,
  dwResetPeriod: 0,
  cActions: 24,
  lpsaActions: 32,
} as const;

/** SC_ACTION (winsvc.h). */
export const SC_ACTION = { size: 8, Type: 0, Delay: 4 } as const;

const SC_ACTION_NONE = 0;
const SC_ACTION_RESTART = 1;

/** The values of dwStartType that services have; those of drivers are not among them (winnt.h). */
export const START_TYPES = { auto: 2, demand: 3, disabled: 4 } as const;

/** When Windows starts a service: when Windows itself starts, when somebody asks for it, or never. */
export type StartType = keyof typeof START_TYPES;

/** How a service is set up. */
export interface ServiceConfig {
  readonly startType: StartType;
  /** The path of the program, quoted if it was created so, and its arguments. */
  readonly commandLine: string;
  /** The account that it runs as: `LocalSystem`. */
  readonly account: string;
  readonly displayName: string;
}

/** What Windows does when a service fails, time after time ("SERVICE_FAILURE_ACTIONSW structure", Windows documentation). */
export interface FailureActions {
  /** After the first failure Windows waits for the first of these times and restarts the service, and so on. */
  readonly restartAfterMs: readonly number[];
  /** Without a failure for this long, the next one counts as the first. */
  readonly resetAfterS: number;
}

/**
 * Decodes a QUERY_SERVICE_CONFIGW.
 * @throws {RangeError} if it is the configuration of a driver.
 */
export function decodeConfig(memory: ArrayBuffer): ServiceConfig {
  const view = new DataView(memory);
  const text = (offset: number): string =>
    readWideString(Deno.UnsafePointer.create(view.getBigUint64(offset, true)));
  const code = view.getUint32(QUERY_SERVICE_CONFIGW.dwStartType, true);
  const startType = (Object.keys(START_TYPES) as StartType[]).find((type) => START_TYPES[type] === code);
  if (startType === undefined) throw new RangeError(`a service has the unknown start type ${code}`);
  return {
    startType,
    commandLine: text(QUERY_SERVICE_CONFIGW.lpBinaryPathName),
    account: text(QUERY_SERVICE_CONFIGW.lpServiceStartName),
    displayName: text(QUERY_SERVICE_CONFIGW.lpDisplayName),
  };
}

/** A structure, and the memory that it points to. The caller keeps both alive while Windows reads the structure. */
export interface Encoded {
  readonly structure: ArrayBuffer;
  readonly pointedTo: ArrayBuffer;
}

/** Encodes a SERVICE_FAILURE_ACTIONSW. After the last restart nothing is done, however often the service fails. */
export function encodeFailureActions({ restartAfterMs, resetAfterS }: FailureActions): Encoded {
  const count = restartAfterMs.length + 1;
  const actions = new DataView(fixedMemory(count * SC_ACTION.size));
  restartAfterMs.forEach((delay, index) => {
    actions.setUint32(index * SC_ACTION.size + SC_ACTION.Type, SC_ACTION_RESTART, true);
    actions.setUint32(index * SC_ACTION.size + SC_ACTION.Delay, delay, true);
  });
  actions.setUint32((count - 1) * SC_ACTION.size + SC_ACTION.Type, SC_ACTION_NONE, true);
  const structure = new DataView(fixedMemory(SERVICE_FAILURE_ACTIONSW.size));
  structure.setUint32(SERVICE_FAILURE_ACTIONSW.dwResetPeriod, resetAfterS, true);
  structure.setUint32(SERVICE_FAILURE_ACTIONSW.cActions, count, true);
  structure.setBigUint64(SERVICE_FAILURE_ACTIONSW.lpsaActions, addressOf(actions.buffer), true);
  return { structure: structure.buffer, pointedTo: actions.buffer };
}
