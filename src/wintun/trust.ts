import { hex } from "../wire/hex.ts";
import { FileHandle } from "../windows/file.ts";
import { PeFormatError, type PeImage, readPeImage } from "../windows/pe.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import {
  ERROR_FILE_NOT_FOUND,
  ERROR_PATH_NOT_FOUND,
  ERROR_SHARING_VIOLATION,
  Win32Error,
} from "../windows/win32_error.ts";
import { verifySignature } from "../windows/wintrust.ts";
import { findRelease, WINTUN_SIGNER, type WintunArchitecture, wintunGeneration } from "./releases.ts";
import { WINTUN_SYMBOLS } from "./symbols.ts";

/** A wintun.dll has about 430 KB. This limit bounds how much of a wrong file is read. */
const MAX_DLL_BYTES = 16 * 1024 * 1024;
/** Results of WinVerifyTrust that get a specific message (winerror.h). */
const SIGNATURE_FAULTS: Readonly<Record<number, string>> = {
  0x8009_6010: "its signature does not match: the file was changed after it was signed",
  0x800B_0004: "this machine does not trust its signature",
  0x800B_0100: "it is not signed",
  0x800B_0101: "the certificate of its signature has expired",
  0x800B_0109: "this machine does not trust the root certificate of its signature",
  0x800B_010A: "this machine does not have the root certificate of its signature",
  0x800B_010C: "the certificate of its signature was revoked",
};
const GET_ANOTHER = "Put the signed wintun.dll from wintun.net in its place.";

/**
 * The reason why a DLL may be loaded: it is a pinned release, WireGuard LLC signed it, or the user allowed it
 * (`--trust-dll`).
 */
export type Trust =
  | { readonly kind: "pinned"; readonly version: string }
  | { readonly kind: "signed"; readonly signer: string }
  | { readonly kind: "asked" };

/** `missing`: the file does not exist. `elsewhere`: it is not on a drive of this machine. `bad`: every other reason. */
export type Refusal = "missing" | "elsewhere" | "bad";

/**
 * Reports that a file must not be loaded. The message names the file; `hint` is a sentence that names the remedy, or
 * "".
 */
export class LibraryRefusedError extends Error {
  override readonly name = "LibraryRefusedError";
  readonly refusal: Refusal;
  readonly hint: string;

  constructor(
    path: string,
    reason: string,
    hint: string,
    { refusal = "bad", cause }: { readonly refusal?: Refusal; readonly cause?: unknown } = {},
  ) {
    super(`${path} is refused: ${reason}`, cause === undefined ? undefined : { cause });
    this.refusal = refusal;
    this.hint = hint;
  }
}

/** A verified DLL. While this is open, nobody can replace the file. */
export interface TrustedDll extends Disposable {
  /** An absolute path without links, so that the loaded file is the verified one. */
  readonly path: string;
  readonly trust: Trust;
}

/**
 * Verifies the DLL at `path`. The DLL must be a file on this machine, for this processor, with the functions of Wintun
 * 0.14. It must also be pinned in release.json or signed by WireGuard LLC; `isAskedFor` replaces only this last
 * condition. One handle stays open from the first check until the caller closes the result, after loading the DLL.
 *
 * @param path an absolute path.
 * @throws {LibraryRefusedError}
 */
export async function trustDll(
  libraries: SystemLibraries,
  path: string,
  { isAskedFor = false }: { readonly isAskedFor?: boolean } = {},
): Promise<TrustedDll> {
  // Such a path can lead to a pipe of another user. This program may have more rights than that user, so it does not
  // even open the path.
  if (/^[\\/]{2}/.test(path)) throw notOnThisMachine(path);
  const file = hold(libraries, path);
  try {
    const kind = file.kind();
    if (kind !== "file") throw new LibraryRefusedError(path, `it is a ${kind}, not a file`, GET_ANOTHER);
    const finalPath = /^\\\\\?\\([A-Za-z]:\\[^:]*)$/.exec(file.finalPath())?.[1];
    if (finalPath === undefined) throw notOnThisMachine(path);
    const size = file.size();
    if (size > MAX_DLL_BYTES) {
      throw new LibraryRefusedError(path, `it is not a wintun.dll: it has ${size} bytes`, GET_ANOTHER);
    }
    const bytes = file.read(size);
    const architecture = thisArchitecture(path);
    requireWintun(path, readImage(path, bytes), architecture);
    const trust = await judge(libraries, file, finalPath, bytes, architecture, isAskedFor);
    return { path: finalPath, trust, [Symbol.dispose]: () => file.close() };
  } catch (error) {
    file.close();
    if (error instanceof LibraryRefusedError || !(error instanceof Win32Error)) throw error;
    throw new LibraryRefusedError(path, error.reason, GET_ANOTHER, { cause: error });
  }
}

/** Returns the reason why a DLL is trusted, as part of a sentence: `its SHA-256 is that of Wintun 0.14.1`. */
export function describeTrust(trust: Trust): string {
  switch (trust.kind) {
    case "pinned":
      return `its SHA-256 is that of Wintun ${trust.version}`;
    case "signed":
      return `it is signed by ${trust.signer}`;
    case "asked":
      return "it is not trusted, but --trust-dll was given";
  }
}

/**
 * Returns the architecture of this process, named as in Wintun's archive.
 *
 * @param path the file that the error names.
 * @throws {LibraryRefusedError} if there is no wintun.dll for it.
 */
export function thisArchitecture(path: string): WintunArchitecture {
  if (Deno.build.arch === "x86_64") return "amd64";
  if (Deno.build.arch === "aarch64") return "arm64";
  throw new LibraryRefusedError(path, `there is no wintun.dll for ${Deno.build.arch} here`, "");
}

function hold(libraries: SystemLibraries, path: string): FileHandle {
  try {
    return FileHandle.hold(libraries, path);
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    if (error.code === ERROR_FILE_NOT_FOUND || error.code === ERROR_PATH_NOT_FOUND) {
      throw new LibraryRefusedError(path, "there is no such file", "Check the path.", {
        refusal: "missing",
        cause: error,
      });
    }
    if (error.code === ERROR_SHARING_VIOLATION) {
      const hint = "Close that program, and try again.";
      throw new LibraryRefusedError(path, "another program has it open and could change it", hint, {
        cause: error,
      });
    }
    throw new LibraryRefusedError(path, `it cannot be opened: ${error.reason}`, GET_ANOTHER, {
      cause: error,
    });
  }
}

function notOnThisMachine(path: string): LibraryRefusedError {
  return new LibraryRefusedError(
    path,
    "it is not on a drive of this machine, so it could change after the check",
    "Copy it to a folder on this machine.",
    { refusal: "elsewhere" },
  );
}

function readImage(path: string, bytes: Uint8Array): PeImage {
  try {
    return readPeImage(bytes);
  } catch (error) {
    if (!(error instanceof PeFormatError)) throw error;
    throw new LibraryRefusedError(path, `it is not a DLL: ${error.message}`, GET_ANOTHER, { cause: error });
  }
}

function requireWintun(path: string, image: PeImage, architecture: WintunArchitecture): void {
  if (image.architecture !== architecture) {
    const made = image.architecture ?? `the processor 0x${image.machine.toString(16)}`;
    throw new LibraryRefusedError(
      path,
      `it is for ${made}, and this program is for ${architecture}`,
      `Take the file in the folder bin/${architecture} of Wintun's archive.`,
    );
  }
  if (!image.isDll) throw new LibraryRefusedError(path, "it is a program, not a DLL", GET_ANOTHER);
  if (wintunGeneration(image.exportNames) === "0.9 to 0.13") {
    throw new LibraryRefusedError(
      path,
      "it is Wintun 0.9 to 0.13, and this program needs 0.14",
      "Put the signed wintun.dll 0.14 from wintun.net in its place.",
    );
  }
  const missing = Object.keys(WINTUN_SYMBOLS).filter((name) => !image.exportNames.includes(name));
  if (missing.length === 0) return;
  throw new LibraryRefusedError(
    path,
    `it is not wintun.dll 0.14: these functions are missing: ${missing.join(", ")}`,
    GET_ANOTHER,
  );
}

async function judge(
  libraries: SystemLibraries,
  file: FileHandle,
  finalPath: string,
  bytes: Uint8Array<ArrayBuffer>,
  architecture: WintunArchitecture,
  isAskedFor: boolean,
): Promise<Trust> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const release = findRelease(hex(digest), architecture);
  if (release !== undefined) return { kind: "pinned", version: release.version };
  const { status, signer } = verifySignature(libraries, { handle: file.handle, path: finalPath });
  if (status === 0 && signer?.commonName === WINTUN_SIGNER && signer.organization === WINTUN_SIGNER) {
    return { kind: "signed", signer: WINTUN_SIGNER };
  }
  if (isAskedFor) return { kind: "asked" };
  const fault = status === 0
    ? `it is signed by ${signer?.commonName || "nobody"}, not by ${WINTUN_SIGNER}`
    : SIGNATURE_FAULTS[status] ?? `its signature is not valid (0x${status.toString(16)})`;
  throw new LibraryRefusedError(
    file.path,
    `it is not a known release of Wintun, and ${fault}`,
    `${GET_ANOTHER} To load your own build, use --dll PATH --trust-dll.`,
  );
}
