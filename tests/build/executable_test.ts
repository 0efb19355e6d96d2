import { assertEquals, assertThrows } from "@std/assert";
import { finishExecutable, type VersionInfo } from "../../.build/executable.ts";
import { ExecutableError } from "../../.build/executable_error.ts";
import { MANIFEST } from "../../.build/manifest.ts";
import { readPeImage } from "../../src/windows/pe.ts";
import { dependentLoadFlags, resourcesOf } from "./image.ts";

const FILE_ALIGNMENT = 0x200;
const PAGE = 0x1000;
const HEADERS_SIZE = 0x400;
const PE = 0x80;
const OPTIONAL = PE + 24;
const DIRECTORIES = OPTIONAL + 112;
const SECTIONS = DIRECTORIES + 16 * 8;
const RESOURCE_SECTION = SECTIONS + 40;
/** The address of the load configuration, which does not begin its section. */
const CONFIG_ADDRESS = 0x1040;
const CONFIG = HEADERS_SIZE + 0x40;
const CONFIG_SIZE = 0x140;
const RESOURCES_ADDRESS = 0x2000;
const RESOURCES = HEADERS_SIZE + FILE_ALIGNMENT;
const FILE_SIZE = RESOURCES + FILE_ALIGNMENT;

const EMBEDDED = new TextEncoder().encode("what deno compile embeds");
const VERSION: VersionInfo = { version: "1.2.3", strings: { FileDescription: "A description", Odd: "x" } };

/**
 * An executable of two sections: one with a load configuration of zeros, and one with one resource, type 10, named
 * D3N0L4ND, language 0.
 */
function executable(signature = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FILE_SIZE + signature.length);
  const view = new DataView(bytes.buffer);
  const u16 = (at: number, value: number): void => view.setUint16(at, value, true);
  const u32 = (at: number, value: number): void => view.setUint32(at, value, true);
  const u32s = (at: number, ...values: number[]): void =>
    values.forEach((value, index) => u32(at + index * 4, value));
  bytes.set([0x4d, 0x5a]);
  u32(0x3c, PE);
  bytes.set([0x50, 0x45], PE);
  u16(PE + 4, 0x8664);
  u16(PE + 6, 2);
  u16(PE + 20, SECTIONS - OPTIONAL);
  u16(OPTIONAL, 0x20b);
  u32s(OPTIONAL + 32, PAGE, FILE_ALIGNMENT);
  u32(OPTIONAL + 60, HEADERS_SIZE);
  u32(OPTIONAL + 108, 16);
  u32s(DIRECTORIES + 2 * 8, RESOURCES_ADDRESS, FILE_ALIGNMENT);
  u32s(DIRECTORIES + 10 * 8, CONFIG_ADDRESS, CONFIG_SIZE);
  if (signature.length > 0) {
    u32s(DIRECTORIES + 4 * 8, 0x300, signature.length); // stale, as deno compile leaves it
    bytes.set(signature, FILE_SIZE);
  }
  u32s(SECTIONS + 8, FILE_ALIGNMENT, 0x1000, FILE_ALIGNMENT, HEADERS_SIZE);
  u32s(RESOURCE_SECTION + 8, FILE_ALIGNMENT, RESOURCES_ADDRESS, FILE_ALIGNMENT, RESOURCES);
  u32(CONFIG, CONFIG_SIZE);
  const [type, name, language, text, leaf, data] = [0, 24, 48, 72, 92, 108].map((at) => RESOURCES + at);
  u16(type + 14, 1);
  u32s(type + 16, 10, 0x80000000 + name - RESOURCES);
  u16(name + 12, 1);
  u32s(name + 16, 0x80000000 + text - RESOURCES, 0x80000000 + language - RESOURCES);
  u16(language + 14, 1);
  u32(language + 20, leaf - RESOURCES);
  u16(text, 8);
  [..."D3N0L4ND"].forEach((char, index) => u16(text + 2 + index * 2, char.charCodeAt(0)));
  u32s(leaf, RESOURCES_ADDRESS + data - RESOURCES, EMBEDDED.length);
  bytes.set(EMBEDDED, data);
  return bytes;
}

/** Returns a copy of the version resource of a finished executable. */
function versionOf(finished: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const found = resourcesOf(finished).filter(([[type]]) => type === 16);
  assertEquals(found.map(([path]) => path), [[16, 1, 0x409]]);
  return new Uint8Array(found[0][1]);
}

Deno.test("finishExecutable() adds version and manifest and keeps what is embedded, in the order that Windows needs", () => {
  const resources = resourcesOf(finishExecutable(executable(), VERSION));
  assertEquals(resources.map(([path]) => path), [[10, "D3N0L4ND", 0], [16, 1, 0x409], [24, 1, 0x409]]);
  assertEquals(resources[0][1], EMBEDDED);
  assertEquals(new TextDecoder().decode(resources[2][1]), MANIFEST);
});

Deno.test("finishExecutable() replaces a version that is there", () => {
  const other = finishExecutable(executable(), { version: "9.9.9", strings: { Other: "y" } });
  assertEquals(
    versionOf(finishExecutable(other, VERSION)),
    versionOf(finishExecutable(executable(), VERSION)),
  );
});

Deno.test("finishExecutable() leaves sizes that agree with each other", () => {
  const finished = finishExecutable(executable(), VERSION);
  const view = new DataView(finished.buffer);
  const virtualSize = view.getUint32(RESOURCE_SECTION + 8, true);
  const rawSize = view.getUint32(RESOURCE_SECTION + 16, true);
  assertEquals(rawSize, Math.ceil(virtualSize / PAGE) * PAGE);
  assertEquals(finished.length, view.getUint32(RESOURCE_SECTION + 20, true) + rawSize);
  assertEquals(
    view.getUint32(OPTIONAL + 56, true),
    RESOURCES_ADDRESS + Math.ceil(virtualSize / PAGE) * PAGE,
  );
  assertEquals(view.getUint32(DIRECTORIES + 2 * 8 + 4, true), virtualSize);
  assertEquals(readPeImage(finished).architecture, "amd64");
});

Deno.test("finishExecutable() lets headers and sections begin on pages of the file, and says so of the debug data", () => {
  const before = executable();
  const debug = HEADERS_SIZE + 0x180;
  const view = new DataView(before.buffer);
  view.setUint32(DIRECTORIES + 6 * 8, 0x1180, true);
  view.setUint32(DIRECTORIES + 6 * 8 + 4, 2 * 28, true);
  // One entry with data in that section, and one without any.
  view.setUint32(debug + 20, 0x11f0, true);
  view.setUint32(debug + 24, HEADERS_SIZE + 0x1f0, true);
  const finished = new DataView(finishExecutable(before, VERSION).buffer);
  const u32 = (at: number): number => finished.getUint32(at, true);
  assertEquals([u32(OPTIONAL + 36), u32(OPTIONAL + 60)], [PAGE, PAGE]);
  assertEquals([SECTIONS, RESOURCE_SECTION].map((at) => [u32(at + 20), u32(at + 16)]), [[PAGE, PAGE], [
    2 * PAGE,
    PAGE,
  ]]);
  assertEquals([u32(PAGE + 0x180 + 24), u32(PAGE + 0x180 + 28 + 24)], [PAGE + 0x1f0, 0]);
});

Deno.test("finishExecutable() takes off the signature of the base binary, directory and bytes", () => {
  const signature = new Uint8Array(0x300).fill(0xee);
  new DataView(signature.buffer).setUint32(0, signature.length, true);
  const finished = finishExecutable(executable(signature), VERSION);
  assertEquals(finished, finishExecutable(executable(), VERSION));
});

Deno.test("finishExecutable() gives the same bytes again", () => {
  assertEquals(finishExecutable(executable(), VERSION), finishExecutable(executable(), VERSION));
});

Deno.test("finishExecutable() lets the imports come from System32 only, and changes nothing else of that section", () => {
  const before = executable();
  const finished = finishExecutable(before, VERSION);
  assertEquals([dependentLoadFlags(before), dependentLoadFlags(finished)], [0, 0x800]);
  const section = finished.slice(PAGE, PAGE + FILE_ALIGNMENT);
  new DataView(section.buffer).setUint16(CONFIG + 78 - HEADERS_SIZE, 0, true);
  assertEquals(section, executable().slice(HEADERS_SIZE, RESOURCES));
});

function refuses(bytes: Uint8Array<ArrayBuffer>, reason: string): void {
  assertThrows(() => finishExecutable(bytes, VERSION), ExecutableError, reason);
}

Deno.test("finishExecutable() refuses an executable whose imports it cannot restrict", () => {
  const changed = (...changes: [at: number, value: number][]): Uint8Array<ArrayBuffer> => {
    const bytes = executable();
    for (const [at, value] of changes) new DataView(bytes.buffer).setUint32(at, value, true);
    return bytes;
  };
  const address = DIRECTORIES + 10 * 8;
  refuses(changed([address, 0], [address + 4, 0]), "has no load configuration");
  refuses(changed([address, 0x9000]), "has no load configuration");
  refuses(changed([address, 0x1000 + FILE_ALIGNMENT - 79]), "has no load configuration");
  refuses(changed([address + 4, 79]), "its load configuration has 79 bytes");
  refuses(changed([CONFIG, 0x40]), "its load configuration has 64 bytes");
  assertEquals(
    dependentLoadFlags(finishExecutable(changed([address + 4, 80], [CONFIG, 80]), VERSION)),
    0x800,
  );
});

Deno.test("finishExecutable() refuses what deno compile does not make", () => {
  refuses(new Uint8Array([...executable(), ...new Uint8Array(FILE_ALIGNMENT)]), "follows its last section");
  refuses(new TextEncoder().encode("#!/bin/sh\n"), "no Windows executable");
});

Deno.test("finishExecutable() nests lengths, values and names as VS_VERSIONINFO wants them", () => {
  const bytes = versionOf(finishExecutable(executable(), VERSION));
  const view = new DataView(bytes.buffer);
  const nodes: string[] = [];
  const walk = (start: number, depth: number): number => {
    const end = start + view.getUint16(start, true);
    const valueUnits = view.getUint16(start + 2, true);
    const isText = view.getUint16(start + 4, true) === 1;
    let at = start + 6;
    const text = (): string => {
      const from = at;
      while (view.getUint16(at, true) !== 0) at += 2;
      at += 2;
      return new TextDecoder("utf-16le").decode(bytes.subarray(from, at - 2));
    };
    const name = text();
    at = Math.ceil(at / 4) * 4;
    const value = isText && valueUnits > 0 ? text() : `${valueUnits} bytes`;
    if (!isText) at += valueUnits;
    nodes.push(`${" ".repeat(depth)}${name}: ${value}`);
    for (at = Math.ceil(at / 4) * 4; at < end; at = Math.ceil(at / 4) * 4) at = walk(at, depth + 1);
    return end;
  };
  assertEquals(walk(0, 0), bytes.length);
  assertEquals(nodes, [
    "VS_VERSION_INFO: 52 bytes",
    " StringFileInfo: 0 bytes",
    "  040904b0: 0 bytes",
    "   FileDescription: A description",
    "   Odd: x",
    " VarFileInfo: 0 bytes",
    "  Translation: 4 bytes",
  ]);
  assertEquals([view.getUint32(40, true), view.getUint32(48, true), view.getUint32(52, true)], [
    0xfeef04bd,
    0x00010002,
    0x00030000,
  ]);
});

Deno.test("finishExecutable() refuses a version that its four numbers cannot hold", () => {
  for (const version of ["1.2", "1.2.3-beta", "1.2.65536", "a.b.c"]) {
    assertThrows(() => finishExecutable(executable(), { version, strings: {} }), RangeError, version);
  }
});
