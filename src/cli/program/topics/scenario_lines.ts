/** Returns a scenario as the lines of a JSON file: one for each property, and one for each object in a list. */
export function scenarioLines(scenario: Readonly<Record<string, unknown>>): string[] {
  const properties = Object.entries(scenario).map(([name, value]) => {
    if (!Array.isArray(value) || !value.some(isObject)) return [`  "${name}": ${inOneLine(value)}`];
    const elements = value.map((element) => `    ${inOneLine(element)}`);
    return [`  "${name}": [`, ...withCommas(elements.map((line) => [line])), "  ]"];
  });
  return ["{", ...withCommas(properties), "}"];
}

/** Puts a comma behind each part but the last. */
function withCommas(parts: readonly (readonly string[])[]): string[] {
  return parts.flatMap((lines, index) =>
    index === parts.length - 1 ? lines : [...lines.slice(0, -1), `${lines.at(-1)},`]
  );
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function inOneLine(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\n */g, " ").replaceAll("[ ", "[").replaceAll(" ]", "]");
}
