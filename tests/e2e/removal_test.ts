import { assertEquals } from "@std/assert";
import { NetworkNamespace } from "./network_namespace.ts";
import { commandArguments, serve } from "./served.ts";
import { readOutput } from "../validation.ts";

const ADDRESS = ["--address", "10.6.7.7/24"];
/** The longest time in which a holder has to notice that its adapter is gone and end its process. */
const NOTICE_MS = 3_000;

Deno.test("create --foreground ends with 10 soon after somebody has removed its adapter", async () => {
  await using namespace = await NetworkNamespace.create();
  const args = commandArguments("create", "lab", ...ADDRESS, "--foreground", "--json");
  await using child = namespace.command(Deno.execPath(), args, {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = child.stdout.getReader();
  const created = readOutput("create", new TextDecoder().decode((await stdout.read()).value));
  assertEquals([created.created, await namespace.devices()], [true, ["lab"]]);
  await namespace.run("ip", "link", "del", "lab");
  const killer = setTimeout(() => child.kill("SIGKILL"), NOTICE_MS);
  const { code } = await child.status;
  clearTimeout(killer);
  await stdout.cancel();
  const stderr = await new Response(child.stderr).text();
  assertEquals(code, 10, stderr);
  const { error } = readOutput("create", stderr.trim().split("\n").at(-1)!);
  assertEquals([error.operation, error.reason, error.exitCode], [
    'Cannot go on holding adapter "lab"',
    "it was removed",
    10,
  ]);
});

Deno.test("serve ends with 10 when somebody removes its adapter", async () => {
  await using namespace = await NetworkNamespace.create();
  await using served = await serve(namespace, "lab", ...ADDRESS);
  await namespace.run("ip", "link", "del", "lab");
  const { code, stopped } = await served.ended;
  assertEquals([code, stopped?.reason], [10, "removed"]);
});
