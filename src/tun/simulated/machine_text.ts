import { normalGuid } from "../../wire/guid.ts";
import type { HolderEnd } from "../adapter_info.ts";
import { decodeSettings, encodeSettings, NEW_SETTINGS, type Settings } from "../settings/settings.ts";
import {
  type Failures,
  type Holding,
  type Machine,
  type MachineAdapter,
  NO_FAILURES,
  type Server,
} from "./machine.ts";
import { NO_TRAFFIC } from "./traffic.ts";

const FORMAT = "simulated machine of wintun";
const VERSION = 1;

/** A text is not one of a simulated machine. Its message is the end of a sentence. */
export class MachineTextError extends Error {
  override readonly name = "MachineTextError";
}

/** Encodes a machine as JSON. */
export function encodeMachine({ elevated, nextIfIndex, nextPid, adapters }: Machine): string {
  const written = adapters.map((adapter) => ({ ...adapter, settings: encodeSettings(adapter.settings) }));
  const text = { format: FORMAT, version: VERSION, elevated, nextIfIndex, nextPid, adapters: written };
  return `${JSON.stringify(text, null, 2)}\n`;
}

/**
 * Decodes the text of `encodeMachine`.
 * @throws {MachineTextError} for another text.
 */
export function decodeMachine(text: string): Machine {
  try {
    const { format, version, elevated, nextIfIndex, nextPid, adapters } = record(JSON.parse(text));
    if (format !== FORMAT) throw new SyntaxError("it does not name its format");
    if (version !== VERSION) {
      throw new MachineTextError(`it has version ${version}, and this program knows ${VERSION} only`);
    }
    return {
      elevated: flag(elevated),
      nextIfIndex: count(nextIfIndex),
      nextPid: count(nextPid),
      adapters: list(adapters).map(readAdapter),
    };
  } catch (error) {
    if (error instanceof MachineTextError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MachineTextError(`it is not the file of a simulated machine (${reason})`);
  }
}

function readAdapter(data: unknown): MachineAdapter {
  const { id, name, createdAs, type, guid, ifIndex, settings, traffic, holding, server } = record(data);
  if (normalGuid(text(guid)) !== guid) throw new SyntaxError(`"${guid}" is not a GUID`);
  return {
    id: text(id),
    name: text(name),
    createdAs: text(createdAs),
    type: text(type),
    guid: text(guid),
    ifIndex: count(ifIndex),
    settings: readSettings(settings),
    traffic: { ...NO_TRAFFIC, ...readCounts(traffic) },
    holding: readHolding(holding),
    ...(server === undefined ? {} : { server: readServer(server) }),
  };
}

/** A setting that the file does not have is that of a new adapter: an older version may have written the file. */
function readSettings(data: unknown): Required<Settings> {
  return { ...NEW_SETTINGS, ...decodeSettings(record(data)) };
}

function readCounts(data: unknown): Readonly<Record<string, number>> {
  const counts = record(data);
  return Object.fromEntries(Object.keys(NO_TRAFFIC).map((name) => [name, count(counts[name])]));
}

function readHolding(data: unknown): Holding {
  const { kind, persistent, state, pid, role, process, isAsked, hasSession, failures, end } = record(data);
  switch (kind) {
    case "service":
      if (state !== "running" && state !== "starting" && state !== "stopped" && state !== "lost") break;
      return {
        kind,
        persistent: flag(persistent),
        state,
        pid: count(pid),
        failures: readFailures(failures),
        ...(end === undefined ? {} : { end: readEnd(end) }),
      };
    case "process":
      if (role !== "keeper" && role !== "command") break;
      return { kind, role, pid: count(pid), process: processName(process), isAsked: flag(isAsked) };
    case "other":
      return { kind, hasSession: flag(hasSession) };
    case "nobody":
    case "legacy":
    case "foreign":
    case "ethernet":
      return { kind };
  }
  throw new SyntaxError("it does not say what holds an adapter");
}

/** A file of an older version has none. */
function readFailures(data: unknown = NO_FAILURES): Failures {
  const failures = record(data);
  return { count: count(failures.count), lastMs: count(failures.lastMs) };
}

function readEnd(data: unknown): HolderEnd {
  const { exitCode, reason } = record(data);
  return { exitCode: count(exitCode), reason: text(reason) };
}

function readServer(data: unknown): Server {
  const { handle, process, pid, hasSession, isAsked } = record(data);
  return {
    handle: text(handle),
    process: processName(process),
    pid: count(pid),
    hasSession: flag(hasSession),
    isAsked: flag(isAsked),
  };
}

/** It becomes a part of a file's name, so it must not lead into another folder. */
function processName(value: unknown): string {
  const name = text(value);
  if (!/^[\da-f-]+$/.test(name)) throw new SyntaxError(`"${name}" names no process`);
  return name;
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new SyntaxError("an object is missing");
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new SyntaxError("a list is missing");
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new SyntaxError("a text is missing");
}

function flag(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new SyntaxError("true or false is missing");
}

function count(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new SyntaxError("a number is missing");
}
