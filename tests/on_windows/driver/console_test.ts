import { assert, assertEquals } from "@std/assert";
import { adapterTest } from "../adapters.ts";
import { serve } from "../program.ts";

const PROCESS_ALL_ACCESS = 0x1F_FFFF;
const kernel32 = Deno.dlopen("kernel32.dll", {
  GetModuleHandleA: { parameters: ["buffer"], result: "pointer" },
  GetProcAddress: { parameters: ["pointer", "buffer"], result: "pointer" },
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "pointer" },
  CreateRemoteThread: {
    parameters: ["pointer", "pointer", "usize", "pointer", "usize", "u32", "pointer"],
    result: "pointer",
  },
  CloseHandle: { parameters: ["pointer"], result: "i32" },
}).symbols;

/**
 * Tells the handlers of another process of an event as Windows does: by a thread in that process which begins in
 * kernelbase.dll's CtrlRoutine. All processes have that DLL at the same address.
 */
function tellConsoleEvent(pid: number, event: number): void {
  const text = (name: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(`${name}\0`);
  const routine = kernel32.GetProcAddress(
    kernel32.GetModuleHandleA(text("kernelbase.dll")),
    text("CtrlRoutine"),
  );
  assert(routine !== null, "kernelbase.dll has no CtrlRoutine");
  const process = kernel32.OpenProcess(PROCESS_ALL_ACCESS, 0, pid);
  assert(process !== null, `process ${pid} cannot be opened`);
  const thread = kernel32.CreateRemoteThread(process, null, 0n, routine, BigInt(event), 0, null);
  assert(thread !== null, "no thread can be started there");
  kernel32.CloseHandle(thread);
  kernel32.CloseHandle(process);
}

for (const [event, what] of [[2, "a closed console"], [5, "a log-off"], [6, "a shutdown"]] as const) {
  adapterTest(`serve ends as with Ctrl-C after ${what}, and removes its adapter`, async () => {
    await using serving = await serve("lab", "--address", "10.77.7.7/24");
    tellConsoleEvent((await serving.ready).pid, event);
    const { code, stopped, stderr } = await serving.ended;
    assertEquals([code, stopped?.reason], [0, "signal"], stderr);
  });
}
