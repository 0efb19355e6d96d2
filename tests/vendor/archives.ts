/** Builds small archives for tests of the readers. Checksums that the readers do not look at are left zero. */

export interface ZipMember {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly deflate: boolean;
  /** The unpacked size that the headers tell, where it is not the true one. */
  readonly claimedSize?: number;
}

export interface TarMember {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The size that the header tells, where it is not the true one. */
  readonly claimedSize?: number;
}

const encoder = new TextEncoder();

export async function zip(members: readonly ZipMember[], comment = ""): Promise<Uint8Array<ArrayBuffer>> {
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { path, bytes, deflate, claimedSize } of members) {
    const name = encoder.encode(path);
    const data = deflate ? await compress(bytes, "deflate-raw") : bytes;
    // version, flags, method, time, date, CRC-32, compressed, uncompressed, name length, extra length
    const common = [
      u16(20),
      u16(0),
      u16(deflate ? 8 : 0),
      u32(0),
      u32(0),
      u32(data.length),
      u32(claimedSize ?? bytes.length),
    ];
    const extra = new Uint8Array(5);
    const local = join([u32(0x04034b50), ...common, u16(name.length), u16(extra.length), name, extra, data]);
    files.push(local);
    // made by, …, no extra field, comment, disk, attributes, local offset
    directory.push(
      join([u32(0x02014b50), u16(20), ...common, u16(name.length), u16(0), u16(0), u16(0), u16(0), u32(0)]),
      u32(offset),
      name,
    );
    offset += local.length;
  }
  const central = join(directory);
  const count = u16(members.length);
  const end = [u32(0x06054b50), u32(0), count, count, u32(central.length), u32(offset), u16(comment.length)];
  return join([...files, central, ...end, encoder.encode(comment)]);
}

export async function tgz(members: readonly TarMember[]): Promise<Uint8Array<ArrayBuffer>> {
  const blocks: Uint8Array[] = [];
  for (const { path, bytes, claimedSize } of members) {
    const header = new Uint8Array(512);
    header.set(encoder.encode(path), 0);
    header.set(encoder.encode((claimedSize ?? bytes.length).toString(8).padStart(11, "0")), 124);
    blocks.push(header, bytes, new Uint8Array((512 - bytes.length % 512) % 512));
  }
  return await compress(join([...blocks, new Uint8Array(1024)]), "gzip");
}

async function compress(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressionFormat,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function u16(value: number): Uint8Array {
  return new Uint8Array([value, value >> 8]);
}

function u32(value: number): Uint8Array {
  return new Uint8Array([value, value >> 8, value >> 16, value >> 24]);
}
