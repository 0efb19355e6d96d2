import type { AdapterInfo } from "../../tun/adapter_info.ts";
import type { Change } from "../../tun/changes.ts";
import type { Host } from "../../tun/host.ts";
import { cannot, HostError } from "../../tun/host_error.ts";
import { create } from "../adapters/create.ts";
import { deleteCommand } from "../adapters/delete.ts";
import { normalGuid } from "../../wire/guid.ts";
import { readAdapterName } from "../arguments/values.ts";
import type { Context } from "../command.ts";
import { type Answer, ask } from "./ask.ts";
import { type DesiredState, fieldsOf, settableFields } from "./desired_state.ts";
import { absentState, type State, stateOf } from "./state.ts";

/** The state of an adapter, and the fields that were changed, or that differ from the desired state. */
export interface Comparison {
  readonly state: State;
  readonly fields: readonly string[];
}

/** Compares an adapter with its desired state. Nothing is changed. @throws {HostError} as `setState`, if that would fail. */
export async function compare(context: Context, host: Host, desired: DesiredState): Promise<Comparison> {
  const state = await presentState(host, desired.name);
  if (!desired.exists) return { state, fields: existing(state) };
  const answer = await ask(context, create, creation(desired, "--dry-run"));
  return { state, fields: [...fixedDifferences(desired, state), ...changedFields(answer, desired, state)] };
}

/** Gives an adapter its desired state. @throws {HostError} as `create` and `delete` do, and for a field that cannot be changed. */
export async function setState(context: Context, host: Host, desired: DesiredState): Promise<Comparison> {
  const before = await presentState(host, desired.name);
  if (!desired.exists) {
    await remove(context, host, desired.name);
    return { state: absentState(desired.name), fields: existing(before) };
  }
  const fixed = fixedDifferences(desired, before);
  if (fixed.length > 0) {
    throw new HostError(
      "exists",
      cannot("configure", desired.name),
      `its ${fixed.join(" and ")} cannot be changed`,
      { hint: "Delete the adapter first: an adapter gets these when it is created." },
    );
  }
  const answer = await ask(context, create, creation(desired));
  const state = await presentState(host, desired.name);
  return { state, fields: changedFields(answer, desired, before) };
}

/** Returns the field that the deletion of an adapter changes. */
function existing({ _exist }: State): string[] {
  return _exist === true ? ["_exist"] : [];
}

/** Returns the arguments of `wintun create` that give an adapter its desired state. */
function creation({ name, options }: DesiredState, ...more: readonly string[]): string[] {
  return ["--if-not-exists", ...options, ...more, "--", readAdapterName(name)];
}

/** Deletes an adapter, if there is one, and ends what has lost one. @throws {HostError} as `delete` does. */
export async function remove(context: Context, host: Host, name: string): Promise<void> {
  const info = await host.find(name, { all: true });
  if (info !== undefined && isNone(info)) return;
  await ask(context, deleteCommand, ["--ignore-missing", "--", name]);
}

/** Returns the state that an adapter has. */
export async function presentState(host: Host, name: string): Promise<State> {
  const info = await host.find(name, { all: true });
  return info === undefined || info.state === "lost" || isNone(info) ? absentState(name) : stateOf(info);
}

/** Returns whether it is no adapter of Wintun: a device that is left of one, or a network adapter of another kind. */
function isNone({ state }: AdapterInfo): boolean {
  return state === "orphaned" || state === "foreign";
}

/** Returns the fields that differ and that only a new adapter gets. */
function fixedDifferences({ state }: DesiredState, present: State): string[] {
  if (present._exist !== true) return [];
  return ["type", "guid", "persistent"].filter((field) =>
    state[field] !== undefined && comparable(state[field]) !== comparable(present[field])
  );
}

/** A GUID may be written in several ways. */
function comparable(value: unknown): unknown {
  return typeof value === "string" ? normalGuid(value) ?? value : value;
}

/** Returns the fields that `create` has changed, or would change. */
function changedFields(answer: Answer, desired: DesiredState, before: State): string[] {
  if (answer.created === true) return ["_exist", ...settableFields(desired)];
  const fields = (answer.changes as readonly Change[]).flatMap(({ setting }) => fieldsOf(setting, desired));
  const isReady = before.state !== "stopped" && before.state !== "starting";
  return [...(isReady ? [] : ["state"]), ...new Set(fields)];
}

/** Returns the state that an adapter would have after `setState`. */
export function expectedState(present: State, { name, exists, state }: DesiredState): State {
  if (!exists) return absentState(name);
  const started = present.state === "stopped" || present.state === "starting" ? { state: "down" } : {};
  return { ...present, ...state, ...started, _exist: true };
}
