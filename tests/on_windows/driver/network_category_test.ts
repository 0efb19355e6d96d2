/** The category of an adapter's network. On real Windows the network is Windows' own. */

import { assertEquals } from "@std/assert";
import { adapterTest, must } from "../adapters.ts";
import { eventually } from "../eventually.ts";
import { iphlpapiRecord, isWindowsWorld } from "../libraries.ts";
import { serve } from "../program.ts";

const ADDRESS = ["--address", "10.77.7.7/24"];

async function category(): Promise<string | null> {
  return (await must("list", "lab")).adapters[0].category;
}

/** Waits until the network has that category, which Windows has to identify first. */
async function becomes(expected: string): Promise<void> {
  await eventually(async () => await category() === expected);
  assertEquals(await category(), expected);
}

/** Returns what the Network List Manager was asked to set, with the types of the Windows headers. */
async function setCalls(): Promise<unknown[]> {
  const lines = (await Deno.readTextFile(iphlpapiRecord).catch(() => "")).trim().split("\n");
  return lines.filter((line) => line.includes('"SetCategory"')).map((line) => JSON.parse(line));
}

adapterTest("a service gives the network its category whenever Windows identifies it", async () => {
  const before = (await setCalls()).length;
  await must("create", "lab", ...ADDRESS, "--category", "private");
  assertEquals(await category(), null);
  {
    await using _serving = await serve("lab");
    await becomes("private");
  }
  // A new session has a new network.
  await using _serving = await serve("lab");
  await becomes("private");
  assertEquals((await must("set", "lab", "--category", "private")).changed, false);
  const { changes } = await must("set", "lab", "--category", "default");
  assertEquals(changes, [{ setting: "category", before: ["private"], after: ["default"] }]);
  await becomes("public");
  if (!isWindowsWorld) return;
  const call = "SetCategory";
  assertEquals((await setCalls()).slice(before), [
    { call, category: 1, result: 0 },
    { call, category: 1, result: 0 },
    { call, category: 0, result: 0 },
  ]);
});

adapterTest("the serve that has made an adapter gives its network the category", async () => {
  await using _serving = await serve("lab", ...ADDRESS, "--category", "private");
  await becomes("private");
  assertEquals((await must("set", "lab", "--category", "public")).changed, true);
  assertEquals(await category(), "public");
  // Otherwise it is killed, and Windows removes the adapter in its own time.
  await must("stop", "lab");
});
