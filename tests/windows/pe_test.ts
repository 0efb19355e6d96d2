import { assertEquals, assertThrows } from "@std/assert";
import { PeFormatError, readPeImage } from "../../src/windows/pe.ts";

interface Image {
  machine: number;
  /** PE32+ (8 byte image base) or PE32. */
  plus: boolean;
  dll: boolean;
  names: readonly string[];
}

const AMD64_DLL: Image = { machine: 0x8664, plus: true, dll: true, names: ["Alpha", "Beta", "Gamma"] };

const SECTION_ADDRESS = 0x1000;
const SECTION_FILE_OFFSET = 0x200;
const SECTION_SIZE = 0x200;
const EXPORT_DIRECTORY_SIZE = 40;

/** The smallest image that a linker could write: headers and one section, which holds the export table. */
function peImage({ machine, plus, dll, names }: Image): Uint8Array {
  const bytes = new Uint8Array(SECTION_FILE_OFFSET + SECTION_SIZE);
  const view = new DataView(bytes.buffer);
  const u16 = (at: number, value: number): void => view.setUint16(at, value, true);
  const u32 = (at: number, value: number): void => view.setUint32(at, value, true);
  const pe = 0x80;
  const optional = pe + 24;
  const directories = optional + (plus ? 112 : 96);
  const section = directories + 16 * 8;
  bytes.set([0x4d, 0x5a]);
  u32(0x3c, pe);
  bytes.set([0x50, 0x45, 0, 0], pe);
  u16(pe + 4, machine);
  u16(pe + 6, 1); // sections
  u16(pe + 20, section - optional);
  u16(pe + 22, dll ? 0x2002 : 0x0002);
  u16(optional, plus ? 0x20b : 0x10b);
  u32(directories - 4, 16);
  if (names.length > 0) u32(directories, SECTION_ADDRESS);
  u32(section + 8, SECTION_SIZE);
  u32(section + 12, SECTION_ADDRESS);
  u32(section + 16, SECTION_SIZE);
  u32(section + 20, SECTION_FILE_OFFSET);
  u32(SECTION_FILE_OFFSET + 24, names.length);
  u32(SECTION_FILE_OFFSET + 32, SECTION_ADDRESS + EXPORT_DIRECTORY_SIZE);
  let text = EXPORT_DIRECTORY_SIZE + names.length * 4;
  names.forEach((name, index) => {
    u32(SECTION_FILE_OFFSET + EXPORT_DIRECTORY_SIZE + index * 4, SECTION_ADDRESS + text);
    bytes.set(new TextEncoder().encode(`${name}\0`), SECTION_FILE_OFFSET + text);
    text += name.length + 1;
  });
  return bytes;
}

/** Where the last byte stands that the reader of `AMD64_DLL` needs: the end of its last name. */
const LAST_NEEDED = SECTION_FILE_OFFSET + EXPORT_DIRECTORY_SIZE + 3 * 4 + "Alpha\0Beta\0Gamma\0".length;

Deno.test("readPeImage() tells the machine, that it is a DLL, and the exports of a PE32+ image", () => {
  assertEquals(readPeImage(peImage(AMD64_DLL)), {
    machine: 0x8664,
    architecture: "amd64",
    isDll: true,
    exportNames: ["Alpha", "Beta", "Gamma"],
  });
});

Deno.test("readPeImage() reads a PE32 image, whose directories stand elsewhere", () => {
  assertEquals(readPeImage(peImage({ machine: 0x14c, plus: false, dll: true, names: ["Old"] })), {
    machine: 0x14c,
    architecture: "x86",
    isDll: true,
    exportNames: ["Old"],
  });
});

Deno.test("readPeImage() tells an executable without exports from a DLL", () => {
  assertEquals(readPeImage(peImage({ machine: 0xaa64, plus: true, dll: false, names: [] })), {
    machine: 0xaa64,
    architecture: "arm64",
    isDll: false,
    exportNames: [],
  });
});

Deno.test("readPeImage() names 32-bit ARM, and gives the number alone of a machine that Windows does not run on", () => {
  assertEquals(readPeImage(peImage({ ...AMD64_DLL, machine: 0x1c4 })).architecture, "arm");
  const riscv = readPeImage(peImage({ ...AMD64_DLL, machine: 0x5064 }));
  assertEquals([riscv.machine, riscv.architecture], [0x5064, undefined]);
});

Deno.test("readPeImage() reads an image that starts in the middle of a buffer", () => {
  const image = peImage(AMD64_DLL);
  const whole = new Uint8Array(image.length + 7);
  whole.set(image, 7);
  assertEquals(readPeImage(whole.subarray(7)).exportNames, AMD64_DLL.names);
});

Deno.test("readPeImage() refuses every truncation that loses a header or a name", () => {
  const image = peImage(AMD64_DLL);
  for (let length = 0; length < LAST_NEEDED; length++) {
    assertThrows(() => readPeImage(image.subarray(0, length)), PeFormatError);
  }
  assertEquals(readPeImage(image.subarray(0, LAST_NEEDED)).exportNames, AMD64_DLL.names);
});

Deno.test("readPeImage() refuses what is no executable", () => {
  for (const text of ["", "M", "#!/bin/sh\n", "\x7fELF"]) {
    assertThrows(
      () => readPeImage(new TextEncoder().encode(text)),
      PeFormatError,
      "not a Windows executable",
    );
  }
});

Deno.test("readPeImage() refuses a DOS program and a header of an unknown kind", () => {
  const dos = peImage(AMD64_DLL);
  dos[0x80] = 0x4e; // "NE": 16-bit Windows
  assertThrows(() => readPeImage(dos), PeFormatError, "no PE header");
  const rom = peImage(AMD64_DLL);
  new DataView(rom.buffer).setUint16(0x80 + 24, 0x107, true);
  assertThrows(() => readPeImage(rom), PeFormatError, "unknown kind");
});

Deno.test("readPeImage() refuses an export table outside of the sections, of absurd length, or with an endless name", () => {
  const directory = 0x80 + 24 + 112;
  const outside = peImage(AMD64_DLL);
  new DataView(outside.buffer).setUint32(directory, 0x9000, true);
  assertThrows(() => readPeImage(outside), PeFormatError, "outside of every section");
  const absurd = peImage(AMD64_DLL);
  new DataView(absurd.buffer).setUint32(SECTION_FILE_OFFSET + 24, 0xffffffff, true);
  assertThrows(() => readPeImage(absurd), PeFormatError, "claims 4294967295 names");
  const endless = new Uint8Array(SECTION_FILE_OFFSET + 0x4000).fill(0x41);
  endless.set(peImage(AMD64_DLL).subarray(0, LAST_NEEDED - 1));
  assertThrows(() => readPeImage(endless), PeFormatError, "has no end");
});

Deno.test("readPeImage() ends with an image or PeFormatError whatever one byte becomes", () => {
  const image = peImage(AMD64_DLL);
  for (let at = 0; at < LAST_NEEDED; at++) {
    for (let value = 0; value < 256; value += 15) {
      const damaged = image.slice();
      damaged[at] = value;
      try {
        readPeImage(damaged);
      } catch (error) {
        if (!(error instanceof PeFormatError)) throw error;
      }
    }
  }
});
