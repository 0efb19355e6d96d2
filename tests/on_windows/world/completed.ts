/** A DLL of ours in the place of one of Wine's. What ours does not have, it has from Wine's, which lies beside it. */

import { readPeImage } from "../../../src/windows/pe.ts";

/** The mark of Wine's own DLLs, at the end of the DOS header. Wine looks for a DLL with it among its own files. */
const MARK = { text: "Wine builtin DLL", offset: 0x40 } as const;

/** Returns the name, without `.dll`, under which Wine's DLL lies beside ours. */
export function wineName(name: string): string {
  return `${name}_wine`;
}

/** Returns the bytes of Wine's DLL for a file with another name. Wine then loads it like any other file. */
export function withoutMark(dll: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const mark = dll.subarray(MARK.offset, MARK.offset + MARK.text.length);
  if (new TextDecoder("latin1").decode(mark) !== MARK.text) throw new Error("this is no DLL of Wine's own");
  const copy = dll.slice();
  copy.fill(0, MARK.offset, MARK.offset + MARK.text.length);
  return copy;
}

/** Returns a module definition file with all functions of `own`, and with forwarders for all others of `wine`. */
export function completeExports(name: string, own: Uint8Array, wine: Uint8Array): string {
  const ours = readPeImage(own).exportNames;
  const others = readPeImage(wine).exportNames.filter((each) => !ours.includes(each));
  const lines = [...ours, ...others.map((each) => `${each} = ${wineName(name)}.${each}`)];
  return `LIBRARY ${name}.dll\nEXPORTS\n${lines.map((line) => `    ${line}\n`).join("")}`;
}
