import type { Traffic } from "../../windows/network/interface_info.ts";

/** The traffic of a new adapter. */
export const NO_TRAFFIC: Traffic = {
  receivedPackets: 0,
  receivedBytes: 0,
  receivedErrors: 0,
  receivedDiscards: 0,
  sentPackets: 0,
  sentBytes: 0,
  sentErrors: 0,
  sentDiscards: 0,
};

/** Returns the sum of what was carried before and what was carried since. */
export function addTraffic(before: Traffic, since: Traffic): Traffic {
  return {
    receivedPackets: before.receivedPackets + since.receivedPackets,
    receivedBytes: before.receivedBytes + since.receivedBytes,
    receivedErrors: before.receivedErrors + since.receivedErrors,
    receivedDiscards: before.receivedDiscards + since.receivedDiscards,
    sentPackets: before.sentPackets + since.sentPackets,
    sentBytes: before.sentBytes + since.sentBytes,
    sentErrors: before.sentErrors + since.sentErrors,
    sentDiscards: before.sentDiscards + since.sentDiscards,
  };
}
