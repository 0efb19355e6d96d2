import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { adapterTest, list, must } from "../adapters.ts";
import { readOutput } from "../../validation.ts";
import { ping, programLine, serve } from "../program.ts";

const inJob = fromFileUrl(new URL("../in_job.ts", import.meta.url));

adapterTest(
  "an adapter that is created in a job stays when the job ends its processes, and is served",
  async () => {
    const create = programLine(["create", "lab", "--address", "10.77.0.1/24", "--json"]);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", inJob, ...create],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const { adapter } = readOutput("create", new TextDecoder().decode(stdout));
    assertEquals(await list(), [adapter]);
    await using _serving = await serve("lab");
    assert(await ping("10.77.0.9", 2));
    await must("delete", "lab");
  },
);
