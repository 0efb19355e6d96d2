import { assertEquals, assertMatch } from "@std/assert";
import { assertNothingLeft, enterWorld, worldTest } from "../world_under_test.ts";

const world = await enterWorld();

const piped = { stdin: "null", stdout: "piped", stderr: "piped" } as const;

worldTest("Ctrl-C ends the self-test with 130, and nothing of its adapter is left", async () => {
  const child = world.wintun(["doctor", "--self-test"], piped).spawn();
  const stderr = new Response(child.stderr).text();
  let stdout = "";
  let isAsked = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    stdout += text;
    if (isAsked || !stdout.includes("It is served, and up.")) continue;
    isAsked = true;
    await world.interrupt(child);
  }
  const { code } = await child.status;
  assertEquals(code, 130, stdout);
  assertMatch(stdout, /The adapter was removed in \d+ ms, and nothing of it is left\./);
  assertMatch(await stderr, /Interrupted before the self-test was done\. Its adapter was removed\./);
  await assertNothingLeft(world);
});

worldTest("the self-test without elevation ends with 3, and makes no adapter", async () => {
  const command = world.wintun(["doctor", "--self-test"], { ...piped, elevated: false });
  const { code, stdout } = await command.output();
  assertEquals([code, new TextDecoder().decode(stdout)], [3, ""]);
});
