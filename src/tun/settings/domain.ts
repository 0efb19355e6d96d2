/** The longest label and the longest domain, in bytes (RFC 1035 section 2.3.4; RFC 1123 section 2.1). */
const MAX_LABEL_BYTES = 63;
const MAX_DOMAIN_BYTES = 253;

/**
 * Returns why a text is no domain, as a clause: `it has an empty label`. `undefined` if it is one: labels of letters, digits,
 * hyphens and underscores, with dots between them and without a dot at the end. Letters may be of any script. The last label is
 * no number, so that no domain looks like an address (RFC 3696 section 2).
 */
export function domainFault(text: string): string | undefined {
  const labels = text.split(".");
  if (text === "") return "it is empty";
  if (labels.includes("")) return "it has an empty label";
  if (!/^[\p{L}\p{M}\p{N}_.-]*$/u.test(text)) {
    return "it has a character that is no letter, digit, hyphen or underscore";
  }
  if (labels.some((label) => /^-|-$/.test(label))) return "a label begins or ends with a hyphen";
  if (labels.some((label) => byteLength(label) > MAX_LABEL_BYTES)) {
    return `a label has more than ${MAX_LABEL_BYTES} bytes`;
  }
  if (byteLength(text) > MAX_DOMAIN_BYTES) return `it has more than ${MAX_DOMAIN_BYTES} bytes`;
  return /^\d+$/.test(labels.at(-1)!) ? "its last label is a number" : undefined;
}

/** Returns the domain that a text is. @throws {SyntaxError} if it is none. */
export function parseDomain(text: string): string {
  const fault = domainFault(text);
  if (fault === undefined) return text;
  throw new SyntaxError(`"${text}" is no domain: ${fault}`);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
