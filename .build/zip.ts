/** Writes a zip archive whose bytes depend only on its files, not on the time, the user or the operating system. */
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";

/** One file of a zip archive. */
export interface ZipEntry {
  /** A relative path with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The earliest time of the format. It is a local time, because the format has no time zones. */
const FIXED_TIME = new Date(1980, 0, 1);

configure({ useWebWorkers: false });

/** Returns the zip archive of `entries`, in their order. */
export async function writeZip(entries: readonly ZipEntry[]): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), {
    lastModDate: FIXED_TIME,
    extendedTimestamp: false,
    dataDescriptor: false,
    msDosCompatible: true,
  });
  for (const { path, bytes } of entries) await writer.add(path, new Uint8ArrayReader(bytes));
  return new Uint8Array(await writer.close());
}
