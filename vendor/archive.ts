/**
 * Reads one file from a .zip or a .tgz, so that `deno task vendor` needs no unzip and no tar on the machine.
 *
 * The caller verifies the file by its SHA-256. This module only keeps a wrong archive from using more memory than the
 * caller allows.
 */
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import { parseTar } from "nanotar";

/** Reports that an archive cannot be read, or does not contain the wanted file. */
export class ArchiveError extends Error {
  override name = "ArchiveError";
}

type Bytes = Uint8Array<ArrayBuffer>;

configure({ useWebWorkers: false });

/**
 * Returns the bytes of the file `path` in the zip archive `zip`.
 *
 * @throws {ArchiveError} if it is not a zip archive, does not contain the file, or the file has more than `maxBytes`
 */
export async function readZipFile(zip: Bytes, path: string, maxBytes: number): Promise<Bytes> {
  return await reading(async () => {
    const entries = await new ZipReader(new Uint8ArrayReader(zip)).getEntries();
    const entry = entries.find(({ filename }) => filename === path);
    if (entry === undefined || entry.directory) throw missing(path);
    if (entry.uncompressedSize > maxBytes) throw tooLarge(maxBytes);
    return new Uint8Array(await entry.getData(new Uint8ArrayWriter()));
  });
}

/**
 * Returns the bytes of the file `path` in the gzip-compressed tar archive `tgz`.
 *
 * @throws {ArchiveError} if it is not such an archive, does not contain the file, or unpacks to more than `maxBytes`
 */
export async function readTgzFile(tgz: Bytes, path: string, maxBytes: number): Promise<Bytes> {
  return await reading(async () => {
    const file = parseTar(await gunzip(tgz, maxBytes)).find(({ name }) => name === path);
    if (file === undefined) throw missing(path);
    return new Uint8Array(file.data ?? []);
  });
}

async function gunzip(bytes: Bytes, maxBytes: number): Promise<Bytes> {
  const chunks: Bytes[] = [];
  let total = 0;
  for await (const chunk of new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))) {
    total += chunk.length;
    if (total > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Runs `read` and converts its errors to ArchiveError. The libraries report damage with errors of many kinds. */
async function reading(read: () => Promise<Bytes>): Promise<Bytes> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError(`the archive is damaged: ${(error as Error).message}`);
  }
}

function missing(path: string): ArchiveError {
  return new ArchiveError(`the archive has no file ${path}`);
}

function tooLarge(maxBytes: number): ArchiveError {
  return new ArchiveError(`the archive unpacks to more than ${maxBytes} bytes`);
}
