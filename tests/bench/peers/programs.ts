/** Builds the measuring wintun.dll, and the programs in other languages. */
import { fromFileUrl, join } from "@std/path";
import { ensureBase } from "../../on_windows/world/base.ts";
import { buildPart, emulatorPart } from "../../on_windows/world/build.ts";
import { cacheFolder } from "../../on_windows/world/cache.ts";
import { must } from "../../on_windows/world/debian.ts";

/** The target of Rust for which mingw-w64 links. */
const RUST_TARGET = "x86_64-pc-windows-gnu";

const folderOf = (language: string): string => fromFileUrl(new URL(`./${language}/`, import.meta.url));

/** Builds the emulator with measuring.c as `wintun.dll` in a folder of a running world. */
export async function buildMeasuringDll(folder: string): Promise<void> {
  // The base is there, since the world of the folder runs.
  await buildPart(await ensureBase(() => {}), folder, "wintun.dll", {
    ...emulatorPart,
    sources: [
      ...emulatorPart.sources.filter((path) => !path.endsWith("/dll.c")),
      "tests/bench/peers/measuring.c",
    ],
    flags: [...emulatorPart.flags, "-DWintunStartSession=EmulatedStartSession", "-lpsapi"],
  });
}

/** Builds the program on golang.zx2c4.com/wintun as `go.exe` in a folder. @throws {Error} If Go is missing, or fails. */
export async function buildGo(folder: string): Promise<void> {
  await must("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", join(folder, "go.exe"), "."], {
    cwd: folderOf("go"),
    env: { GOOS: "windows", GOARCH: "amd64", CGO_ENABLED: "0" },
  });
}

/**
 * Builds the program on the crate wintun as `rust.exe` in a folder.
 * @throws {Error} If cargo or its target for Windows is missing, or it fails.
 */
export async function buildRust(folder: string): Promise<void> {
  const target = join(cacheFolder(), "rust-target");
  await must(
    "cargo",
    ["build", "--release", "--locked", `--target=${RUST_TARGET}`, `--target-dir=${target}`],
    {
      cwd: folderOf("rust"),
    },
  );
  await Deno.copyFile(join(target, RUST_TARGET, "release", "peer.exe"), join(folder, "rust.exe"));
}
