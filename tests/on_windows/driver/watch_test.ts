import { assert, assertEquals } from "@std/assert";
import { type ServeEvent, Serving } from "../../serving.ts";
import { adapterTest, ask, must } from "../adapters.ts";
import { endProcess } from "../end_process.ts";
import { eventually } from "../eventually.ts";
import { program, serve } from "../program.ts";

/** Starts a watch of adapters with these names, which need not be there yet. */
function watch(...names: string[]): Promise<Serving> {
  const args = ["watch", ...names, "--json"];
  return Serving.start(program(args), args);
}

/** Waits until an event, not one of the first `from`, is as `isWanted` says, and returns it. */
async function eventOf(
  { events }: Serving,
  what: string,
  isWanted: (event: ServeEvent) => boolean,
  from = 0,
): Promise<ServeEvent> {
  const find = (): ServeEvent | undefined => events.slice(from).find(isWanted);
  await eventually(() => find() !== undefined);
  const found = find();
  assert(found !== undefined, `no event of ${what} in ${JSON.stringify(events)}`);
  return found;
}

/** What the JSON of an adapter has of its name, its state and its settings. */
const SHOWN = [
  "name",
  "state",
  "addresses",
  "ipv4",
  "ipv6",
  "routes",
  "dns",
  "dnsSuffix",
  "dnsSearch",
  "dnsRegistration",
];

interface Change {
  readonly setting: string;
  readonly before: string[];
  readonly after: string[];
}

/** Returns what a setting has become in each of its changes that these events report. */
function valuesOf(events: readonly ServeEvent[], setting: string): string[][] {
  return events.flatMap(({ changes = [] }) => changes)
    .filter((change: Change) => change.setting === setting)
    .map(({ after }: Change) => after);
}

adapterTest("a watch reports what others do to an adapter, each change once", async () => {
  await using watching = await watch("lab");
  assertEquals(watching.events[0].adapters, []);
  const created = (await must("create", "lab", "--address", "10.77.0.1/24")).adapter;
  await eventOf(watching, "creation", ({ event }) => event === "added");
  // A watch may also see what create has not finished, such as the settings that Windows gives at first.
  const shown = (adapter: Record<string, unknown> = {}): string =>
    JSON.stringify(SHOWN.map((field) => adapter[field]));
  const isAsCreated = (): boolean => shown(watching.events.at(-1)?.adapter) === shown(created);
  assert(await eventually(isAsCreated), JSON.stringify([watching.events, created]));
  const settings = {
    address: "10.77.0.2/24",
    mtu: "1400",
    metric: "7",
    forwarding: "on",
    route: "10.78.0.0/16",
    dns: "10.77.0.53",
    "dns-suffix": "lab.example",
    "dns-search": "example",
    "dns-registration": "on",
  };
  const before = watching.events.length;
  for (const [setting, value] of Object.entries(settings)) {
    await must("set", "lab", `--${setting}`, value);
    await eventOf(
      watching,
      setting,
      ({ changes = [] }) =>
        changes.some((change: Change) => change.setting === setting && change.after[0] === value),
      before,
    );
  }
  for (const [setting, value] of Object.entries(settings)) {
    assertEquals(valuesOf(watching.events.slice(before), setting), [[value]], setting);
  }
  await must("set", "lab", "--name", "office");
  await eventOf(watching, "renaming", ({ adapter }) => adapter?.name === "office");
  await using serving = await serve("office");
  const { pid } = await serving.ready;
  await eventOf(watching, "serve", ({ adapter }) => adapter?.state === "up" && adapter.session?.pid === pid);
  await must("stop", "office");
  await eventually(() => watching.events.at(-1)?.adapter?.state === "down");
  await eventually(() => watching.events.at(-1)?.adapter?.session === null);
  await must("delete", "office");
  await eventOf(watching, "deletion", ({ event }) => event === "removed");
  const since = watching.events.slice(before);
  assertEquals(valuesOf(since, "name"), [["office"]]);
  assertEquals(valuesOf(since, "state"), [["up"], ["down"]]);
});

adapterTest("a watch notices that the process that holds or serves an adapter is killed", async () => {
  await using watching = await watch();
  const serving = await serve("made", "--address", "10.77.0.1/24");
  await eventOf(watching, "serve", ({ adapter }) => adapter?.state === "up");
  await serving[Symbol.asyncDispose]();
  await eventOf(
    watching,
    "end of the serve",
    ({ event, adapter }) => event === "removed" && adapter.name === "made",
  );
  const { adapter } = await must("create", "kept");
  await eventOf(watching, "creation", ({ adapter }) => adapter?.name === "kept");
  await endProcess(adapter.owner.pid);
  await eventOf(
    watching,
    "end of the keeper",
    ({ event, adapter }) => event === "removed" && adapter.name === "kept",
  );
  // What a killed process leaves goes with the next adapter of the name.
  await must("create", "kept");
  await must("delete", "kept");
});

adapterTest("list --wait returns when the adapter has the state, and is 9 if it does not come", async () => {
  const wait = ask("list", "lab", "--wait", "up", "--timeout", "60");
  await must("create", "lab", "--address", "10.77.0.1/24");
  await using _serving = await serve("lab");
  const { code, result } = await wait;
  assertEquals([code, result.adapters[0].state], [0, "up"]);
  const late = await ask("list", "lab", "--wait", "absent", "--timeout", "0.5");
  assertEquals([late.code, late.error.reason], [9, '"lab" is up']);
});
