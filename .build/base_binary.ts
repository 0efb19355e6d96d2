/** The base binary (denort) that DENORT_BIN names, for machines that do not reach Deno's server. */
import { type PeArchitecture, PeFormatError, readPeImage } from "../src/windows/pe.ts";
import { BuildError } from "./deno.ts";
import { denoVersionOf } from "./deno_version.ts";

/** What the build has to know about a base binary. */
export interface BaseBinary {
  readonly path: string;
  readonly architecture: PeArchitecture | undefined;
  /** The version of its Deno; `undefined` if there is none in it. */
  readonly denoVersion: string | undefined;
}

/** @throws {BuildError} if the file is not there, or is not a Windows executable */
export async function readBaseBinary(path: string): Promise<BaseBinary> {
  try {
    const bytes = await Deno.readFile(path);
    return { path, architecture: readPeImage(bytes).architecture, denoVersion: denoVersionOf(bytes) };
  } catch (error) {
    if (!(error instanceof PeFormatError || error instanceof Deno.errors.NotFound)) throw error;
    throw new BuildError(`Cannot use DENORT_BIN=${path}: ${error.message}`);
  }
}

/** @throws {BuildError} if the base binary is for another processor than `wanted`, or of another Deno than this one */
export function refuseOtherBase(base: BaseBinary, wanted: PeArchitecture): void {
  const { path, architecture, denoVersion } = base;
  const ours = Deno.version.deno;
  const reason = architecture !== wanted
    ? `it is for ${architecture}, wanted is ${wanted}`
    : denoVersion === undefined
    ? "it contains no Deno"
    : denoVersion !== ours
    ? `it is of Deno ${denoVersion}, and this is Deno ${ours}. Build with Deno ${denoVersion}, or take the base binary of ${ours}.`
    : undefined;
  if (reason !== undefined) throw new BuildError(`Cannot use DENORT_BIN=${path}: ${reason}`);
}
