// deno-lint-ignore-file no-console
/**
 * One measurement of the program's own echo (worker, loop, counters) on the emulator, printed as JSON:
 * deno run -A ours.ts LIBRARY PLAN, where PLAN is a BenchPlan as JSON.
 */
import { EchoServer } from "../../src/echo/server.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import { openWintun } from "../../src/wintun/library.ts";
import { beginBench, type BenchPlan, endBench, openEmulatorControl } from "../emulator/control.ts";

const [library, planText] = Deno.args;
const plan: BenchPlan = JSON.parse(planText);
const control = openEmulatorControl(library).symbols;
const wintun = openWintun(library, library);
using adapter = Adapter.create(wintun, "bench", "Wintun", null);
const session = adapter.startSession(4 * 1024 * 1024);
const server = new EchoServer(session, { icmp: true, udp: true });
await server.ready;
// The last reply sets the session's stop event, so the loop ends by itself.
beginBench(control, session.attachment.session, plan, session.attachment.stopEvent);
await server.done;
console.log(JSON.stringify(endBench(control)));
