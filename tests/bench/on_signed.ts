/** The table of the signed wintun.dll: the loops alone. Wine's events are too slow to measure anything that waits. */
import { compareEcho, ECHO_HEADING, SIZES } from "./echo.ts";
import type { Speeds } from "./guard.ts";
import type { Bench } from "./measure.ts";
import { Table } from "./table.ts";

/**
 * Measures on the signed DLL, and prints it.
 * @param short Whether to measure fewer packets.
 */
export async function measureOnSignedDll(
  bench: Bench,
  say: (line: string) => void,
  short: boolean,
): Promise<{ readonly throughput: Speeds }> {
  const table = new Table(say);
  say(ECHO_HEADING);
  const throughput: Record<number, number> = {};
  for (const packetBytes of SIZES) {
    throughput[packetBytes] = table.speed(packetBytes, await compareEcho(bench, packetBytes, short));
  }
  return { throughput };
}
