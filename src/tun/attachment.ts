import { attachRings, type RingsAttachment } from "../wintun/rings.ts";
import type { Device } from "../wintun/device.ts";
import { attachSimulatedDevice, type SimulatedAttachment } from "./simulated/device.ts";

/** What one thread sends to another to hand it an open packet session: plain data, cloned or shared. */
export type Attachment = RingsAttachment | SimulatedAttachment;

/** Makes the calling thread the reader of a session. */
export function attachDevice(attachment: Attachment): Device {
  switch (attachment.kind) {
    case "wintun":
      return attachRings(attachment);
    case "simulated":
      return attachSimulatedDevice(attachment);
  }
}
