import { groupDigits } from "../process/group_digits.ts";
import type { TerminalSize } from "../process/live_lines.ts";
import { BUSIEST_HOSTS, busiestHosts, type HostRate } from "./network/host_rates.ts";
import { describeTotals } from "./network/text.ts";
import { bits } from "./quantities.ts";
import { sparkline } from "./sparkline.ts";
import { ratesBetween, type ServeState } from "./state.ts";

/** The most bars of the sparkline. */
const MOST_BARS = 60;
/** Fewer bars say nothing. */
const LEAST_BARS = 8;
/** The rows for the rates, the heads of the columns, and one for other text. */
const OTHER_ROWS = 3;

/** What `--stats` shows on a terminal. */
export class LiveView {
  /** Received packets a second at each statistics, the latest last. */
  readonly #received: number[] = [];

  /**
   * Returns the lines for a state.
   * @param time The time since the serving began, as text.
   * @param size The present size of the terminal.
   */
  lines(time: string, state: ServeState, previous: ServeState, size: TerminalSize): string[] {
    const { totals, capture, network } = state;
    const rate = ratesBetween(previous, state);
    this.#received.push(rate("received"));
    if (this.#received.length > MOST_BARS) this.#received.shift();
    // A narrow terminal cuts off the end, so the important numbers come first.
    const captured = capture === undefined ? "" : `  captured ${groupDigits(capture.written)}`;
    const rates = (name: "received" | "replied"): string =>
      `${groupDigits(Math.round(rate(name)))}/s, ${bits(8 * rate(`${name}Bytes`))}/s`;
    const line = `${time}  in ${rates("received")}  out ${rates("replied")}  dropped ${
      groupDigits(totals.dropped)
    }${captured}`;
    const bars = Math.min(MOST_BARS, size.columns - line.length - 3);
    const first = bars < LEAST_BARS ? line : `${line}  ${sparkline(this.#received.slice(-bars))}`;
    return network === undefined ? [first] : [first, ...this.#networkLines(state, previous, size)];
  }

  #networkLines({ network, seconds }: ServeState, previous: ServeState, { rows }: TerminalSize): string[] {
    if (network === undefined) return [];
    const { onPurpose, errors } = describeTotals(network.totals);
    const lines = [onPurpose, errors].filter((text) => text !== "");
    const most = Math.min(BUSIEST_HOSTS, rows - OTHER_ROWS - lines.length);
    const before = previous.network?.hosts ?? [];
    const hosts = busiestHosts(before, network.hosts, seconds - previous.seconds, Math.max(0, most));
    return [...lines, ...hostTable(hosts)].map((text) => `  ${text}`);
  }
}

function hostTable(hosts: readonly HostRate[]): string[] {
  if (hosts.length === 0) return [];
  const rows = [
    ["HOST", "PACKETS/S", "PACKETS", "ANSWERED", "LOST"],
    ...hosts.map(({ name, packetsPerSecond, packets, answered, lost }) => [
      name,
      ...[Math.round(packetsPerSecond), packets, answered, lost].map(groupDigits),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  return rows.map((row) => row.map(pad).join("  "));
}
