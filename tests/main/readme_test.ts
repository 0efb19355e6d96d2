/** README's everyday use, line by line, on a simulated machine. tests/on_windows/executable does the same on Windows. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { examples, normal, sourceCommand } from "../readme.ts";
import { TestFolder } from "../test_folder.ts";
import { run, Running, type Start } from "./program.ts";
import { fileMachineTest } from "../file_machine.ts";

fileMachineTest({
  name: "README: the lines of everyday use write on a simulated machine what is below them",
  // Deno cannot send SIGINT to another process on Windows.
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = new TestFolder();
    const start: Start = { env: { WINTUN_SIMULATE: `${folder.path}/machine.json` }, cwd: folder.path };
    assert(examples.length >= 7);
    for (const [index, { words, output }] of examples.entries()) {
      if (words[0] !== "serve") {
        const { code, stdout, stderr } = await run(words, start);
        assertEquals(code, 0, stderr);
        if (output !== "") assertEquals(normal(stdout), normal(output));
        continue;
      }
      const serving = new Running(words, start);
      await serving.written(/pings the addresses/);
      const next = examples[index + 1]?.words;
      if (next?.[0] === "stop") assertEquals((await run(next, start)).code, 0);
      else serving.process.kill("SIGINT");
      const { code, stderr } = await serving.ended;
      assertEquals(code, 0, stderr);
    }
    const magic = Deno.readFileSync(`${folder.path}/lab.pcapng`).subarray(0, 4);
    assertEquals([...magic], [0x0a, 0x0d, 0x0d, 0x0a], "the capture is no pcapng");
  },
});

fileMachineTest({
  name: "README: with its file for the PATH, wintun works in a script and in any folder",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = new TestFolder();
    assertStringIncludes(sourceCommand, "npx -y deno@");
    const checkout = fromFileUrl(new URL("../..", import.meta.url));
    const command = sourceCommand.replace(/npx -y deno@\S+/, `"${Deno.execPath()}"`).replace(
      "CHECKOUT/",
      checkout,
    );
    await Deno.writeTextFile(`${folder.path}/wintun`, command, { mode: 0o755 });
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", "wintun create lab -q && wintun list lab --json"],
      cwd: folder.path,
      env: { PATH: `${folder.path}:${Deno.env.get("PATH")}`, WINTUN_SIMULATE: "machine.json" },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertStringIncludes(new TextDecoder().decode(stdout), '"name":"lab"');
    assert((await Deno.stat(`${folder.path}/machine.json`)).isFile);
  },
});
