// deno-lint-ignore-file no-console -- a program
/**
 * Runs a program in a job of its own, as sshd does: `in_job.ts LIMITS PROGRAM ARGS...`. The job's only handle goes with this process,
 * when that program has ended. LIMITS are JOB_OBJECT_LIMIT_*, or `none` for no job of its own. Without a PROGRAM it prints what
 * childrenEndWithJob() says in here; with `restart` it starts itself outside the job, and prints whether it could.
 */

import { restartOutsideJob } from "../../src/windows/breakaway.ts";
import {
  childrenEndWithJob,
  JOBOBJECT_BASIC_LIMIT_INFORMATION,
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
} from "../../src/windows/job.ts";
import { systemFunctions } from "../../src/windows/system_functions.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";

const JobObjectExtendedLimitInformation = 9;

const [limits, program, ...args] = Deno.args;
const libraries = new SystemLibraries();
if (args[0] === "moved") {
  const order = await new Response(Deno.stdin.readable).text();
  // Longer than the job lives.
  await new Promise((wake) => setTimeout(wake, 2_000));
  console.log(`process ${Deno.pid} has outlived the job, with ${order}`);
  Deno.exit();
}
if (limits !== "none") enterJob(Number(limits));
if (program === undefined) {
  console.log(childrenEndWithJob(libraries));
} else if (program === "restart") {
  console.log(restartOutsideJob(libraries, "moved", (pid) => console.log(`goes on as process ${pid}`)));
} else {
  // Detached, or Deno puts this process and that one into a job of Deno's besides.
  const command = new Deno.Command(program, { args, stdin: "null", detached: true });
  Deno.exit((await command.spawn().status).code);
}

function enterJob(flags: number): void {
  const symbols = libraries.bind(systemFunctions("kernel32", {
    CreateJobObjectW: { parameters: ["pointer", "pointer"], result: "pointer" },
    SetInformationJobObject: { parameters: ["pointer", "i32", "buffer", "u32"], result: "i32" },
    AssignProcessToJobObject: { parameters: ["pointer", "pointer"], result: "i32" },
    GetCurrentProcess: { parameters: [], result: "pointer" },
  }));
  const job = symbols.CreateJobObjectW(null, null);
  const information = new DataView(new ArrayBuffer(JOBOBJECT_EXTENDED_LIMIT_INFORMATION.size));
  information.setUint32(
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION.BasicLimitInformation + JOBOBJECT_BASIC_LIMIT_INFORMATION.LimitFlags,
    flags,
    true,
  );
  const { buffer, byteLength } = information;
  if (symbols.SetInformationJobObject(job, JobObjectExtendedLimitInformation, buffer, byteLength) === 0) {
    throw new Error("the job takes no such limits");
  }
  if (symbols.AssignProcessToJobObject(job, symbols.GetCurrentProcess()) === 0) {
    throw new Error("this process cannot enter the job");
  }
}
