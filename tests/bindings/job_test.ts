/**
 * On Linux only: Wine does not report the limits of a job. For the jobs of Windows see
 * tests/on_windows/driver/job_test.ts.
 */
import { assertEquals } from "@std/assert";
import { childrenEndWithJob } from "../../src/windows/job.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { buildEmulator } from "../emulator/build.ts";

const BREAKAWAY_OK = 0x800;
const SILENT_BREAKAWAY_OK = 0x1000;
const KILL_ON_JOB_CLOSE = 0x2000;
const ERROR_ACCESS_DENIED = 5;

const path = await buildEmulator();
const control = Deno.dlopen(
  path,
  {
    EmulatorSetJob: {
      parameters: ["i32", /* BOOL inside */ "u32", /* DWORD limits */ "u32" /* DWORD error */],
      result: "void",
    },
  } as const,
).symbols;

for (
  const [name, inside, limits, error, expected] of [
    ["no job", 0, KILL_ON_JOB_CLOSE, 0, false],
    ["a job that outlives its handles", 1, SILENT_BREAKAWAY_OK | BREAKAWAY_OK, 0, false],
    ["a job that ends with its last handle", 1, KILL_ON_JOB_CLOSE, 0, true],
    ["such a job that new processes may leave on demand", 1, KILL_ON_JOB_CLOSE | BREAKAWAY_OK, 0, true],
    ["such a job that new processes leave unasked", 1, KILL_ON_JOB_CLOSE | SILENT_BREAKAWAY_OK, 0, false],
    ["such a job that may not be looked at", 1, KILL_ON_JOB_CLOSE, ERROR_ACCESS_DENIED, false],
  ] as const
) {
  Deno.test(`childrenEndWithJob() is ${expected} in ${name}`, () => {
    control.EmulatorSetJob(inside, limits, error);
    try {
      using libraries = new SystemLibraries({ kernel32: path });
      assertEquals(childrenEndWithJob(libraries), expected);
    } finally {
      control.EmulatorSetJob(0, 0, 0);
    }
  });
}
