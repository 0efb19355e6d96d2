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
