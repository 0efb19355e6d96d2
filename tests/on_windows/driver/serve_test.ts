import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { eventually } from "../eventually.ts";
import { ping, run, serve } from "../program.ts";

const ADDRESS = ["--address", "10.77.7.7/24"];

/** The Wintun devices that Windows' registry knows: none may be left behind. */
async function devices(): Promise<string> {
  const key = "HKLM\\SYSTEM\\CurrentControlSet\\Enum\\SWD\\Wintun";
  const { stdout } = await new Deno.Command("reg", { args: ["query", key] }).output();
  return new TextDecoder().decode(stdout).trim();
}

function serveTest(name: string, body: () => Promise<void>): void {
  Deno.test(name, async () => {
    const before = await devices();
    await body();
    // Windows removes the device of a killed program in its own time.
    await eventually(async () => await devices() === before);
    assertEquals(await devices(), before, "a device is left in the registry");
  });
}

serveTest("serve answers Windows' own ping", async () => {
  await using serving = await serve("lab", ...ADDRESS, "--count", "3");
  assert(await ping("10.77.7.9", 3));
  const { code, stopped, stderr } = await serving.ended;
  assertEquals(code, 0, stderr);
  assertEquals([stopped?.reason, stopped?.replied], ["count", 3]);
});

serveTest("serve --duration ends by itself, with exit code 0", async () => {
  await using serving = await serve("lab", ...ADDRESS, "--duration", "1");
  const { code, stopped, stderr } = await serving.ended;
  assertEquals([code, stopped?.reason], [0, "duration"], stderr);
});

for (const name of ["Büro Ñandú 測試", "🦊 fox", "a".repeat(127)]) {
  serveTest(`serve takes the adapter name ${name}`, async () => {
    await using serving = await serve(name, ...ADDRESS, "--duration", "0.5");
    assertEquals((await serving.ready).adapter.name, name);
    const { code, stopped, stderr } = await serving.ended;
    assertEquals([code, stopped?.reason], [0, "duration"], stderr);
  });
}

serveTest("serve ends with 8 while another serves the same adapter", async () => {
  await using first = await serve("lab", ...ADDRESS, "--count", "1");
  const { code, stderr } = await run(["serve", "lab"]);
  assertEquals(code, 8, stderr);
  assertStringIncludes(stderr, "lab");
  assert(await ping("10.77.7.9", 1));
  assertEquals((await first.ended).code, 0);
});

serveTest("two adapters serve at the same time", async () => {
  await using first = await serve("lab one", "--address", "10.77.1.1/24", "--count", "1");
  await using second = await serve("lab two", "--address", "10.77.2.1/24", "--count", "1");
  assert(await ping("10.77.1.9", 1) && await ping("10.77.2.9", 1));
  assertEquals([(await first.ended).code, (await second.ended).code], [0, 0]);
});

serveTest("usage errors end with 2, and their exit code reaches the shell", async () => {
  const { code, stderr } = await run(["serve", "lab", "--ring", "1000000"]);
  assertEquals(code, 2, stderr);
});
