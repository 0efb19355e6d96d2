/** A program in the place of a keeper. The name of the adapter in its order chooses its behaviour. */

import { encodeMessage } from "../../src/keeper/message.ts";
import { readOrder } from "../../src/keeper/order.ts";
import type { AdapterInfo } from "../../src/tun/host.ts";
import { HostError } from "../../src/tun/host_error.ts";

const say = (text: string): number => Deno.stdout.writeSync(new TextEncoder().encode(text));

if (Deno.args[0] !== "keeper") Deno.exit(3);
const { request, settings, dll } = await readOrder(Deno.stdin.readable);
switch (request.name) {
  case "ready": {
    say(`${encodeMessage({ type: "log", level: "info", message: "working" })}\n`);
    const info: AdapterInfo = {
      name: request.name,
      type: request.type,
      guid: request.guid,
      luid: 1n,
      ifIndex: 1,
      instanceId: "",
      state: "down",
      mtu: settings.mtu ?? 0,
      metric: 0,
      addresses: [],
      owner: { pid: Deno.pid, ours: true },
    };
    const line = `${
      encodeMessage({
        type: "ready",
        info,
        configured: { changed: true, changes: [], warnings: [] },
        endsWithJob: false,
      })
    }\n`;
    // The message comes in two pieces, as pipes may deliver it.
    say(line.slice(0, 20));
    await new Promise((resolve) => setTimeout(resolve, 20));
    say(line.slice(20));
    Deno.stdout.close();
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    break;
  }
  case "failed":
    say(
      `${
        encodeMessage({
          type: "failed",
          error: new HostError("exists", "Cannot", "taken", { hint: "Other." }),
        })
      }\n`,
    );
    // A keeper deletes its log here.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await Deno.remove(dll!.path);
    break;
  case "stuck":
    say(`${encodeMessage({ type: "log", level: "info", message: `${Deno.pid}` })}\n`);
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    break;
  case "moves": {
    // Goes on as a process that holds the same pipe.
    const next = new Deno.Command(Deno.execPath(), {
      args: ["eval", "setTimeout(() => {}, 30_000)"],
      // Deno may lie in node_modules, where Deno 2.6 cannot evaluate.
      cwd: import.meta.dirname!,
      stdin: "null",
      stdout: "inherit",
      stderr: "null",
      detached: true,
    }).spawn();
    say(`${encodeMessage({ type: "moved", pid: next.pid })}\n`);
    say(`${encodeMessage({ type: "log", level: "info", message: `${next.pid}` })}\n`);
    Deno.exit(0);
    break;
  }
  case "dies":
    Deno.exit(7);
}
