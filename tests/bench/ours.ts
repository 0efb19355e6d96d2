// deno-lint-ignore-file no-console
/**
 * One measurement of the program's own echo loop, counters on, on a worker as in `serve`, printed as JSON:
 * deno run -A ours.ts LIBRARY PLAN, where PLAN is a BenchPlan as JSON.
 */
import type { BenchFigures } from "../emulator/control.ts";
import type { Task } from "./ours_worker.ts";

const task: Task = { library: Deno.args[0], plan: JSON.parse(Deno.args[1]) };
const worker = new Worker(new URL("./ours_worker.ts", import.meta.url), { type: "module" });
const figures = new Promise<BenchFigures>((resolve) => worker.onmessage = ({ data }) => resolve(data));
worker.postMessage(task);
console.log(JSON.stringify(await figures));
worker.terminate();
