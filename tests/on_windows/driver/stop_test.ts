import { assert, assertEquals } from "@std/assert";
import { adapterTest, ask, ended, list, must } from "../adapters.ts";
import { ping, serve } from "../program.ts";

const ADDRESS = ["--address", "10.77.7.7/24"];

adapterTest("stop ends the serve of an adapter that stays, and it can be served again", async () => {
  await must("create", "lab", ...ADDRESS);
  await using serving = await serve("lab");
  const { pid } = await serving.ready;
  const [served] = await list();
  assertEquals([served.state, served.session, served.owner.role], ["up", { pid }, "keeper"]);
  const { changed, stopped } = await must("stop", "lab");
  assertEquals([changed, stopped], [true, { name: "lab", guid: served.guid, pid }]);
  const end = await serving.ended;
  assertEquals([end.code, end.stopped?.reason], [0, "stopped"], end.stderr);
  const [kept] = await list();
  assertEquals([kept.state, kept.session, kept.owner], ["down", null, served.owner]);
  assertEquals((await must("stop", "lab")).changed, false);
  await using again = await serve("lab", "--count", "1");
  assert(await ping("10.77.7.9", 1));
  assertEquals((await again.ended).code, 0);
  await must("delete", "lab");
});

adapterTest("stop removes the adapter that a serve made for itself, before it returns", async () => {
  await using serving = await serve("new", ...ADDRESS);
  assertEquals((await must("stop", "NEW")).stopped.pid, (await serving.ready).pid);
  assertEquals(await list(), []);
  assertEquals((await serving.ended).code, 0);
  assertEquals((await ask("stop", "new")).code, 4);
});

adapterTest("a serve that is killed serves no more, and its record goes with the next command", async () => {
  await must("create", "lab", ...ADDRESS);
  await using serving = await serve("lab");
  const { pid } = await serving.ready;
  Deno.kill(pid, "SIGKILL");
  await ended(pid);
  const [killed] = await list();
  assertEquals([killed.session, killed.owner.role], [null, "keeper"]);
  assertEquals((await must("stop", "lab")).changed, false);
  await must("delete", "lab");
});
