/** README's everyday use, line by line, on a simulated machine. tests/on_windows/executable does the same on Windows. */

import { assert, assertEquals } from "@std/assert";
import { examples, normal } from "../readme.ts";
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
