/**
 * Lets every section of an executable begin on a page of the file. Windows then loads its pages from disk faster ("/FILEALIGN",
 * Microsoft documentation), and Wine maps the file. Of a file with other sections, Wine copies all of them for every
 * process, which takes as long as the start of this program.
 */
// @ts-types="./resedit.d.ts"
import type { NtExecutable, Section } from "resedit";

const IMAGE_DIRECTORY_ENTRY_DEBUG = 6;
/** IMAGE_DEBUG_DIRECTORY (winnt.h) */
const DEBUG_ENTRY = { AddressOfRawData: 20, PointerToRawData: 24, size: 28 } as const;

/** Moves the sections of `image` to pages of the file, in their order. Changes `image`. Call this last. */
export function alignToPages(image: NtExecutable): void {
  const { optionalHeader } = image.newHeader;
  const pageBytes = optionalHeader.sectionAlignment;
  const wholePages = (bytes: number): number => Math.ceil(bytes / pageBytes) * pageBytes;
  optionalHeader.fileAlignment = pageBytes;
  optionalHeader.sizeOfHeaders = wholePages(optionalHeader.sizeOfHeaders);
  const sections = image.getAllSections().filter(({ info }) => info.sizeOfRawData > 0);
  let end = optionalHeader.sizeOfHeaders;
  for (const { info } of sections) {
    info.pointerToRawData = end;
    info.sizeOfRawData = wholePages(info.sizeOfRawData);
    end += info.sizeOfRawData;
  }
  moveDebugData(image, sections);
}

/** Corrects the places of the debug data in the file. It is the only data of an image that has such a place besides its address. */
function moveDebugData(image: NtExecutable, sections: readonly Section[]): void {
  const directory = image.newHeader.optionalHeaderDataDirectory.get(IMAGE_DIRECTORY_ENTRY_DEBUG);
  const holder = image.getSectionByEntry(IMAGE_DIRECTORY_ENTRY_DEBUG);
  if (!holder?.data) return;
  const entries = new DataView(
    holder.data,
    directory.virtualAddress - holder.info.virtualAddress,
    directory.size,
  );
  for (let at = 0; at < directory.size; at += DEBUG_ENTRY.size) {
    const address = entries.getUint32(at + DEBUG_ENTRY.AddressOfRawData, true);
    const section = sections.findLast(({ info }) => info.virtualAddress <= address);
    // Data that Windows does not load has no address, and is in no section.
    if (section === undefined) continue;
    const place = section.info.pointerToRawData + address - section.info.virtualAddress;
    entries.setUint32(at + DEBUG_ENTRY.PointerToRawData, place, true);
  }
}
