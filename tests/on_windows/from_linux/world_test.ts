import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { cacheFolder } from "../world/cache.ts";
import { World } from "../world/world.ts";
import { eventually } from "../eventually.ts";
import { enterWorld } from "../world_under_test.ts";

const decoder = new TextDecoder();

const kinds = ["pid", "mnt", "net"] as const;

/** The namespaces that a process is in; empty if it has ended. */
async function namespacesOf(pid: number | string): Promise<string[]> {
  const links = kinds.map((kind) => Deno.readLink(`/proc/${pid}/ns/${kind}`).catch(() => ""));
  return (await Promise.all(links)).filter((link) => link !== "");
}

/** Command lines of all processes that are in one of `namespaces`. A namespace without processes is gone with all that is in it. */
async function processesIn(namespaces: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    if (!(await namespacesOf(name)).some((namespace) => namespaces.includes(namespace))) continue;
    found.push(await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => ""));
  }
  return found;
}

/** What this machine has outside of any world. */
async function machineState(): Promise<Record<string, string[]>> {
  const names = async (folder: string): Promise<string[]> =>
    (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  const mounts = (await Deno.readTextFile("/proc/self/mounts")).split("\n").filter((line) =>
    line.includes("wintun-wine")
  );
  return { mounts, devices: await names("/sys/class/net"), mountPoint: await names(`${cacheFolder()}/mnt`) };
}

Deno.test("a world leaves no process, mount, network device or file behind, not even with programs running in it", async () => {
  const before = await machineState();
  const world = await World.start();
  const namespaces = await namespacesOf(world.pid);
  assertEquals(namespaces.length, kinds.length);
  const child = world.wine("cmd", ["/c", "pause"], { stdin: "piped", stdout: "null", stderr: "null" })
    .spawn();
  const { stdout } = await world.deno(["eval", "console.log(Deno.build.os)"]).output();
  assertEquals(decoder.decode(stdout).trim(), "windows");
  await world.close();
  await child.stdin.close().catch(() => {});
  await child.status;
  assertEquals(await processesIn(namespaces), []);
  assertEquals(await machineState(), before);
});

Deno.test("a world ends with the process that started it, even if that is killed", async () => {
  const before = await machineState();
  const start = `import { World } from ${JSON.stringify(new URL("../world/world.ts", import.meta.url).href)};
    const world = await World.start();
    console.log(world.pid);
    await new Promise(() => setInterval(() => {}, 1000));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", start],
    cwd: fromFileUrl(new URL("../../../", import.meta.url)),
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const pid = Number(decoder.decode((await reader.read()).value));
  const namespaces = await namespacesOf(pid);
  assertEquals(namespaces.length, kinds.length);
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  assert(await eventually(async () => (await processesIn(namespaces)).length === 0), "something is left");
  assertEquals(await machineState(), before);
});

Deno.test("services have the machine's environment, and those that start by themselves do so at each restart", async () => {
  const world = await enterWorld();
  const sc = async (...args: string[]): Promise<void> => {
    await world.wine("sc", args).output();
  };
  const line = "C:\\windows\\system32\\cmd.exe /c set >>C:\\environment.txt";
  const report = world.file("/prefix/drive_c/environment.txt");
  const reports = async (): Promise<number> => {
    const text = await Deno.readTextFile(report).catch(() => "");
    return text.match(/^DENO_DIR=C:\\deno\r$/gm)?.length ?? 0;
  };
  const program = world.wine("cmd", ["/c", "pause"], { stdin: "piped", stdout: "null", stderr: "null" })
    .spawn();
  try {
    await sc("create", "environment", "start=", "auto", "binPath=", line);
    await sc("start", "environment");
    assert(await eventually(async () => await reports() === 1));
    assertStringIncludes(await Deno.readTextFile(report), "WINEDLLOVERRIDES=bcryptprimitives,");
    await world.restart();
    await program.status;
    assert(await eventually(async () => await reports() === 2));
  } finally {
    await program.stdin.close().catch(() => {});
    await sc("delete", "environment");
    await Deno.remove(report);
  }
});

Deno.test("calls of `deno task windows` are processes of one world, until --stop", async () => {
  const name = `test-${Deno.pid}`;
  const call = async (...args: string[]): Promise<{ code: number; text: string }> => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", fromFileUrl(new URL("../cli.ts", import.meta.url)), ...args],
      env: { WINTUN_SHARED_WORLD: name, WINTUN_WORLD_PROGRAM: "sources" },
      stdin: "null",
    }).output();
    return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
  };
  try {
    assertEquals((await call("version")).code, 0);
    const serving = call("serve", "shared lab", "--address", "10.88.0.1/24", "--json");
    let answered = 1;
    await eventually(async () =>
      (answered = (await call("--ping", "-c", "1", "-W", "1", "10.88.0.9")).code) === 0
    );
    assertEquals(answered, 0);
    assertStringIncludes((await call("list", "--json")).text, '"name":"shared lab"');
    assertEquals((await call("stop", "shared lab")).code, 0);
    const { code, text } = await serving;
    assertEquals(code, 0, text);
    assertStringIncludes(text, '"reason":"stopped"');
    assertEquals((await call("serve", "lab", "--ring", "17")).code, 2);
    assertEquals((await call("--not-elevated", "serve", "lab")).code, 3);
  } finally {
    assertStringIncludes((await call("--stop")).text, "has ended");
    await Deno.remove(`${cacheFolder()}/${name}.lock`);
  }
  assertStringIncludes((await call("--stop")).text, "There is no Windows world");
  await Deno.remove(`${cacheFolder()}/${name}.lock`);
});
