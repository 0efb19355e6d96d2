import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { must } from "../world/debian.ts";
import { enterWorld } from "../world_under_test.ts";

const world = await enterWorld();
const signed = fromFileUrl(new URL("../../../vendor/wintun/wintun-amd64.dll", import.meta.url));
const isSignerThere = await new Deno.Command("osslsigncode", { args: ["--version"] }).output()
  .then(() => true, () => false);
if (!isSignerThere && Deno.env.get("CI") === "true") {
  throw new Error("There is no osslsigncode, and in CI these tests may not be left out.");
}

/** `wintun driver status --verbose --dll Z:\world\NAME`, which loads that DLL or says why not. */
async function load(name: string): Promise<{ code: number; stderr: string }> {
  const streams = { stdin: "null", stdout: "null", stderr: "piped" } as const;
  const command = world.wintun(["driver", "status", "--verbose"], { dll: `Z:\\world\\${name}`, ...streams });
  const { code, stderr } = await command.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** Puts a copy of the signed DLL, signed anew by somebody who calls himself that, into the world. */
async function forge(subject: string, name: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "wintun-test-" });
  try {
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    const extensions = ["-addext", "extendedKeyUsage=codeSigning", "-addext", "keyUsage=digitalSignature"];
    await must("openssl", [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject],
      ...[...extensions, "-keyout", key, "-out", certificate],
    ]);
    const bare = join(folder, "bare.dll");
    await must("osslsigncode", ["remove-signature", "-in", signed, "-out", bare]);
    const forged = join(folder, "forged.dll");
    await must("osslsigncode", [
      ...["sign", "-h", "sha256", "-certs", certificate, "-key", key, "-in", bare, "-out", forged],
    ]);
    await Deno.copyFile(forged, world.file(`/world/${name}`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "a wintun.dll with a signature that Windows finds valid, but of somebody else, is refused",
  ignore: !isSignerThere,
  fn: async () => {
    await forge("/C=US/O=Somebody Else/CN=Somebody Else", "else.dll");
    const { code, stderr } = await load("else.dll");
    assertEquals(code, 6, stderr);
    assertStringIncludes(stderr, "it is signed by Somebody Else, not by WireGuard LLC");
  },
});

Deno.test({
  name: "a wintun.dll signed by a WireGuard LLC without the name as its organization is refused",
  ignore: !isSignerThere,
  fn: async () => {
    await forge("/C=US/O=Somebody Else/CN=WireGuard LLC", "half.dll");
    const { code, stderr } = await load("half.dll");
    assertEquals(code, 6, stderr);
  },
});

// Here is where this world ends: only real Windows asks who vouches for a certificate (tests/on_windows/trust/forged_test.ts).
Deno.test({
  name: "Wine, unlike Windows, takes a self-made WireGuard LLC for the real one",
  ignore: !isSignerThere,
  fn: async () => {
    await forge("/C=US/O=WireGuard LLC/CN=WireGuard LLC", "self.dll");
    const { code, stderr } = await load("self.dll");
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "Z:\\world\\self.dll is loaded: it is signed by WireGuard LLC.");
  },
});

Deno.test("no wintun.dll is written to a folder that another user owns", async () => {
  const script = `
    import { SystemLibraries } from "./src/windows/system_libraries.ts";
    import { extractDll } from "./src/wintun/extract.ts";
    const folder = "Z:\\\\world\\\\others";
    try {
      const embedded = { name: "wintun.dll", folder, read: () => new Uint8Array(1) };
      extractDll(new SystemLibraries(), embedded);
      console.log("written");
    } catch (error) {
      console.log(error.message);
    }`;
  const folder = world.file("/world/others");
  await Deno.mkdir(folder, { mode: 0o700 });
  const extract = async (): Promise<string> => {
    const { stdout } = await world.deno(["eval", script], { stdin: "null", stderr: "inherit" }).output();
    return new TextDecoder().decode(stdout);
  };
  await Deno.chown(folder, 1234, 1234);
  assertStringIncludes(await extract(), "not to the administrators");
  assertEquals([...Deno.readDirSync(folder)], []);
  await Deno.chown(folder, 0, 0);
  assertEquals(await extract(), "written\n");
});

Deno.test("everybody can change a program in a folder that is open, and one below such a folder", async () => {
  const program = "Z:\\\\world\\\\outer\\\\inner\\\\program.exe";
  const script = `
    import { SystemLibraries } from "./src/windows/system_libraries.ts";
    import { writersOf } from "./src/windows/writers.ts";
    import { weaknessesOf } from "./src/windows/program_protection.ts";
    const libraries = new SystemLibraries();
    const short = ({ path, account }) => [path.split("\\\\").at(-1), account];
    const weaknesses = weaknessesOf(libraries, "${program}").filter(({ kind }) => kind === "writer");
    console.log(JSON.stringify([writersOf(libraries, "${program}").map(short), weaknesses.map(short)]));`;
  const [outer, inner] = ["/world/outer", "/world/outer/inner"].map((path) => world.file(path));
  await Deno.mkdir(inner, { recursive: true });
  await Deno.writeTextFile(`${inner}/program.exe`, "");
  const found = async (outerMode: number, innerMode: number, programMode = 0o755): Promise<unknown> => {
    await Deno.chmod(outer, outerMode);
    await Deno.chmod(inner, innerMode);
    await Deno.chmod(`${inner}/program.exe`, programMode);
    const { stdout } = await world.deno(["eval", script], { stdin: "null", stderr: "inherit" }).output();
    const [writers, weaknesses] = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(weaknesses, writers);
    return writers;
  };
  assertEquals(await found(0o755, 0o755), []);
  assertEquals(await found(0o755, 0o777), [["inner", "WD"]]);
  assertEquals(await found(0o777, 0o755), [["outer", "WD"]]);
  assertEquals(await found(0o755, 0o755, 0o777), [["program.exe", "WD"]]);
});
