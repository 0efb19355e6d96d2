/** The script for bash of `wintun help convergence`, whose wintun is the one of the Windows world. */

import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { CONVERGENCE_EXAMPLE } from "../../../src/cli/program/topics/convergence.ts";
import { CONVERGENCE_SCRIPTS } from "../../../src/cli/program/convergence_scripts.ts";
import { ensurePackages } from "../world/debian.ts";
import { enterWorld } from "../world_under_test.ts";

const WINTUN = fromFileUrl(new URL("../wintun_of_world.ts", import.meta.url));

Deno.test("the convergence script for bash makes three adapters once, changes what differs, and deletes others", async () => {
  await ensurePackages({ "jq": "jq" });
  const world = await enterWorld();
  const folder = await Deno.makeTempDir({ prefix: "wintun-convergence-" });
  const file = join(folder, "adapters.json");
  const program = join(folder, "wintun");
  await Deno.writeTextFile(join(folder, "converge.sh"), CONVERGENCE_SCRIPTS.bash);
  await Deno.writeTextFile(
    program,
    `#!/bin/sh\nexec "${Deno.execPath()}" run -A --no-check "${WINTUN}" "$@"\n`,
  );
  await Deno.chmod(program, 0o755);
  const converge = async (text: string): Promise<string[]> => {
    await Deno.writeTextFile(file, text);
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: [join(folder, "converge.sh"), file],
      env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    return new TextDecoder().decode(stdout).trimEnd().split("\n");
  };
  try {
    await world.wintun(["create", "left over"]).output();
    const example = CONVERGENCE_EXAMPLE.join("\n");
    assertEquals(await converge(example), [
      "lab: created",
      "office: created",
      "site 2: created",
      "left over: deleted",
    ]);
    assertEquals(await converge(example), ["Nothing changed."]);
    assertEquals(await converge(example.replace('"mtu": 1400', '"mtu": 1500')), ["lab: changed"]);
    const { stdout } = await world.wintun(["list", "--json"]).output();
    const { adapters } = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(
      adapters.map(({ name, mtu, addresses }: Record<string, unknown>) => [name, mtu, addresses]),
      [
        ["lab", 1500, ["10.77.0.1/24", "fd77::1/64"]],
        ["office", 65535, ["10.80.0.1/24"]],
        ["site 2", 65535, ["10.81.0.1/24"]],
      ],
    );
    assertEquals(await converge('{"deleteOthers": true, "adapters": []}'), [
      "lab: deleted",
      "office: deleted",
      "site 2: deleted",
    ]);
  } finally {
    await world.wintun(["delete", "--all"]).output();
    await Deno.remove(folder, { recursive: true });
  }
});
