/** The program is replaced while services run it, by the steps of `wintun help recipes`. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { serviceName } from "../../../src/tun/service_name.ts";
import { eventually } from "../eventually.ts";
import { batch, type Ended, installedTest, run, world } from "./installed.ts";

installedTest(
  "the program is replaced in place while services run it, and no adapter goes",
  async (folder) => {
    const wintun = (...args: string[]): Promise<Ended> => run(folder, args);
    // deno-lint-ignore no-explicit-any
    const must = async (...args: string[]): Promise<any> => {
      const { code, stdout, stderr } = await wintun(...args, "--json");
      assertEquals(code, 0, `wintun ${args.join(" ")}: ${stderr}`);
      return JSON.parse(stdout);
    };
    const before = [
      (await must("create", "kept", "--address", "10.77.0.1/24")).adapter,
      (await must("create", "lasting", "--address", "10.78.0.1/24", "--persistent")).adapter,
    ];
    const replaced = await batch(folder, [
      `cd /d "${folder}"`,
      "ren wintun.exe wintun.old.exe",
      "copy wintun.old.exe wintun.exe >nul",
    ]);
    assertEquals(replaced.code, 0, replaced.stderr);
    assertEquals((await must("list")).adapters, before);

    // The services note the version that they run. Here the new program is of the same version.
    const service = serviceName(before[1].guid);
    const key = `HKLM\\SYSTEM\\CurrentControlSet\\Services\\${service}\\Parameters`;
    const older = ["add", key, "/v", "Version", "/t", "REG_SZ", "/d", "0.0.1", "/f"];
    assertEquals((await world.wine("reg", older, { stdout: "null" }).output()).code, 0);
    const warned = await wintun("doctor");
    assertMatch(warned.stdout, /The service of adapter "lasting" still runs version 0\.0\.1 of this program/);

    // deno-lint-ignore no-explicit-any
    const lasting = async (): Promise<any> => (await must("list", "lasting")).adapters[0];
    // Windows' net waits until the service has stopped. Wine's does not, and would be told that it still runs.
    for (const [word, state] of [["stop", "stopped"], ["start", "down"]]) {
      const { code, stdout } = await batch(folder, [`net ${word} "${service}"`]);
      assertEquals(code, 0, stdout);
      assert(await eventually(async () => (await lasting()).state === state), `it is not ${state}`);
    }
    const { addresses, owner } = await lasting();
    assertEquals(addresses, ["10.78.0.1/24"]);
    assert(owner.pid !== before[1].owner.pid);
    const { stdout } = await wintun("doctor");
    assertStringIncludes(stdout, "Services that hold adapters: 2.");
    assertEquals((await must("delete", "--all")).deleted.length, 2);
  },
);
