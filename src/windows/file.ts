import { closeHandle } from "./handle.ts";
import { type BoundFunctions, systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { fromWideString, toWideString } from "./wide_string.ts";

/** Functions of kernel32.dll for sharing, links and security, which Deno's file functions do not offer. */
export const FILE_FUNCTIONS = systemFunctions("kernel32", {
  CreateFileW: {
    parameters: [
      "buffer", /* LPCWSTR lpFileName */
      "u32", /* DWORD dwDesiredAccess */
      "u32", /* DWORD dwShareMode */
      "buffer", /* LPSECURITY_ATTRIBUTES lpSecurityAttributes */
      "u32", /* DWORD dwCreationDisposition */
      "u32", /* DWORD dwFlagsAndAttributes */
      "pointer", /* HANDLE hTemplateFile */
    ],
    result: "pointer", /* HANDLE */
  },
  GetFileType: { parameters: ["pointer" /* HANDLE hFile */], result: "u32" },
  GetFileInformationByHandle: {
    parameters: ["pointer", /* HANDLE hFile */ "buffer" /* LPBY_HANDLE_FILE_INFORMATION lpFileInformation */],
    result: "i32",
  },
  GetFinalPathNameByHandleW: {
    parameters: [
      "pointer", /* HANDLE hFile */
      "buffer", /* LPWSTR lpszFilePath */
      "u32", /* DWORD cchFilePath */
      "u32", /* DWORD dwFlags */
    ],
    result: "u32",
  },
  ReadFile: {
    parameters: [
      "pointer", /* HANDLE hFile */
      "buffer", /* LPVOID lpBuffer */
      "u32", /* DWORD nNumberOfBytesToRead */
      "buffer", /* LPDWORD lpNumberOfBytesRead */
      "pointer", /* LPOVERLAPPED lpOverlapped */
    ],
    result: "i32",
  },
  WriteFile: {
    parameters: [
      "pointer", /* HANDLE hFile */
      "buffer", /* LPCVOID lpBuffer */
      "u32", /* DWORD nNumberOfBytesToWrite */
      "buffer", /* LPDWORD lpNumberOfBytesWritten */
      "pointer", /* LPOVERLAPPED lpOverlapped */
    ],
    result: "i32",
  },
  FlushFileBuffers: { parameters: ["pointer" /* HANDLE hFile */], result: "i32" },
});

/** BY_HANDLE_FILE_INFORMATION (fileapi.h). */
export const BY_HANDLE_FILE_INFORMATION = {
  size: 52,
  dwFileAttributes: 0,
  nFileSizeHigh: 32,
  nFileSizeLow: 36,
} as const;

const INVALID_HANDLE_VALUE = 0xFFFF_FFFF_FFFF_FFFFn;
const FILE_TYPE_DISK = 1;
const FILE_ATTRIBUTE_DIRECTORY = 0x10;
const FILE_ATTRIBUTE_NORMAL = 0x80;
const FILE_ATTRIBUTE_REPARSE_POINT = 0x400;
const GENERIC_READ = 0x8000_0000;
const GENERIC_WRITE = 0x4000_0000;
const READ_CONTROL = 0x2_0000;
/** Of a folder: FILE_LIST_DIRECTORY. */
const FILE_READ_DATA = 0x1;
const FILE_READ_ATTRIBUTES = 0x80;
const FILE_SHARE_READ = 1;
const FILE_SHARE_WRITE = 2;
const FILE_SHARE_DELETE = 4;
const CREATE_NEW = 1;
const OPEN_EXISTING = 3;
/** CreateFileW opens a folder only with this flag. */
const FILE_FLAG_BACKUP_SEMANTICS = 0x0200_0000;
const FILE_FLAG_OPEN_REPARSE_POINT = 0x0020_0000;
/**
 * SECURITY_ANONYMOUS: if the path leads to a pipe after all, the process at its other end cannot impersonate this one.
 */
const SECURITY_SQOS_PRESENT = 0x0010_0000;
/** Longest Windows path in UTF-16 units, with the NUL. */
const MAX_PATH_UNITS = 0x8000;

/** The arguments of CreateFileW that differ between the ways to open a file. */
interface OpenMode {
  readonly access: number;
  readonly share: number;
  readonly disposition: number;
  readonly flags: number;
  readonly attributes?: ArrayBuffer;
}

/** The kind of object at a path. */
export type FileKind = "file" | "folder" | "link" | "device";

/** An open file or folder. The owner closes it. All errors are `Win32Error`. */
export class FileHandle implements Disposable {
  readonly path: string;
  readonly #libraries: SystemLibraries;
  readonly #followed: boolean;
  #handle: Deno.PointerValue;

  private constructor(libraries: SystemLibraries, path: string, mode: OpenMode) {
    this.path = path;
    this.#libraries = libraries;
    const { access, share, disposition, flags, attributes } = mode;
    this.#followed = (flags & FILE_FLAG_OPEN_REPARSE_POINT) === 0;
    this.#handle = this.#kernel32.CreateFileW(
      toWideString(path),
      access,
      share,
      attributes ?? null,
      disposition,
      flags | SECURITY_SQOS_PRESENT,
      null,
    );
    if (Deno.UnsafePointer.value(this.#handle) !== INVALID_HANDLE_VALUE) return;
    throw libraries.lastError(`Cannot open ${path}`);
  }

  /**
   * Opens a file for reading. Until it is closed, nobody can write, rename or delete it. If somebody already has it
   * open for writing or deleting, this fails with ERROR_SHARING_VIOLATION.
   * @throws {Win32Error}
   */
  static hold(libraries: SystemLibraries, path: string): FileHandle {
    return new FileHandle(libraries, path, {
      access: GENERIC_READ,
      share: FILE_SHARE_READ,
      disposition: OPEN_EXISTING,
      flags: FILE_FLAG_BACKUP_SEMANTICS,
    });
  }

  /**
   * Opens the file, folder or link at a path to read its attributes and security. A link is not followed. Until it is
   * closed, nobody can rename or delete it.
   * @throws {Win32Error}
   */
  static look(libraries: SystemLibraries, path: string): FileHandle {
    return new FileHandle(libraries, path, {
      // Windows applies share modes only to handles that may read, write or delete.
      access: READ_CONTROL | FILE_READ_ATTRIBUTES | FILE_READ_DATA,
      share: FILE_SHARE_READ | FILE_SHARE_WRITE,
      disposition: OPEN_EXISTING,
      flags: FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT,
    });
  }

  /**
   * Opens a file for writing. Others can still read, write, rename and delete it.
   * @throws {Win32Error}
   */
  static share(libraries: SystemLibraries, path: string): FileHandle {
    return new FileHandle(libraries, path, {
      access: GENERIC_WRITE,
      share: FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
      disposition: OPEN_EXISTING,
      flags: FILE_ATTRIBUTE_NORMAL,
    });
  }

  /**
   * Creates a file for writing. Fails if a file, a folder or a link exists there. Until it is closed, others can read it, and
   * nobody can write, rename or delete it.
   * @param attributes SECURITY_ATTRIBUTES of the new file.
   * @throws {Win32Error}
   */
  static create(libraries: SystemLibraries, path: string, attributes: ArrayBuffer): FileHandle {
    return new FileHandle(libraries, path, {
      access: GENERIC_WRITE,
      share: FILE_SHARE_READ,
      disposition: CREATE_NEW,
      flags: FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT,
      attributes,
    });
  }

  /** The open handle, for functions that need one. This object owns it: do not close it. */
  get handle(): Deno.PointerObject {
    if (this.#handle === null) throw new Error(`${this.path} is closed`);
    return this.#handle;
  }

  /** Returns the kind of the open object. @throws {Win32Error} */
  kind(): FileKind {
    if (this.#kernel32.GetFileType(this.handle) !== FILE_TYPE_DISK) return "device";
    const attributes = this.#information().getUint32(BY_HANDLE_FILE_INFORMATION.dwFileAttributes, true);
    // If links were followed, the file is not a link, and this flag only describes how the file system stores it.
    if (!this.#followed && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) !== 0) return "link";
    return (attributes & FILE_ATTRIBUTE_DIRECTORY) !== 0 ? "folder" : "file";
  }

  /** Returns the size in bytes. @throws {Win32Error} */
  size(): number {
    const information = this.#information();
    const high = information.getUint32(BY_HANDLE_FILE_INFORMATION.nFileSizeHigh, true);
    return high * 2 ** 32 + information.getUint32(BY_HANDLE_FILE_INFORMATION.nFileSizeLow, true);
  }

  /**
   * Returns the path of the open file with all links resolved: `\\?\C:\FILE`, or `\\?\UNC\SERVER\SHARE\FILE` for a file on
   * another machine.
   * @throws {Win32Error}
   */
  finalPath(): string {
    const units = new Uint16Array(MAX_PATH_UNITS);
    const length = this.#kernel32.GetFinalPathNameByHandleW(this.handle, units, units.length, 0);
    if (length === 0) throw this.#libraries.lastError(`Cannot find the final path of ${this.path}`);
    return fromWideString(units);
  }

  /**
   * Reads the first `sizeBytes` bytes. Call it only once: a second call would read the bytes that follow.
   * @throws {Win32Error}
   * @throws {Error} if the file is shorter.
   */
  read(sizeBytes: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(sizeBytes);
    const done = new Uint32Array(1);
    for (let at = 0; at < bytes.length; at += done[0]) {
      const rest = bytes.subarray(at);
      if (this.#kernel32.ReadFile(this.handle, rest, rest.length, done, null) === 0) {
        throw this.#libraries.lastError(`Cannot read ${this.path}`);
      }
      if (done[0] === 0) throw new Error(`${this.path} ends early`);
    }
    return bytes;
  }

  /** Writes all of `bytes`. @throws {Win32Error} */
  write(bytes: Uint8Array<ArrayBuffer>): void {
    const done = new Uint32Array(1);
    for (let at = 0; at < bytes.length; at += done[0]) {
      const rest = bytes.subarray(at);
      if (this.#kernel32.WriteFile(this.handle, rest, rest.length, done, null) === 0) {
        throw this.#libraries.lastError(`Cannot write ${this.path}`);
      }
    }
  }

  /**
   * Waits until what was written is on the disk (FlushFileBuffers).
   * @throws {Win32Error}
   */
  flush(): void {
    if (this.#kernel32.FlushFileBuffers(this.handle) !== 0) return;
    throw this.#libraries.lastError(`Cannot write ${this.path}`);
  }

  /** Closes the handle. Idempotent. */
  close(): void {
    if (this.#handle === null) return;
    closeHandle(this.#libraries, this.#handle);
    this.#handle = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #kernel32(): BoundFunctions<typeof FILE_FUNCTIONS> {
    return this.#libraries.bind(FILE_FUNCTIONS);
  }

  #information(): DataView {
    const information = new DataView(new ArrayBuffer(BY_HANDLE_FILE_INFORMATION.size));
    if (this.#kernel32.GetFileInformationByHandle(this.handle, information.buffer) === 0) {
      throw this.#libraries.lastError(`Cannot read the attributes of ${this.path}`);
    }
    return information;
  }
}
