/** What became of the groups of tests, and how that is told. */

import { type Failure, readJunit } from "../junit.ts";
import type { Group } from "./groups.ts";

export interface Outcome extends Group {
  readonly passed: number;
  readonly ignored: number;
  /** The tests that failed, and what went wrong with the group as a whole. */
  readonly failures: readonly Failure[];
  /** How many outputs of the program the tests have validated by their schemas. */
  readonly validated: number;
}

/** How much is told of a failure, and of how many. */
const LINES = 20;
const FAILURES = 5;

/**
 * Returns the outcome of a group.
 * @param xml The JUnit report of `deno test`.
 * @param code The exit code of `deno test`.
 * @param isFiltered Whether some tests were chosen, of which a group may have none.
 */
export function outcomeOf(
  group: Group,
  { xml, code, validated, isFiltered }: { xml: string; code: number; validated: number; isFiltered: boolean },
): Outcome {
  const report = readJunit(xml);
  const failures = [...report.failures];
  if (code !== 0 && failures.length === 0) failures.push(ofGroup(`deno test ended with ${code}`));
  if (code === 0 && report.passed === 0 && !isFiltered) failures.push(ofGroup("no test has passed"));
  return { ...group, ...report, failures, validated };
}

/** Returns whether no test has failed, and whether one has passed at all: a filter may fit none. */
export function isPassed(outcomes: readonly Outcome[]): boolean {
  return outcomes.every(({ failures }) => failures.length === 0) && outcomes.some(({ passed }) => passed > 0);
}

/** A failure of a group as a whole. */
export function ofGroup(message: string): Failure {
  return { test: "the group as a whole", message };
}

/** The lines that tell of all groups: a sum of each, and then every failure with its first lines. */
export function summary(outcomes: readonly Outcome[]): string[] {
  const sums = outcomes.map(({ title, passed, failures, ignored }) =>
    `${title}: ${passed} passed, ${failures.length} failed, ${ignored} ignored`
  );
  const failures = outcomes.flatMap(({ title, failures }) =>
    failures.map(({ test, message }) => ({ heading: `FAILED ${title}: ${test}`, message }))
  );
  const told = failures.flatMap(({ heading, message }, index) => {
    const lines = message.split("\n").filter((line) => line.trim() !== "");
    return index < FAILURES ? ["", heading, ...lines.slice(0, LINES).map((line) => `  ${line}`)] : [heading];
  });
  return [...sums, ...told];
}
