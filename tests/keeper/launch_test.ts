import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { HostError } from "../../src/tun/host_error.ts";
import { endChild, GUID, launch } from "./launching.ts";

const NO_PROGRAM = { program: { path: "/nowhere/wintun", args: [] } };

async function errorOf(launching: Promise<unknown>): Promise<HostError> {
  return await assertRejects(() => launching, HostError);
}

/** Ends a keeper; throws if it has ended. */
function kill(pid: number): void {
  Deno.kill(pid, "SIGKILL");
}

/** Returns whether a process has ended. One whose parent has ended may stay a zombie (state Z): it has ended too. */
function hasEnded(pid: number): boolean {
  try {
    if (Deno.build.os === "linux") return Deno.readTextFileSync(`/proc/${pid}/stat`).includes(") Z");
    kill(pid);
    return false;
  } catch {
    return true;
  }
}

/** Waits until a killed process is gone. Its pipes may close before. */
async function assertEnded(pid: number): Promise<void> {
  for (let tries = 0; tries < 3000 && !hasEnded(pid); tries++) {
    await new Promise((wake) => setTimeout(wake, 10));
  }
  assert(hasEnded(pid));
}

Deno.test("launchKeeper() passes the order, gives what is ready, and leaves the keeper running", async () => {
  const log: string[] = [];
  const { info } = await launch("ready", { log: ({ message }) => log.push(message) });
  assertEquals([info.name, info.guid, info.mtu, log], ["ready", GUID, 1400, ["working"]]);
  await endChild(info.owner!.pid);
});

Deno.test("launchKeeper() does not keep its process from ending while the keeper runs", async () => {
  const program = fromFileUrl(new URL("./launching.ts", import.meta.url));
  // This returns when that process has ended. If the keeper held its pipes, the wait would last as long as the keeper.
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--quiet", program] })
    .output();
  kill(Number(new TextDecoder().decode(stdout)));
});

Deno.test({
  name: "launchKeeper() starts a keeper that the Ctrl-C of its terminal does not reach",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { info: { owner } } = await launch("ready");
    // Behind the name in parentheses: state, parent, process group.
    const [, , group] = (await Deno.readTextFile(`/proc/${owner!.pid}/stat`)).split(") ")[1].split(" ");
    await endChild(owner!.pid);
    assertEquals(Number(group), owner!.pid);
  },
});

Deno.test("launchKeeper() fails with what the keeper failed with, when it has deleted its log", async () => {
  const path = await Deno.makeTempFile();
  const error = await errorOf(launch("failed", {}, { dll: { path, isTrusted: false } }));
  assertEquals([error.kind, error.message, error.hint], ["exists", "Cannot: taken", "Other."]);
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("launchKeeper() says with which code a keeper ended that said nothing", async () => {
  assertMatch((await errorOf(launch("dies"))).message, /code 7/);
});

for (const [name, keeper] of [["stuck", "the keeper"], ["moves", "the process that it goes on as"]]) {
  Deno.test(`launchKeeper() gives up after its time, and ends ${keeper}`, async () => {
    let pid: number | undefined;
    const log = ({ message }: { message: string }): void => void (pid = Number(message));
    // Allow more time until the keeper has reported its PID.
    for (let timeoutMs = 500; pid === undefined; timeoutMs *= 2) {
      assertEquals((await errorOf(launch(name, { timeoutMs, log }))).kind, "timeout");
    }
    await assertEnded(pid!);
  });

  Deno.test(`launchKeeper() gives up when it is interrupted, and ends ${keeper}`, async () => {
    const interrupt = new AbortController();
    let pid = 0;
    const log = ({ message }: { message: string }): void => {
      pid = Number(message);
      interrupt.abort();
    };
    const error = await errorOf(launch(name, { interrupted: interrupt.signal, log }));
    assertMatch(error.message, /interrupted/);
    await assertEnded(pid);
  });
}

Deno.test("launchKeeper() says so when the program cannot be started", async () => {
  await assertRejects(() => launch("ready", {}, NO_PROGRAM), Deno.errors.NotFound);
});

Deno.test("launchKeeper() starts nothing when it was interrupted before", async () => {
  const launching = launch("ready", { interrupted: AbortSignal.abort() }, NO_PROGRAM);
  assertMatch((await errorOf(launching)).message, /interrupted/);
});
