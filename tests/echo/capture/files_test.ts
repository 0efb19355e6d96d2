import { assertEquals, assertRejects } from "@std/assert";
import { CaptureFiles, numberedName, type Rotation } from "../../../src/echo/capture/files.ts";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { TestFolder } from "../../test_folder.ts";

/** The DLLs that lock files on Windows. */
const libraries = Deno.build.os === "windows" ? new SystemLibraries() : undefined;

const captureFiles = (path: string, rotation: Rotation | undefined): CaptureFiles =>
  new CaptureFiles(path, rotation, libraries);

const TIME = new Date(2026, 0, 2, 3, 4, 5);

const NAMES: readonly [path: string, name: string][] = [
  ["lab.pcapng", "lab_00007_20260102030405.pcapng"],
  ["lab", "lab_00007_20260102030405"],
  ["a.b/lab", "a.b/lab_00007_20260102030405"],
  ["C:\\a.b\\lab.x.pcapng", "C:\\a.b\\lab.x_00007_20260102030405.pcapng"],
  ["/tmp/.hidden", "/tmp/.hidden_00007_20260102030405"],
];

for (const [path, name] of NAMES) {
  Deno.test(`file 7 of the capture ${path} is ${name}`, () =>
    assertEquals(numberedName(path, 7, TIME), name));
}

Deno.test("CaptureFiles opens the file that is named, and does not empty it", async () => {
  await using folder = new TestFolder();
  const path = `${folder.path}/lab.pcapng`;
  await Deno.writeTextFile(path, "before");
  const { name, sink } = await captureFiles(path, undefined).openNext();
  assertEquals([name, await Deno.readTextFile(path)], [path, "before"]);
  await sink.truncate!(0);
  assertEquals(await sink.write(Uint8Array.of(65)), 1);
  sink.close();
  assertEquals(await Deno.readTextFile(path), "A");
});

Deno.test("CaptureFiles keeps the newest files, and all of them when not told how many", async () => {
  await using folder = new TestFolder();
  for (const [name, rotation] of [["few", { ms: 1, keep: 2 }], ["all", { ms: 1 }]] as const) {
    const files = captureFiles(`${folder.path}/${name}.pcapng`, rotation);
    for (let count = 0; count < 4; count++) (await files.openNext()).sink.close();
  }
  const numbers = folder.files.map((path) => path.replace(/^.*[/\\](.*)_\d{14}\.pcapng$/, "$1"));
  assertEquals(numbers, ["all_00001", "all_00002", "all_00003", "all_00004", "few_00003", "few_00004"]);
});

Deno.test("CaptureFiles does not mind that somebody else removed a file", async () => {
  await using folder = new TestFolder();
  const files = captureFiles(`${folder.path}/lab.pcapng`, { ms: 1, keep: 1 });
  const { name, sink } = await files.openNext();
  sink.close();
  await Deno.remove(name);
  (await files.openNext()).sink.close();
  assertEquals(folder.files.length, 1);
});

Deno.test("CaptureFiles tries again to remove a file that it could not remove", async () => {
  await using folder = new TestFolder();
  const files = captureFiles(`${folder.path}/lab.pcapng`, { ms: 1, keep: 1 });
  const { name, sink } = await files.openNext();
  sink.close();
  await Deno.remove(name);
  await Deno.mkdir(`${name}/full`, { recursive: true });
  (await files.openNext()).sink.close();
  assertEquals(folder.files.length, 2);
  await Deno.remove(`${name}/full`);
  (await files.openNext()).sink.close();
  assertEquals(folder.files.length, 1);
});

Deno.test({
  name: "CaptureFiles refuses a file that a capture is being written into, and lets it be read",
  // Deno 2.4 has no locks without a wait. On Windows, the locks are those of Windows.
  ignore: Deno.build.os !== "windows" && !("tryLockSync" in Deno.FsFile.prototype),
  fn: async () => {
    await using folder = new TestFolder();
    const path = `${folder.path}/lab.pcapng`;
    const { sink } = await captureFiles(path, undefined).openNext();
    await sink.write(Uint8Array.of(65));
    await assertRejects(() => captureFiles(path, undefined).openNext(), Deno.errors.Busy);
    assertEquals(await Deno.readTextFile(path), "A");
    sink.close();
    (await captureFiles(path, undefined).openNext()).sink.close();
  },
});

Deno.test("CaptureFiles rejects for a folder that is not there", async () => {
  await using folder = new TestFolder();
  const files = captureFiles(`${folder.path}/none/lab.pcapng`, undefined);
  await assertRejects(() => files.openNext(), Deno.errors.NotFound);
});

Deno.test({
  name: "CaptureFiles opens a named pipe, which cannot be cut",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = new TestFolder();
    const path = `${folder.path}/pipe`;
    await new Deno.Command("mkfifo", { args: [path] }).output();
    const reading = new Deno.Command("cat", { args: [path] }).output();
    const { sink } = await captureFiles(path, undefined).openNext();
    assertEquals(sink.truncate, undefined);
    await sink.write(Uint8Array.of(65));
    sink.close();
    assertEquals(new TextDecoder().decode((await reading).stdout), "A");
  },
});
