import { assertEquals } from "@std/assert";
import { ServiceState } from "../../../src/windows/services/service_state.ts";
import {
  SERVICE_ACCEPT_SHUTDOWN,
  SERVICE_ACCEPT_STOP,
  type ServiceStatus,
} from "../../../src/windows/services/service_status.ts";

const BOTH = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN;

/** A service that is starting, and what it has reported since the last look. */
function service(): { state: ServiceState; reported: () => string[]; last: () => ServiceStatus } {
  const all: ServiceStatus[] = [];
  let seen = 0;
  return {
    state: new ServiceState((status) => all.push(status)),
    reported: () => {
      const lines = all.slice(seen).map(({ state, checkPoint }) => `${state} ${checkPoint}`);
      seen = all.length;
      return lines;
    },
    last: () => all[all.length - 1],
  };
}

/** What each step reports, in the state in which a service comes to be by `steps`. */
function after(...steps: readonly ((state: ServiceState) => void)[]): Record<string, string[]> {
  const reports = (step: (state: ServiceState) => void): string[] => {
    const { state, reported } = service();
    for (const one of steps) one(state);
    reported();
    step(state);
    return reported();
  };
  return { checkPoint: reports(checkPoint), run: reports(run), stop: reports(stop), end: reports(end) };
}

const checkPoint = (state: ServiceState): void => state.checkPoint();
const run = (state: ServiceState): void => state.run();
const stop = (state: ServiceState): void => void state.stop();
const end = (state: ServiceState): void => state.end(0);

Deno.test("a service reports that it is starting as soon as it is there", () => {
  const { reported, last } = service();
  assertEquals(last(), {
    state: "starting",
    accepts: 0,
    win32ExitCode: 0,
    specificExitCode: 0,
    checkPoint: 1,
    waitHintMs: 10_000,
  });
  assertEquals(reported(), ["starting 1"]);
});

Deno.test("every step of a service, in every state, reports what it should and nothing else", () => {
  assertEquals(after(), {
    checkPoint: ["starting 2"],
    run: ["running 0"],
    stop: ["stopping 1"],
    end: ["stopped 0"],
  });
  assertEquals(after(run), { checkPoint: [], run: [], stop: ["stopping 1"], end: ["stopped 0"] });
  for (const steps of [[stop], [run, stop]]) {
    assertEquals(after(...steps), { checkPoint: ["stopping 2"], run: [], stop: [], end: ["stopped 0"] });
  }
  for (const steps of [[end], [run, end], [stop, end], [run, stop, end]]) {
    assertEquals(after(...steps), { checkPoint: [], run: [], stop: [], end: [] });
  }
});

Deno.test("checkpoints grow by one while a service is starting, and begin again while it is stopping", () => {
  const { state, reported } = service();
  for (const step of [checkPoint, checkPoint, stop, checkPoint, checkPoint, end]) step(state);
  assertEquals(reported(), [
    "starting 1",
    "starting 2",
    "starting 3",
    "stopping 1",
    "stopping 2",
    "stopping 3",
    "stopped 0",
  ]);
});

Deno.test("a service accepts STOP and SHUTDOWN while it runs, and no control before and after", () => {
  const { state, last } = service();
  const accepted = [run, stop, end].map((step) => {
    step(state);
    return last().accepts;
  });
  assertEquals(accepted, [BOTH, 0, 0]);
});

Deno.test("only the first request to stop counts, and none does after the end", () => {
  const { state } = service();
  assertEquals([state.isStarting, state.stop(), state.stop(), state.isStarting], [true, true, false, false]);
  state.end(0);
  assertEquals(state.stop(), false);
});

Deno.test("a service that was asked to stop while it was starting does not come to run", () => {
  const { state, last } = service();
  stop(state);
  run(state);
  assertEquals(last().state, "stopping");
});

Deno.test("the exit code of a failure is one of the service itself, and the first one stays", () => {
  const { state, last } = service();
  state.end(5);
  state.end(6);
  assertEquals([last().win32ExitCode, last().specificExitCode], [1066, 5]);
});
