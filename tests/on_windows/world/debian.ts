/** Debian packages, and the archive from which they come. */

/**
 * Installs the packages (separated by spaces) of each command that is missing. Needs root. Prints nothing if no package
 * is missing.
 */
export async function ensurePackages(commands: Record<string, string>): Promise<void> {
  const missing: string[] = [];
  for (const [command, packages] of Object.entries(commands)) {
    if (!await onPath(command)) missing.push(...packages.split(" "));
  }
  if (missing.length === 0) return;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await must("apt-get", ["update", "-q"], { env });
  await must("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...missing], { env });
}

/**
 * Returns the address of the Debian archive from which this machine installs packages. It comes from the machine's apt
 * sources, so that a mirror or a proxy set up here also serves the chroot. On a machine that is not Debian (Ubuntu), it
 * is Debian's official archive.
 */
export async function debianArchive(): Promise<string> {
  if (!/^ID=debian$/m.test(await Deno.readTextFile("/etc/os-release"))) {
    return "http://deb.debian.org/debian/";
  }
  const listed = async (): Promise<string | undefined> => {
    const targets = await must("apt-get", ["indextargets", "--format", "$(LABEL)|$(COMPONENT)|$(REPO_URI)"]);
    const line = targets.split("\n").find((line) => line.startsWith("Debian|main|"));
    return line?.slice("Debian|main|".length);
  };
  let archive = await listed();
  if (archive === undefined) {
    // A new machine knows the addresses of its sources, but their contents only after the first update.
    await must("apt-get", ["update", "-q"]);
    archive = await listed();
  }
  if (archive === undefined) {
    throw new Error("Cannot find a Debian archive among this machine's apt sources.");
  }
  return archive;
}

/**
 * Returns this machine's apt settings for access to an archive (proxy, retries, dates), as the text of an apt.conf
 * file.
 */
export async function aptAcquireSettings(): Promise<string> {
  const dump = await must("apt-config", ["dump"]);
  const kept = /^Acquire::(http|https|Retries|Check-Valid-Until|Check-Date)\b.*"[^"]+";$/;
  return dump.split("\n").filter((line) => kept.test(line)).join("\n") + "\n";
}

async function onPath(command: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", 'command -v "$1" >/dev/null', "sh", command],
  }).output();
  return success;
}

/**
 * Runs a program, waits for its end and returns its stdout.
 * @throws {Error} with its stderr if it fails.
 */
export async function must(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const { success, code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    ...options,
  }).output();
  const text = new TextDecoder();
  if (!success) {
    const said = (text.decode(stderr).trim() || text.decode(stdout).trim()).split("\n").slice(-15).join("\n");
    throw new Error(`${command} ${args.join(" ")}: exit code ${code}\n${said}`);
  }
  return text.decode(stdout);
}
