/** The compiled program at work: the same program as for Windows, with the same arguments of `deno compile`, on Linux. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import project from "../../../deno.json" with { type: "json" };
import { completeSchema } from "../../../src/cli/json_schemas.ts";
import { PINNED_RELEASES } from "../../../src/wintun/releases.ts";
import { COMPILING_DENO_VERSION } from "../../deno_versions.ts";
import { NetworkNamespace } from "../../e2e/network_namespace.ts";
import { buildEmulator } from "../../emulator/build.ts";
import { readOutput } from "../../validation.ts";
import { linuxBaseBinary } from "./base_binaries.ts";
import { compilingDeno } from "./compiling_deno.ts";

const PROJECT = fromFileUrl(new URL("../../../", import.meta.url));
const isX64Linux = Deno.build.os === "linux" && Deno.build.arch === "x86_64";
/** Brought by `deno task vendor`, which the build itself runs. */
const VENDORED = "vendor/wintun/wintun-amd64.dll";
const isVendored = await Deno.stat(join(PROJECT, VENDORED)).then(() => true, () => false);
const isRoot = isX64Linux && Deno.uid() === 0;

/** An executable in a folder of its own, and an empty folder for its temporary files. */
class Compiled implements AsyncDisposable {
  readonly #folder: string;
  readonly executable: string;
  readonly temporary: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.executable = join(folder, "wintun");
    this.temporary = join(folder, "tmp");
  }

  /** `embed` has the path of each file by the one under which the program finds it. */
  static async from(entry: string, embed: Record<string, string>): Promise<Compiled> {
    const compiled = new Compiled(await Deno.makeTempDir({ prefix: "wintun-test-" }));
    await Deno.mkdir(compiled.temporary);
    const { code, output } = await compilingDeno([
      ...["run", "-A", "tests/build/compiled/compile.ts", entry, compiled.executable],
      ...Object.entries(embed).map(([path, file]) => `${path}=${file}`),
    ], await linuxBaseBinary());
    assertEquals(code, 0, output);
    return compiled;
  }

  /** Runs the executable with `args` to its end, away from the sources. */
  async run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return await outputOf(
      new Deno.Command(this.executable, { args, cwd: "/", env: this.environment, stdin: "null" }),
    );
  }

  get environment(): Record<string, string> {
    return { TMPDIR: this.temporary, NO_COLOR: "1" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

Deno.test(
  { name: `the compiled program (Deno ${COMPILING_DENO_VERSION})`, ignore: !isX64Linux },
  async (test) => {
    await using compiled = await Compiled.from("src/main.ts", {});

    await test.step("explains itself with --help", async () => {
      const { code, stdout, stderr } = await compiled.run("--help");
      assertEquals([code, stderr], [0, ""]);
      assertStringIncludes(stdout, "serve");
    });

    await test.step("tells the version of deno.json", async () => {
      const { code, stdout } = await compiled.run("version", "--json");
      assertEquals(code, 0);
      const { version, deno } = readOutput("version", stdout);
      assertEquals([version, deno], [project.version, COMPILING_DENO_VERSION]);
    });

    await test.step("prints the JSON schemas, which are embedded", async () => {
      const { code, stdout, stderr } = await compiled.run("help", "json", "serve");
      assertEquals([code, stderr, JSON.parse(stdout)], [0, "", completeSchema("serve")]);
      assertStringIncludes((await compiled.run("help", "json")).stdout, "driver-status");
    });

    await test.step("serves a simulated adapter from its worker", async () => {
      const { code, stdout, stderr } = await compiled.run(
        "serve",
        "demo",
        "--simulate=:memory:",
        "--address",
        "10.6.7.7/24",
        "--count",
        "4",
        "--json",
      );
      assertEquals([code, stderr], [0, ""]);
      const events = stdout.trim().split("\n").map((line) => readOutput("serve", line));
      assertEquals(events[0].event, "ready");
      assertEquals([events.at(-1).event, events.at(-1).replied], ["stopped", 4]);
    });

    await test.step("says what it cannot do off Windows", async () => {
      const { code, stderr } = await compiled.run("serve", "demo");
      assertEquals(code, 7);
      assertMatch(stderr, /Windows/);
    });

    await test.step("has read and left nothing in the temporary folder", () => {
      assertEquals([...Deno.readDirSync(compiled.temporary)], []);
    });
  },
);

Deno.test({
  name: `the compiled program with an embedded library (Deno ${COMPILING_DENO_VERSION})`,
  ignore: !isRoot,
}, async (test) => {
  await using compiled = await Compiled.from("tests/build/compiled/emulated.ts", {
    "src/bundle/wintun-emulator.so": await buildEmulator(),
  });

  await test.step("serves a whole session from its worker", async () => {
    await using namespace = await NetworkNamespace.create();
    await using served = serve(namespace, compiled);
    await served.ready;
    const ping = await namespace.run(
      ...["ping", "-4", "-n", "-q", "-c", "5", "-i", "0.1", "-W", "5", "10.6.7.9"] as const,
    );
    assertMatch(ping, /5 packets transmitted, 5 received, 0% packet loss/);
    const { code, lines } = await served.stop();
    assertEquals(code, 0);
    assert(readOutput("serve", lines.at(-1)!).replied >= 5, lines.join("\n"));
    assertEquals(await namespace.devices(), []);
  });

  await test.step("passes on from its logger worker what the library logs", async () => {
    await using namespace = await NetworkNamespace.create();
    const { code, stderr } = await outputOf(
      namespace.command(compiled.executable, [
        "serve",
        "lab",
        "--address",
        "10.6.7.7/24",
        "--duration",
        "0.2",
        "--verbose",
      ], {
        env: compiled.environment,
        cwd: "/",
        stdin: "null",
      }),
    );
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /^wintun\.dll: /m);
  });
});

Deno.test({
  name: "the compiled program finds the embedded wintun.dll, and looks beside itself but not in vendor/",
  ignore: !isX64Linux || !isVendored,
}, async () => {
  await using compiled = await Compiled.from("tests/build/compiled/embedded.ts", {
    [VENDORED]: join(PROJECT, VENDORED),
  });
  const { code, stdout, stderr } = await compiled.run();
  assertEquals([code, stderr], [0, ""]);
  const { beside, name, sha256 } = JSON.parse(stdout);
  const [release] = PINNED_RELEASES;
  assertEquals([name, sha256], [`wintun-${release.version}-amd64.dll`, release.sha256]);
  assertEquals(beside.length, 1);
  assertMatch(beside[0], /wintun\.dll$/);
});

async function outputOf(command: Deno.Command): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Starts `serve lab` in `namespace`, killed with its owner if it does not end before. */
function serve(namespace: NetworkNamespace, compiled: Compiled): AsyncDisposable & {
  readonly ready: Promise<void>;
  stop(): Promise<{ code: number; lines: string[] }>;
} {
  const process = namespace.command(
    compiled.executable,
    ["serve", "lab", "--address", "10.6.7.7/24", "--duration", "60", "--json"],
    { env: compiled.environment, cwd: "/", stdin: "null", stdout: "piped", stderr: "inherit" },
  ).spawn();
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {});
  const lines = (async () => {
    let text = "";
    for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('"ready"')) ready.resolve();
    }
    ready.reject(new Error(`serve ended before it was ready: ${text}`));
    return text.trim().split("\n");
  })();
  return {
    ready: ready.promise,
    async stop(): Promise<{ code: number; lines: string[] }> {
      process.kill("SIGINT");
      return { code: (await process.status).code, lines: await lines };
    },
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        process.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await process.status;
      await lines;
    },
  };
}
