import { attachRings, type RingsAttachment } from "../wintun/rings.ts";
import type { Device } from "../wintun/device.ts";
import { attachSimulatedDevice, type SimulatedAttachment } from "./simulated/device.ts";

/** An open packet session as plain data. One thread posts it to another, which attaches its `Device` to the session. */
export type Attachment = RingsAttachment | SimulatedAttachment;

/** Makes the calling thread the reader of a session. The caller owns the device and closes it before the session ends. */
export function attachDevice(attachment: Attachment): Device {
  switch (attachment.kind) {
    case "wintun":
      return attachRings(attachment);
    case "simulated":
      return attachSimulatedDevice(attachment);
  }
}
