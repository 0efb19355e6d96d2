/** What an attacker may do to a wintun.dll and its folder, for tests that run under deno.exe. */

import { assert, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { FileHandle } from "../../../src/windows/file.ts";
import { withSecurityAttributes } from "../../../src/windows/security.ts";
import { systemFunctions } from "../../../src/windows/system_functions.ts";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { LibraryRefusedError, trustDll } from "../../../src/wintun/trust.ts";
import { toWideString } from "../../../src/windows/wide_string.ts";
import { signedPath } from "../libraries.ts";

/** Kept for all tests of the process, which opens the system's DLLs once. */
export const libraries: SystemLibraries = new SystemLibraries();

export const signedBytes = (): Uint8Array<ArrayBuffer> => Deno.readFileSync(signedPath);

/** The other architecture's signed DLL. */
export const otherPath: string = signedPath.includes("amd64")
  ? signedPath.replace("amd64", "arm64")
  : signedPath.replace("arm64", "amd64");

/** Registers a test that has a folder of its own. */
export function folderTest(
  name: string,
  body: (folder: string) => void | Promise<void>,
  { ignore = false }: { ignore?: boolean } = {},
): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "wintun-test-" })).replace(
        /^\\\\\?\\/,
        "",
      );
      try {
        await body(folder);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

/** Writes a file that is called wintun.dll, and returns its path. */
export function plant(folder: string, bytes: Uint8Array): string {
  const path = join(folder, "wintun.dll");
  Deno.writeFileSync(path, bytes);
  return path;
}

/** The signed DLL with one bit of its code turned. */
export function tampered(): Uint8Array<ArrayBuffer> {
  const bytes = signedBytes();
  bytes[0x2000] ^= 1;
  return bytes;
}

/**
 * The signed DLL with another checksum in its header ("PE Format", Windows documentation), which neither the loader nor
 * Authenticode looks at: other bytes, and the signature is still theirs.
 */
export function otherChecksum(): Uint8Array<ArrayBuffer> {
  const bytes = signedBytes();
  const view = new DataView(bytes.buffer);
  const checksum = view.getUint32(0x3c, true) + 24 + 64;
  view.setUint32(checksum, view.getUint32(checksum, true) ^ 1, true);
  return bytes;
}

/** Makes sure that the file is refused, with that in the message, and returns the error. */
export async function assertRefused(path: string, reason: string): Promise<LibraryRefusedError> {
  const error = await assertRejects(() => trustDll(libraries, path), LibraryRefusedError, reason);
  assert(error.message.startsWith(`${path} is refused: `), error.message);
  return error;
}

/** Makes a folder with a security descriptor in SDDL. */
export function makeFolder(path: string, sddl: string): void {
  const { CreateDirectoryW } = libraries.bind(systemFunctions("kernel32", {
    CreateDirectoryW: { parameters: ["buffer", "buffer"], result: "i32" },
  }));
  const made = withSecurityAttributes(
    libraries,
    sddl,
    (attributes) => CreateDirectoryW(toWideString(path), attributes),
  );
  assert(made !== 0, `${path} cannot be made`);
}

/** Makes a file with a security descriptor in SDDL. */
export function makeFile(path: string, sddl: string, bytes: Uint8Array<ArrayBuffer>): void {
  withSecurityAttributes(libraries, sddl, (attributes) => {
    using file = FileHandle.create(libraries, path, attributes);
    file.write(bytes);
  });
}
