import type { AdapterInfo } from "../../tun/adapter_info.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";
import { timeOfDay } from "../process/time_of_day.ts";
import { adapterFields, describeChanges, describeNetwork, describeOwner } from "./report.ts";
import type { AdapterEvent } from "./watched_adapters.ts";

/** Reports a `watch`, each line as soon as something has changed. */
export interface WatchReport {
  ready(adapters: readonly AdapterInfo[]): void;
  event(event: AdapterEvent): void;
  /** @param reason As programs read it: `count`, `duration`, `signal` or `stdout-closed`. */
  stopped(reason: string): void;
}

/** Returns the report in the form that the user has chosen. */
export function createWatchReport(output: Output): WatchReport {
  return output.json ? jsonReport(output) : textReport(output);
}

function jsonReport(output: Output): WatchReport {
  return {
    ready: (adapters) => output.resultJson({ event: "ready", adapters: adapters.map(adapterFields) }),
    event: (event) =>
      output.resultJson({
        event: event.event,
        time: new Date().toISOString(),
        ...("changes" in event ? { changes: event.changes } : {}),
        adapter: adapterFields(event.adapter),
      }),
    stopped: (reason) => output.resultJson({ event: "stopped", reason }),
  };
}

function textReport(output: Output): WatchReport {
  const line = (name: string, text: string): void =>
    output.result(`${timeOfDay(new Date())} ${output.paint("bold")(printable(name))}: ${printable(text)}`);
  return {
    ready: (adapters) => {
      for (const info of adapters) line(info.name, describe(info));
      output.note(
        adapters.length === 0 ? "There are no such adapters yet. Ctrl-C ends." : "Watching. Ctrl-C ends.",
      );
    },
    event: (event) => {
      if (event.event === "changed") line(event.name, describeChanges(event.changes));
      else if (event.event === "added") line(event.adapter.name, `added, ${describe(event.adapter)}`);
      else line(event.adapter.name, "removed");
    },
    stopped: (reason) => {
      if (reason !== "stdout-closed") return;
      output.note("The reader of the output closed it, so the watch has ended.");
    },
  };
}

/** Returns an adapter's state, settings and owner as part of a sentence. */
function describe(info: AdapterInfo): string {
  const { state } = info;
  const network = describeNetwork(info);
  return [state, ...(network === state ? [] : [network]), describeOwner(info)].join(", ");
}
