import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { adapterTest, ended, list } from "../adapters.ts";
import { isWindowsWorld } from "../libraries.ts";
import { programLine } from "../program.ts";

const inJob = fromFileUrl(new URL("../in_job.ts", import.meta.url));
const BREAKAWAY_OK = 0x800;
const SILENT_BREAKAWAY_OK = 0x1000;
const KILL_ON_JOB_CLOSE = 0x2000;

/** Runs in_job.ts. Unless it is detached, Deno puts it into Deno's own job first. */
async function runInJob(
  args: readonly string[],
  { detached = true } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", inJob, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached,
  }).spawn();
  const [{ code, stdout, stderr }] = await Promise.all([
    child.output(),
    ReadableStream.from([new TextEncoder().encode("its order")]).pipeTo(child.stdin).catch(() => {}),
  ]);
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

for (
  const [name, limits, detached, expected] of [
    ["a job without limits", 0, true, false],
    ["a job that ends with its last handle", KILL_ON_JOB_CLOSE, true, true],
    ["such a job that new processes leave unasked", KILL_ON_JOB_CLOSE | SILENT_BREAKAWAY_OK, true, false],
    ["the job that Deno puts its children into", "none", false, false],
    ["a job that ends with its last handle, inside Deno's", KILL_ON_JOB_CLOSE, false, true],
  ] as const
) {
  Deno.test({
    name: `childrenEndWithJob() is ${expected} in ${name}`,
    ignore: isWindowsWorld && expected, // Wine's jobs end with their last handle, but do not tell that they will
    fn: async () => {
      const { stdout, stderr } = await runInJob([`${limits}`], { detached });
      assertEquals([stdout.trim(), stderr], [`${expected}`, ""]);
    },
  });
}

Deno.test("restartOutsideJob() goes on as another process, which outlives a job that lets processes go", async () => {
  const { stdout, stderr } = await runInJob([`${KILL_ON_JOB_CLOSE | BREAKAWAY_OK}`, "restart"]);
  assertMatch(
    stdout,
    /^goes on as process (\d+)\r?\ntrue\r?\nprocess \1 has outlived the job, with its order\r?\n$/,
    stderr,
  );
});

Deno.test("restartOutsideJob() starts nothing in a job that lets no process go", async () => {
  const { stdout, stderr } = await runInJob([`${KILL_ON_JOB_CLOSE}`, "restart"]);
  assertEquals([stdout.trim(), stderr], ["false", ""]);
});

adapterTest("an adapter that is created in a job goes with it, of which create warns", async () => {
  const create = programLine(["create", "lab", "--json"]);
  const { code, stdout, stderr } = await runInJob([`${KILL_ON_JOB_CLOSE}`, ...create]);
  assertEquals(code, 0, stderr);
  await ended(JSON.parse(stdout).adapter.owner.pid);
  assertEquals((await list()).map(({ name, state }) => [name, state]), [["lab", "stale"]]);
  if (!isWindowsWorld) assertStringIncludes(stderr, "will be removed when this session ends");
});
