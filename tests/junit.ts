/** Reads the JUnit reports of `deno test`. */

/** A test that failed, and why. */
export interface Failure {
  readonly test: string;
  /** What it threw: the message, and where it was thrown. */
  readonly message: string;
}

/** What a report counts. A step counts as a test. */
export interface Report {
  readonly passed: number;
  readonly ignored: number;
  readonly failures: readonly Failure[];
}

/** Reads a report. An empty text is one without tests: there is none if a test file cannot be loaded. */
export function readJunit(xml: string): Report {
  const root = /<testsuites\b[^>]*>/.exec(xml)?.[0] ?? "";
  const tests = Number(/\btests="(\d+)"/.exec(root)?.[1] ?? 0);
  const ignored = xml.match(/<skipped\b/g)?.length ?? 0;
  const failures: Failure[] = [];
  for (const [, name, body] of xml.matchAll(/<testcase name="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g)) {
    const failure = /<(?:failure|error)\b[^>]*>([\s\S]*?)<\/(?:failure|error)>/.exec(body);
    if (failure !== null) failures.push({ test: plainText(name), message: plainText(failure[1]) });
  }
  return { passed: tests - failures.length - ignored, ignored, failures };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function plainText(xml: string): string {
  return xml.replaceAll(/&(\w+);/g, (entity, name) => ENTITIES[name] ?? entity);
}
