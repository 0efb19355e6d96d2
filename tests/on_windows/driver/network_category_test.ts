/** The category of an adapter's network. On real Windows the network is Windows' own. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { NetworkCategory, SettableCategory } from "../../../src/windows/network/network_list.ts";
import { System } from "../../../src/windows/system.ts";
import { adapterTest, must } from "../adapters.ts";
import { eventually } from "../eventually.ts";
import { iphlpapiRecord, isWindowsWorld, networkListHangs } from "../libraries.ts";
import { run, serve } from "../program.ts";

const ADDRESS = ["--address", "10.77.7.7/24"];

async function category(name = "lab"): Promise<NetworkCategory | null> {
  return (await must("list", name)).adapters[0].category;
}

/** Waits until the network has that category, which Windows has to identify first. */
async function becomes(expected: string): Promise<void> {
  await eventually(async () => await category() === expected);
  assertEquals(await category(), expected);
}

/** Changes the category as a user does in Windows' own settings. */
async function changeByHand(wanted: SettableCategory): Promise<void> {
  using system = new System();
  const { adapters: [{ guid }] } = await must("list", "lab");
  assertEquals(await system.networkList.setCategory(guid, wanted), true);
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

adapterTest("a category that somebody changes stays until Windows identifies the network anew", async () => {
  await must("create", "lab", ...ADDRESS, "--category", "private");
  {
    await using _serving = await serve("lab");
    await becomes("private");
    await changeByHand("public");
    // The service looks every 2 seconds.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    assertEquals(await category(), "public");
  }
  await using _serving = await serve("lab");
  await becomes("private");
});

adapterTest("the serve that has made an adapter gives its network the category", async () => {
  await using _serving = await serve("lab", ...ADDRESS, "--category", "private");
  await becomes("private");
  assertEquals((await must("set", "lab", "--category", "public")).changed, true);
  assertEquals(await category(), "public");
  // Otherwise it is killed, and Windows removes the adapter in its own time.
  await must("stop", "lab");
});

adapterTest("adapters are made, served and deleted while the Network List Manager hangs", async () => {
  await must("create", "lab", ...ADDRESS, "--category", "private");
  try {
    {
      await using _serving = await serve("lab");
      await becomes("private");
      await Deno.writeTextFile(networkListHangs, "");
      // The service asks every 2 seconds, and waits for its answer then.
      await new Promise((resolve) => setTimeout(resolve, 2_500));
    }
    await must("delete", "lab");
    const { code, stderr } = await run(["create", "lab", ...ADDRESS, "--category", "private"]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "Windows has not said in time which category the network has");
    await using _serving = await serve("lab");
    assertEquals(await category(), null);
    await Deno.remove(networkListHangs);
    await becomes("private");
  } finally {
    await Deno.remove(networkListHangs).catch(() => {});
  }
}, { ignore: !isWindowsWorld });
