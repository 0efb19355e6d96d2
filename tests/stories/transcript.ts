/**
 * The transcript of a story: each call of wintun with its exit code and what it wrote, without what differs from machine
 * to machine. So a story has the same transcript on a simulated machine and on Windows.
 */

import { validateLines } from "../validation.ts";

/** A call of wintun, and what came of it. */
export interface Call {
  readonly args: readonly string[];
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Commands that run beside others. Nobody knows whether they or the next command start first. */
const AT_ONCE = ["serve", "watch"];
/** Numbers of the machine and of the run. */
const NUMBERS = ["pid", "ifIndex", "seconds"];
/** Objects, and events of serve, that count packets. Windows itself sends some. */
const COUNTER = /^(received|sent|replied|ignored|malformed|dropped|tapMissed)/;
/** What differs from machine to machine, or from moment to moment: Windows takes seconds to identify a network. */
const PASSING = ["simulated", "log", "traffic", "time", "category"];
const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
/**
 * What only one of the machines says: the simulated one that it is simulated, Linux' bash that a process was killed, and Wine that
 * it has no DNS client, or, rarely, something while a process with several threads ends. wintun.dll has a log of its own.
 */
const ONLY_THERE =
  /This machine is simulated|: line \d+: +\d+ Killed|there is no service Dnscache|"message":"wintun\.dll: |^wine client error:/;

/** An adapter that create has just made. What another one has in common with it is left out of the transcript. */
const NEW_ADAPTER: Record<string, Json> = {
  type: "Wintun",
  guid: "GUID",
  luid: "0",
  ifIndex: 0,
  instanceId: "SWD\\WINTUN\\{GUID}",
  driverVersion: "0.14.0.0",
  state: "down",
  mtu: 65535,
  metric: 5,
  addresses: [],
  createdAs: null,
  connected: false,
  ipv4: { mtu: 65535, metric: 5, automaticMetric: true, forwarding: false },
  ipv6: { mtu: 65535, metric: 5, automaticMetric: true, forwarding: false },
  routes: [],
  dns: [],
  dnsSuffix: "",
  dnsSearch: [],
  dnsRegistration: false,
  givenCategory: null,
  dnsFor: [],
  persistent: false,
  service: "wintun$GUID",
  exitCode: null,
  reason: null,
  startSettings: null,
  owner: { pid: 0, ours: true, role: "keeper" },
  session: null,
};

/** Validates the JSON of the calls by the schemas, and returns their transcript. Those of serve and watch come last. */
export function transcriptOf(calls: readonly Call[]): string {
  for (const { args, stdout, stderr } of calls) {
    // What dsc writes to stdout is JSON without --json, and what it writes to stderr is for DSC.
    validateLines(args[0] === "dsc" ? [...args, "--json"] : args, stdout);
    validateLines(args, stderr);
  }
  const isAtOnce = ({ args }: Call): boolean => AT_ONCE.includes(args[0]);
  return [...calls.filter((call) => !isAtOnce(call)), ...calls.filter(isAtOnce)].map(textOf).join("\n");
}

function textOf({ args, code, stdout, stderr }: Call): string {
  const lines = [
    `$ wintun ${args.map(quoted).join(" ")}`,
    ...linesOf(stdout),
    ...linesOf(stderr).map((line) => `stderr: ${line}`),
    `exit code ${code}`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function quoted(argument: string): string {
  return /^[\w.:/,=-]+$/.test(argument) ? argument : `"${argument}"`;
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !ONLY_THERE.test(line));
  return lines.map((line) =>
    line.startsWith("{") ? JSON.stringify(alike(JSON.parse(line))) : alikeText(line)
  );
}

/** Returns a value without what differs from machine to machine. */
function alike(value: Json, key = ""): Json {
  if (typeof value === "string") return alikeString(key, value);
  if (typeof value === "number") return NUMBERS.includes(key) || COUNTER.test(key) ? 0 : value;
  if (Array.isArray(value)) return value.map((item) => alike(item));
  if (value === null || typeof value !== "object") return value;
  if (value.event === "removed") value = { ...value, adapter: nameOf(value.adapter) };
  const fields = Object.entries(value).filter(([name]) => !PASSING.includes(name))
    .map(([name, field]): [string, Json] => [name, alike(field, name)]);
  return Object.fromEntries("instanceId" in value ? fields.filter(isOther) : fields);
}

/** Of an adapter that is gone, the name alone is sure: the last look at it may have been while Windows took it apart. */
function nameOf(adapter: Json): Json {
  return { name: (adapter as { name: Json }).name };
}

/** Whether a field of an adapter is not as that of a new adapter. */
function isOther([name, value]: [string, Json]): boolean {
  return JSON.stringify(value) !== JSON.stringify(NEW_ADAPTER[name]);
}

function alikeString(key: string, text: string): string {
  if (key === "luid") return "0";
  // Windows writes the ids of devices in either case, and compares them without regard to it.
  return key === "instanceId" ? alikeText(text).toUpperCase() : alikeText(text);
}

function alikeText(text: string): string {
  return text.replace(GUID, "GUID").replace(/process \d+/g, "process N").replace(/ +/g, " ");
}
