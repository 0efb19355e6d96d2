/** The versions of Deno that `.ci/deno.env` names. */

const text = Deno.readTextFileSync(new URL("../.ci/deno.env", import.meta.url));

function versionOf(name: string): string {
  const version = new RegExp(`^${name}=(\\d+\\.\\d+\\.\\d+)$`, "m").exec(text)?.[1];
  if (version === undefined) throw new Error(`.ci/deno.env does not say ${name}`);
  return version;
}

/** The Deno that everything is made and tested with. */
export const DENO_VERSION = versionOf("DENO_VERSION");

/** The Deno that Windows tests run under, there and in Wine. */
export const DENO_VERSION_WINDOWS = versionOf("DENO_VERSION_WINDOWS");

/**
 * The Deno of the base binaries that a package registry has, so the one that makes the executables of the tests. The
 * executables of a release are made by DENO_VERSION.
 */
export const COMPILING_DENO_VERSION = versionOf("DENO_VERSION_COMPILING");

/** npm's package of DENO_VERSION_WINDOWS, which holds its deno.exe. */
export const WINDOWS_PACKAGE = `@deno/win32-x64@${DENO_VERSION_WINDOWS}`;
