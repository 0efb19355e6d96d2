/** Writes a zip archive whose bytes depend on nothing but its files: no clock, no user, no operating system. */

export interface ZipEntry {
  /** Relative, with forward slashes, ASCII. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** 1980-01-01T00:00, the earliest that the format knows: date in bits 9–15 year - 1980, 5–8 month, 0–4 day. */
const DOS_DATE = (1 << 5) | 1;
const DOS_TIME = 0;
/** PKWARE APPNOTE.TXT 4.4.3: deflate needs version 2.0. */
const VERSION_NEEDED = 20;
const METHOD_DEFLATE = 8;
const MAX_BYTES = 0xffffffff;

/**
 * Returns the zip archive of `entries`, in their order.
 *
 * @throws {RangeError} a file of 4 GiB or more, for which the format has an extension that is not written here
 */
export async function writeZip(entries: readonly ZipEntry[]): Promise<Uint8Array<ArrayBuffer>> {
  const local: Uint8Array<ArrayBuffer>[] = [];
  const central: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const { path, bytes } of entries) {
    const name = new TextEncoder().encode(path);
    const data = await deflate(bytes);
    if (Math.max(offset, data.length, bytes.length) > MAX_BYTES) {
      throw new RangeError(`${path} is too large for a zip`);
    }
    // The fields that the local and the central header have in common.
    const common = record([
      [2, VERSION_NEEDED],
      [2, 0], // flags
      [2, METHOD_DEFLATE],
      [2, DOS_TIME],
      [2, DOS_DATE],
      [4, crc32(bytes)],
      [4, data.length],
      [4, bytes.length],
      [2, name.length],
      [2, 0], // length of the extra field
    ]);
    local.push(record([[4, 0x04034b50]]), common, name, data);
    central.push(
      record([[4, 0x02014b50], [2, VERSION_NEEDED]]),
      common,
      record([[2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), // comment, disk, attributes (internal, external)
      name,
    );
    offset += 4 + common.length + name.length + data.length;
  }
  const centralBytes = central.reduce((sum, part) => sum + part.length, 0);
  const end = record([
    [4, 0x06054b50],
    [4, 0], // disks
    [2, entries.length],
    [2, entries.length],
    [4, centralBytes],
    [4, offset],
    [2, 0], // comment
  ]);
  return new Uint8Array(await new Blob([...local, ...central, end]).arrayBuffer());
}

/** Packs numbers, each given as its width in bytes and its value, little-endian. */
function record(fields: readonly (readonly [width: 2 | 4, value: number])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  return bytes;
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The polynomial of IEEE 802.3, bits reversed. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return remainder;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) crc = CRC_TABLE[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
