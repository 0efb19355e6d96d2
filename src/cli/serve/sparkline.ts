const BARS = "▁▂▃▄▅▆▇█";

/** Returns a line of bars for values from 0 on, the last one at the right. The highest value has the highest bar. */
export function sparkline(values: readonly number[]): string {
  const highest = Math.max(...values);
  if (values.length === 0 || highest <= 0) return BARS[0].repeat(values.length);
  return values.map((value) => BARS[Math.round(value / highest * (BARS.length - 1))]).join("");
}
