import { pause } from "./load.ts";

const LOOK_PAUSE_MS = 20;

/** The behaviour of the threads of a process while they were watched. */
export interface ThreadActivity {
  /** How often all threads together went to sleep per second. Something woke them as often. */
  readonly sleepsPerSecond: number;
  /** Of a hundred samples, those in which the busiest thread was asleep. */
  readonly leastAsleepPercent: number;
}

/**
 * Watches the threads of a process for `ms` milliseconds. Unlike processor time, its counts do not depend on other programs
 * that keep the machine busy: a thread sleeps as often as it waits, and a thread that spins never sleeps.
 */
export async function watchThreads(pid: number, ms: number): Promise<ThreadActivity> {
  const start = performance.now();
  const before = threadsOf(pid);
  const looks = new Map<string, { asleep: number; all: number }>();
  while (performance.now() < start + ms) {
    for (const [thread, { isAsleep }] of threadsOf(pid)) {
      const { asleep, all } = looks.get(thread) ?? { asleep: 0, all: 0 };
      looks.set(thread, { asleep: asleep + Number(isAsleep), all: all + 1 });
    }
    await pause(LOOK_PAUSE_MS);
  }
  const sleeps = [...threadsOf(pid)].map(([thread, { sleeps }]) =>
    sleeps - (before.get(thread)?.sleeps ?? 0)
  );
  return {
    sleepsPerSecond: sleeps.reduce((sum, one) => sum + one, 0) * 1000 / (performance.now() - start),
    leastAsleepPercent: Math.min(...Array.from(looks.values(), ({ asleep, all }) => 100 * asleep / all)),
  };
}

/** Returns for each thread of a process whether it sleeps and how often it has gone to sleep (proc(5), status). */
function threadsOf(pid: number): Map<string, { readonly isAsleep: boolean; readonly sleeps: number }> {
  const threads = new Map();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    try {
      const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
      const sleeps = Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status)![1]);
      threads.set(name, { isAsleep: /^State:\s*S/m.test(status), sleeps });
    } catch (error) {
      // The thread has ended since the folder was read. To read its file gives ESRCH.
      if (!(error instanceof Error) || !/os error (2|3)\)/.test(error.message)) throw error;
    }
  }
  return threads;
}
