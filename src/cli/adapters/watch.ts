import { pause } from "../../tun/pause.ts";
import { single } from "../arguments/options.ts";
import { DURATION_OPTION } from "../arguments/timeout.ts";
import { integerReader } from "../arguments/values.ts";
import { type Command, defineCommand } from "../command.ts";
import { adapterNames, openCommandHost, SIMULATE_OPTION } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import { createWatchReport } from "./watch_report.ts";
import { WatchedAdapters } from "./watched_adapters.ts";

/** How often it is checked whether a slow reader of the output has caught up. */
const READER_PAUSE_MS = 100;

export const watch: Command = defineCommand({
  name: "watch",
  summary: "Report the changes of adapters as they happen",
  usage: "[NAME...] [options]",
  description: [
    "Shows the adapters, and then a line whenever one comes, goes, goes up or down, or changes a setting, its name or its owner. " +
    "Ctrl-C ends it with exit code 0. Needs no administrator.",
    "With names it watches these adapters only. NAME is a name, a GUID or ifIndex:N. There may be no such adapter yet. If an " +
    "adapter is renamed, it is still watched, until it is gone.",
  ],
  options: {
    count: single("N", integerReader(1), "End after N events, 1 and more. Default: no limit."),
    ...DURATION_OPTION,
    ...SIMULATE_OPTION,
  },
  operandChoices: adapterNames,
  examples: [
    { command: "wintun watch", does: "Watch all adapters" },
    { command: "wintun watch lab --json", does: "Watch one adapter, for programs" },
    { command: "wintun watch lab --count 1 --duration 60", does: "Wait for one change, a minute at most" },
  ],
  notes: [
    {
      title: "Output",
      text: [
        "A line of text has the time, the name and what has changed. With --json each line is an object: ready has the adapters at " +
        "the beginning; added, removed and changed have one adapter each, and are the events that --count counts; stopped is the " +
        "last. wintun help json shows them.",
        "A script that reads ready first misses no change after it. Changes that follow each other within 50 ms are one event, with " +
        "the state before and after, so an adapter that comes and goes faster is not seen. Counters of traffic are no change. " +
        "Windows notifies of changes, so a watch takes no processor time while nothing changes.",
      ],
    },
  ],
  exitCodes: [7],
  endsItself: true,
  async run(context, { values: { count, duration, ...hostValues }, operands }): Promise<number> {
    const { output, interrupted } = context;
    const end = new AbortController();
    const endOn = { signal: end.signal };
    interrupted.addEventListener("abort", () => end.abort("signal"), endOn);
    output.onResultsClosed(() => end.abort("stdout-closed"));
    output.startQueues((error) => end.abort(error));
    const timer = duration === undefined
      ? undefined
      : setTimeout(() => end.abort("duration"), duration * 1000);
    try {
      await using host = await openCommandHost(context, hostValues);
      const report = createWatchReport(output);
      const watched = new WatchedAdapters(host, operands);
      let isReady = false;
      let left = count ?? Infinity;
      for await (const _ of host.changes(AbortSignal.any([interrupted, end.signal]))) {
        const events = await watched.look();
        if (!isReady) report.ready(watched.adapters);
        for (const event of isReady ? events.slice(0, left) : []) report.event(event);
        if (isReady) left -= Math.min(left, events.length);
        if (left === 0) end.abort("count");
        isReady = true;
        // The changes during this wait are one event.
        while (output.isBehind && !end.signal.aborted) await pause(READER_PAUSE_MS, end.signal);
      }
      const reason = interrupted.aborted ? "signal" : end.signal.reason;
      if (typeof reason !== "string") throw reason;
      report.stopped(reason);
    } finally {
      clearTimeout(timer);
    }
    return EXIT.done;
  },
});
