/**
 * One file out of a .zip or a .tgz, so that `deno task vendor` needs no unzip and no tar on the machine.
 *
 * What is read is verified afterwards by SHA-256. Here a wrong archive is only kept from taking more memory than the caller
 * allows.
 */
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import { parseTar } from "nanotar";

/** An archive that cannot be read, or that does not hold the wanted file. */
export class ArchiveError extends Error {
  override name = "ArchiveError";
}

type Bytes = Uint8Array<ArrayBuffer>;

configure({ useWebWorkers: false });

/**
 * Returns the bytes of the file `path` in the zip archive `zip`.
 *
 * @throws {ArchiveError} no zip archive, no such file in it, or a file of more than `maxBytes`
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
 * @throws {ArchiveError} no such archive, no such file in it, or an archive that unpacks to more than `maxBytes`
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

/** The libraries report damage by errors of many kinds. */
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
