import { ALL_SETTINGS, mergeSettings, type Settings } from "./settings/settings.ts";

/** One setting of an adapter that `configure` changed, or would change. */
export interface Change {
  /** The name of its option, without the hyphens. */
  readonly setting: string;
  /** Its values as its option takes them. Empty if there was none, or if Windows does not report it. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Returns the settings that differ if an adapter with the settings `before` is given `change`. */
export function changesBetween(before: Settings, change: Settings): readonly Change[] {
  const after = mergeSettings(before, change);
  return ALL_SETTINGS.flatMap(([key, setting]) => {
    const [old, now] = [before[key], after[key]];
    if (now === undefined || (old !== undefined && setting.isEqual(old, now))) return [];
    const texts = setting.format(now);
    if (old === undefined && texts.length === 0) return [];
    return [{ setting: setting.name, before: old === undefined ? [] : setting.format(old), after: texts }];
  });
}

/** Returns the name in a sentence of the setting that a change names. */
export function nounOf({ setting }: Change): string {
  return ALL_SETTINGS.find(([, { name }]) => name === setting)?.[1].noun ?? setting;
}
