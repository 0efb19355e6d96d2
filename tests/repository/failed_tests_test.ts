/** That whoever reads the end of the Windows tier's output sees which tests failed, and why. */

import { assertEquals } from "@std/assert";
import type { Group } from "../on_windows/groups.ts";
import { isPassed, outcomeOf, summary } from "../on_windows/outcome.ts";

const GROUP: Group = { title: "A group", on: "windows", paths: [] };
const CASES = [
  '<testcase name="it works" time="0.1"></testcase>',
  '<testcase name="left out"><skipped/></testcase>',
  '<testcase name="a &lt; &quot;b&quot;"><failure message="no">AssertionError: 1 &amp; 2\n\n\n  at here</failure></testcase>',
];

const report = (...cases: string[]): string =>
  `<?xml version="1.0"?><testsuites name="deno test" tests="${cases.length}" failures="1"><testsuite>${
    cases.join("\n")
  }</testsuite></testsuites>`;

const outcome = (xml: string, code: number, isFiltered = false): ReturnType<typeof outcomeOf> =>
  outcomeOf(GROUP, { xml, code, validated: 0, isFiltered });

Deno.test("the summary has the sums of a group, and names each failed test with what it threw", () => {
  assertEquals(summary([outcome(report(...CASES), 1)]), [
    "A group: 1 passed, 1 failed, 1 ignored",
    "",
    'FAILED A group: a < "b"',
    "  AssertionError: 1 & 2",
    "    at here",
  ]);
});

Deno.test("the summary shows the first lines of the first failures, and only the names of the others", () => {
  const message = Array.from({ length: 1000 }, (_, line) => `line ${line}`).join("\n");
  const cases = Array.from(
    { length: 30 },
    (_, number) => `<testcase name="test ${number}"><failure message="no">${message}</failure></testcase>`,
  );
  const lines = summary([outcome(report(...cases), 1)]);
  assertEquals(lines.filter((line) => line.startsWith("FAILED ")).length, 30);
  assertEquals(lines.length < 150, true, `${lines.length} lines`);
});

Deno.test("a group fails whose test files cannot be loaded, and one without a test unless tests were chosen", () => {
  const messages = (one: ReturnType<typeof outcomeOf>): string[] =>
    one.failures.map(({ message }) => message);
  assertEquals(messages(outcome("", 1)), ["deno test ended with 1"]);
  assertEquals(messages(outcome("", 0)), ["no test has passed"]);
  assertEquals(messages(outcome("", 0, true)), []);
});

Deno.test("all groups together fail if one fails, and if no test of any was run", () => {
  const [passed, none] = [outcome(report(CASES[0]), 0, true), outcome("", 0, true)];
  assertEquals(isPassed([passed, none]), true);
  assertEquals(isPassed([none, none]), false);
  assertEquals(isPassed([passed, outcome(report(...CASES), 1)]), false);
  assertEquals(isPassed([]), false);
});
