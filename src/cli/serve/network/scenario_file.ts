import { HostError } from "../../../tun/host_error.ts";
import { UsageError } from "../../arguments/usage_error.ts";
import { fileFault } from "../../process/file_fault.ts";
import { parseScenario, type Scenario } from "./scenario.ts";

/** The largest scenario file in bytes. */
const MOST_BYTES = 1024 * 1024;

/**
 * Reads a scenario file. It is UTF-8, or UTF-16 with a byte order mark, which Windows PowerShell writes.
 * @throws {HostError} `failed` if it cannot be read.
 * @throws {UsageError} if it is no scenario.
 */
export async function readScenarioFile(path: string): Promise<Scenario> {
  const bytes = await readWhole(path);
  const name = JSON.stringify(path);
  if (bytes.length > MOST_BYTES) throw new UsageError(`${name}: is larger than ${MOST_BYTES} bytes.`);
  return parseScenario(decode(bytes, name), name);
}

/** Reads a file, but at most one byte more than a scenario has. */
async function readWhole(path: string): Promise<Uint8Array> {
  const buffer = new Uint8Array(MOST_BYTES + 1);
  let length = 0;
  try {
    using file = await Deno.open(path);
    while (length < buffer.length) {
      const count = await file.read(buffer.subarray(length));
      if (count === null) break;
      length += count;
    }
  } catch (error) {
    throw new HostError("failed", `Cannot read the scenario ${JSON.stringify(path)}`, fileFault(error), {
      cause: error,
    });
  }
  return buffer.subarray(0, length);
}

function decode(bytes: Uint8Array, name: string): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  try {
    return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name}: is not text in UTF-8.`);
  }
}
