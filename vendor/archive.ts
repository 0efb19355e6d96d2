/**
 * One file out of a .zip or a .tgz, so that `deno task vendor` needs no unzip and no tar on the machine.
 *
 * Written for archives whose contents are verified afterwards by SHA-256: checks what keeps a wrong archive from
 * harming the reader (every offset, every size), not what only matters to an archiver (CRC-32, dates, rights).
 */

/** An archive that cannot be read, or that does not hold the wanted file. */
export class ArchiveError extends Error {
  override name = "ArchiveError";
}

// PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (its end).
const LOCAL_HEADER = { signature: 0x04034b50, nameLength: 26, extraLength: 28, size: 30 };
const CENTRAL_HEADER = {
  signature: 0x02014b50,
  method: 10,
  compressedSize: 20,
  uncompressedSize: 24,
  nameLength: 28,
  extraLength: 30,
  commentLength: 32,
  localOffset: 42,
  size: 46,
};
const END_RECORD = {
  signature: 0x06054b50,
  entryCount: 10,
  directoryOffset: 16,
  size: 22,
  maxComment: 0xffff,
};
const METHOD_STORED = 0;
const METHOD_DEFLATED = 8;

// POSIX.1-1988 ustar header, in blocks of 512 bytes.
const TAR_BLOCK = 512;
const TAR_NAME = { offset: 0, length: 100 };
const TAR_SIZE = { offset: 124, length: 12 };

/**
 * Returns the bytes of the file `path` in the zip archive `zip`.
 *
 * @throws {ArchiveError} no zip archive, no such file in it, or a file of more than `maxBytes`
 */
export async function readZipFile(
  zip: Uint8Array<ArrayBuffer>,
  path: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = findEndRecord(view);
  const entryCount = view.getUint16(end + END_RECORD.entryCount, true);
  let at = view.getUint32(end + END_RECORD.directoryOffset, true);
  for (let entry = 0; entry < entryCount; entry++) {
    expectRecord(view, at, CENTRAL_HEADER);
    const nameLength = view.getUint16(at + CENTRAL_HEADER.nameLength, true);
    const name = text(zip.subarray(at + CENTRAL_HEADER.size, at + CENTRAL_HEADER.size + nameLength));
    if (name === path) return await readZipEntry(zip, view, at, path, maxBytes);
    at += CENTRAL_HEADER.size + nameLength +
      view.getUint16(at + CENTRAL_HEADER.extraLength, true) +
      view.getUint16(at + CENTRAL_HEADER.commentLength, true);
  }
  throw new ArchiveError(`the archive has no file ${path}`);
}

/**
 * Returns the bytes of the file `path` in the gzip-compressed tar archive `tgz`.
 *
 * @throws {ArchiveError} no such archive, no such file in it, or an archive that unpacks to more than `maxBytes`
 */
export async function readTgzFile(
  tgz: Uint8Array<ArrayBuffer>,
  path: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const tar = await decompress(tgz, "gzip", maxBytes);
  for (let at = 0; at + TAR_BLOCK <= tar.length && tar[at] !== 0;) {
    const name = text(field(tar, at, TAR_NAME));
    const size = parseInt(text(field(tar, at, TAR_SIZE)).trim(), 8);
    const start = at + TAR_BLOCK;
    if (!(size >= 0 && start + size <= tar.length)) {
      throw new ArchiveError(`the size of ${name} is out of range`);
    }
    if (name === path) return tar.slice(start, start + size);
    at = start + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
  throw new ArchiveError(`the archive has no file ${path}`);
}

async function readZipEntry(
  zip: Uint8Array<ArrayBuffer>,
  view: DataView,
  central: number,
  path: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const method = view.getUint16(central + CENTRAL_HEADER.method, true);
  const compressedSize = view.getUint32(central + CENTRAL_HEADER.compressedSize, true);
  const local = view.getUint32(central + CENTRAL_HEADER.localOffset, true);
  expectRecord(view, local, LOCAL_HEADER);
  // The local header's extra field may differ in length from the central one: its own length counts.
  const start = local + LOCAL_HEADER.size +
    view.getUint16(local + LOCAL_HEADER.nameLength, true) +
    view.getUint16(local + LOCAL_HEADER.extraLength, true);
  if (start + compressedSize > zip.length) throw new ArchiveError(`${path} runs past the end of the archive`);
  const data = zip.slice(start, start + compressedSize);
  if (method === METHOD_DEFLATED) return await decompress(data, "deflate-raw", maxBytes);
  if (method !== METHOD_STORED) throw new ArchiveError(`${path} is compressed by unknown method ${method}`);
  if (data.length > maxBytes) throw new ArchiveError(`${path} has more than ${maxBytes} bytes`);
  return data;
}

/** The end record is last, but for a comment of unknown length: it is searched from the end. */
function findEndRecord(view: DataView): number {
  const last = view.byteLength - END_RECORD.size;
  const first = Math.max(0, last - END_RECORD.maxComment);
  for (let at = last; at >= first; at--) {
    if (view.getUint32(at, true) === END_RECORD.signature) return at;
  }
  throw new ArchiveError("this is no zip archive");
}

function expectRecord(view: DataView, at: number, record: { signature: number; size: number }): void {
  if (at + record.size > view.byteLength || view.getUint32(at, true) !== record.signature) {
    throw new ArchiveError(`the archive has no valid record at offset ${at}`);
  }
}

async function decompress(
  data: Uint8Array<ArrayBuffer>,
  format: CompressionFormat,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const chunk of new Blob([data]).stream().pipeThrough(new DecompressionStream(format))) {
      total += chunk.length;
      if (total > maxBytes) throw new ArchiveError(`the archive unpacks to more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    // The stream reports damaged data as TypeError.
    if (error instanceof TypeError) throw new ArchiveError(`the archive is damaged: ${error.message}`);
    throw error;
  }
  const whole = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function field(
  tar: Uint8Array,
  header: number,
  { offset, length }: { offset: number; length: number },
): Uint8Array {
  const bytes = tar.subarray(header + offset, header + offset + length);
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
