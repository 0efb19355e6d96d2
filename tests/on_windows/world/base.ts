/**
 * The unchanging part of the Windows world: Debian 13 with Wine 10, deno.exe and a Wine prefix. It is a separate Debian
 * in a chroot, because Wine 8 of Debian 12 cannot run deno.exe.
 */

import { join } from "@std/path";
import { WINDOWS_PACKAGE } from "../../deno_versions.ts";
import { cached } from "./cache.ts";
import { elevatedManifest } from "./manifest.ts";
import { aptAcquireSettings, debianArchive, must } from "./debian.ts";

/** Increase this number when the way to build the base changes, so that existing bases are rebuilt. */
const recipe = 1;

/** Paths inside the chroot of the programs that run there. */
export const inside = {
  wine: "/usr/lib/wine/wine64",
  wineserver: "/usr/lib/wine/wineserver64",
  wineDlls: "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows",
  prefix: "/prefix",
  deno: "/opt/deno/deno.exe",
  denoElevated: "/opt/deno-elevated/deno.exe",
} as const;

/** The environment of every program of Wine's. It contains no variable of this machine. */
export const wineEnvironment: Readonly<Record<string, string>> = {
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
  XDG_RUNTIME_DIR: "/tmp",
  WINEPREFIX: inside.prefix,
  WINEDEBUG: "-all",
};

/** Identifies what the base is made of. */
export const baseKey: string = JSON.stringify({ recipe, suite: "trixie", denoPackage: WINDOWS_PACKAGE });

/**
 * Returns the folder of the base. Builds the base first if it is missing (about a minute). `say` receives a line for
 * each step.
 */
export async function ensureBase(say: (line: string) => void): Promise<string> {
  return await cached("base", baseKey, async (root) => {
    say("Windows world: installing Debian 13 (once) ...");
    await must("debootstrap", ["--variant=minbase", "trixie", root, await debianArchive()]);
    await Deno.writeTextFile(join(root, "etc/apt/apt.conf.d/00machine"), await aptAcquireSettings());
    await Deno.copyFile("/etc/resolv.conf", join(root, "etc/resolv.conf"));
    say("Windows world: installing Wine ...");
    await inChroot(
      root,
      "apt-get update -q && DEBIAN_FRONTEND=noninteractive " +
        "apt-get install -y -q --no-install-recommends wine wine64 && apt-get clean",
    );
    say(`Windows world: unpacking ${WINDOWS_PACKAGE} ...`);
    await unpackDeno(root);
    say("Windows world: making the Wine prefix ...");
    await makePrefix(root);
  });
}

async function unpackDeno(root: string): Promise<void> {
  const download = await Deno.makeTempDir({ dir: root });
  const archive =
    (await must("npm", ["pack", "--silent", "--ignore-scripts", WINDOWS_PACKAGE], { cwd: download })).trim();
  await must("tar", ["-xzf", join(download, archive), "-C", download]);
  await Deno.mkdir(join(root, "opt/deno"));
  await Deno.mkdir(join(root, "opt/deno-elevated"));
  await Deno.rename(join(download, "package/deno.exe"), join(root, inside.deno));
  await Deno.link(join(root, inside.deno), join(root, inside.denoElevated));
  await Deno.writeTextFile(join(root, `${inside.denoElevated}.manifest`), elevatedManifest);
  await Deno.remove(download, { recursive: true });
}

async function makePrefix(root: string): Promise<void> {
  const { wine, wineserver } = inside;
  await inChroot(
    root,
    `${wine} wineboot -i
    # No window is ever opened: do not look for a display at each start.
    ${wine} reg add 'HKCU\\Software\\Wine\\Drivers' /v Graphics /d null /f
    ${wineserver} -k
    ${wineserver} -w
    mkdir -p ${inside.prefix}/drive_c/deno/npm
    test -f ${inside.prefix}/system.reg`,
    wineEnvironment,
  );
}

/**
 * Runs a shell script in the chroot, with /proc and /dev mounted. It runs in separate namespaces, which end with the
 * script and end its processes too.
 * @param env the whole environment of the script, instead of this machine's.
 */
async function inChroot(root: string, script: string, env?: Readonly<Record<string, string>>): Promise<void> {
  const enter = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"';
  const clean = env === undefined
    ? []
    : ["env", "-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const inside = [...clean, "sh", "-ec", script];
  await must("unshare", ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", enter, root, ...inside]);
}
