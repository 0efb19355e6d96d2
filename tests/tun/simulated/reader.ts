/// <reference lib="deno.worker" />
// A thread that reads a simulated session and reports what it receives.
import { attachSimulatedDevice, type SimulatedAttachment } from "../../../src/tun/simulated/device.ts";
import { STOPPED } from "../../../src/wintun/device.ts";

self.onmessage = ({ data }: MessageEvent<SimulatedAttachment>) => {
  const device = attachSimulatedDevice(data);
  while (device.packets.receive() >= 0);
  device.wait(0);
  self.postMessage("attached");
  for (;;) {
    const at = device.packets.receive();
    if (at >= 0) {
      self.postMessage([...device.packets.memory.slice(at, at + device.packets.receivedSize[0])]);
      device.packets.release(at);
    } else if (device.wait(60_000) === STOPPED) {
      device.close();
      self.postMessage(STOPPED);
      return;
    }
  }
};
