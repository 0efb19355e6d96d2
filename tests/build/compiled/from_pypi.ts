/** Single files of wheels on PyPI, without what those depend on. */
import { join } from "@std/path";
import { readZipFile } from "../../../vendor/archive.ts";
import { run } from "../../e2e/network_namespace.ts";

const MAX_BYTES = 256 * 1024 * 1024;

/** A wheel on PyPI. */
export interface Wheel {
  /** NAME==VERSION */
  readonly requirement: string;
  /** The platform as in the name of the wheel. */
  readonly platform: string;
  /** SHA-256 of the wheel, as hexadecimal digits. */
  readonly sha256: string;
}

/** Returns the file `member` of a wheel. pip asks the index of its own configuration, and verifies the SHA-256. */
export async function fileFromWheel(
  { requirement, platform, sha256 }: Wheel,
  member: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir({ prefix: "wintun-test-" });
  try {
    const requirements = join(folder, "requirements.txt");
    const wheels = join(folder, "wheels");
    await Deno.writeTextFile(requirements, `${requirement} --hash=sha256:${sha256}\n`);
    await run("pip3", [
      ...["download", "--quiet", "--require-hashes", "--no-deps", "--only-binary=:all:"],
      ...[`--platform=${platform}`, `--dest=${wheels}`, `--requirement=${requirements}`],
    ]);
    const [wheel] = Array.from(Deno.readDirSync(wheels), ({ name }) => join(wheels, name));
    return await readZipFile(await Deno.readFile(wheel), member, MAX_BYTES);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
