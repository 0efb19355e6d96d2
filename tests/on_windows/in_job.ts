/**
 * Runs a program in a job that ends with this process, as sshd and WinRM do: `in_job.ts PROGRAM ARGS...`. The only handle of the
 * job goes with this process, when that program has ended. Windows then ends all processes of the job.
 */

/** JOBOBJECT_EXTENDED_LIMIT_INFORMATION of 64-bit Windows (winnt.h). */
const LIMITS = { size: 144, LimitFlags: 16 };
const JobObjectExtendedLimitInformation = 9;
const KILL_ON_JOB_CLOSE = 0x2000;

const [program, ...args] = Deno.args;
enterJob();
// Detached, or Deno puts this process and that one into a job of Deno's besides.
const command = new Deno.Command(program, { args, stdin: "null", detached: true });
Deno.exit((await command.spawn().status).code);

function enterJob(): void {
  const { symbols } = Deno.dlopen("kernel32.dll", {
    CreateJobObjectW: { parameters: ["pointer", "pointer"], result: "pointer" },
    SetInformationJobObject: { parameters: ["pointer", "i32", "buffer", "u32"], result: "i32" },
    AssignProcessToJobObject: { parameters: ["pointer", "pointer"], result: "i32" },
    GetCurrentProcess: { parameters: [], result: "pointer" },
  });
  const job = symbols.CreateJobObjectW(null, null);
  const limits = new DataView(new ArrayBuffer(LIMITS.size));
  limits.setUint32(LIMITS.LimitFlags, KILL_ON_JOB_CLOSE, true);
  const { buffer, byteLength } = limits;
  if (symbols.SetInformationJobObject(job, JobObjectExtendedLimitInformation, buffer, byteLength) === 0) {
    throw new Error("the job takes no such limit");
  }
  if (symbols.AssignProcessToJobObject(job, symbols.GetCurrentProcess()) === 0) {
    throw new Error("this process cannot enter the job");
  }
}
