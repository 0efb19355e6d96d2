import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { decodeMessage } from "../../src/keeper/message.ts";
import { encodeOrder } from "../../src/keeper/order.ts";

const PROGRAM = fromFileUrl(new URL("./simulated_keeper.ts", import.meta.url));
const GUID = "deadbabe-cafe-beef-0123-456789abcdef";

Deno.test("runKeeperProcess() tells its starter nothing more when it is ready, as nobody reads it", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", PROGRAM],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const order = { request: { name: "lab", type: "T", guid: GUID }, settings: {}, removeLegacy: false };
  await ReadableStream.from([new TextEncoder().encode(encodeOrder(order))]).pipeTo(child.stdin);
  const { code, stdout } = await child.output();
  const last = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!;
  assertEquals([code, decodeMessage(last).type], [0, "ready"]);
});
