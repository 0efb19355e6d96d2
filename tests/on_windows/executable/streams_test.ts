/** Output that nobody reads, and no console. */

import { assertEquals } from "@std/assert";
import { installedTest, run, world } from "./installed.ts";

installedTest("a reader that goes early is no failure", async (folder) => {
  const child = world.launch(`${folder}\\wintun.exe`, ["help", "security"], {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await child.stdout.cancel();
  const errors = new Response(child.stderr).text();
  const { code } = await child.status;
  assertEquals([code, await errors], [0, ""]);
});

installedTest(
  "without a console, and without any output, it makes and deletes an adapter",
  async (folder) => {
    const detached = async (...args: string[]): Promise<number> =>
      (await world.launch("--detached", [`${folder}\\wintun.exe`, ...args], {
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn().status).code;
    assertEquals(await detached("create", "lab", "--address", "10.79.0.1/24"), 0);
    const listed = await run(folder, ["list", "--json"]);
    assertEquals(JSON.parse(listed.stdout).adapters.map(({ name }: { name: string }) => name), ["lab"]);
    assertEquals(await detached("delete", "lab"), 0);
    assertEquals(await detached("delete", "lab"), 4);
  },
);
