import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { type Launched, launchKeeper, type LaunchOptions } from "../../src/keeper/launch.ts";
import { HostError } from "../../src/tun/host_error.ts";

const PROGRAM = {
  path: Deno.execPath(),
  args: ["run", "--quiet", "--allow-read", fromFileUrl(new URL("./fake_keeper.ts", import.meta.url))],
};
const GUID = "deadbabe-cafe-beef-0123-456789abcdef";

const NO_PROGRAM = { path: "/nowhere/wintun", args: [] };

function launch(name: string, options: Partial<LaunchOptions> = {}, program = PROGRAM): Promise<Launched> {
  const order = { request: { name, type: "T", guid: GUID }, settings: { mtu: 1400 }, removeLegacy: false };
  return launchKeeper(order, { timeoutMs: 20_000, log: () => {}, ...options }, program);
}

async function kindOf(launching: Promise<unknown>): Promise<HostError> {
  return await assertRejects(() => launching, HostError);
}

Deno.test("launchKeeper() passes the order, gives what is ready, and leaves the keeper running", async () => {
  const log: string[] = [];
  const { info } = await launch("ready", { log: ({ message }) => log.push(message) });
  assertEquals([info.name, info.guid, info.mtu, log], ["ready", GUID, 1400, ["working"]]);
  // Throws if the process had ended.
  Deno.kill(info.owner!.pid, "SIGKILL");
});

Deno.test("launchKeeper() fails with what the keeper failed with", async () => {
  const error = await kindOf(launch("failed"));
  assertEquals([error.kind, error.message, error.hint], ["exists", "Cannot: taken", "Other."]);
});

Deno.test("launchKeeper() says with which code a keeper ended that said nothing", async () => {
  assertMatch((await kindOf(launch("dies"))).message, /code 7/);
});

Deno.test("launchKeeper() gives up after its time, and ends the keeper", async () => {
  const start = performance.now();
  assertEquals((await kindOf(launch("silent", { timeoutMs: 300 }))).kind, "timeout");
  assertEquals(performance.now() - start < 10_000, true);
});

Deno.test("launchKeeper() gives up when it is interrupted", async () => {
  const interrupt = new AbortController();
  setTimeout(() => interrupt.abort(), 200);
  assertMatch((await kindOf(launch("silent", { interrupted: interrupt.signal }))).message, /interrupted/);
});

Deno.test("launchKeeper() says so when the program cannot be started", async () => {
  await assertRejects(() => launch("ready", {}, NO_PROGRAM), Deno.errors.NotFound);
});

Deno.test("launchKeeper() starts nothing when it was interrupted before", async () => {
  const launching = launch("ready", { interrupted: AbortSignal.abort() }, NO_PROGRAM);
  assertMatch((await kindOf(launching)).message, /interrupted/);
});
