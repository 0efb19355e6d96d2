import { assertEquals, assertThrows } from "@std/assert";
import { domainFault } from "../../../src/tun/settings/domain.ts";
import { decodeSettings } from "../../../src/tun/settings/settings.ts";

const LONGEST = [..."abc"].map((letter) => letter.repeat(63)).join(".") + `.${"d".repeat(61)}`;

Deno.test("domainFault() accepts domains as DNS has them, with letters of any script", () => {
  const domains = ["lab", "lab.example", "_msdcs.corp", "7.6.10.in-addr.arpa", "xn--p1ai", "3com.example"];
  for (
    const domain of [...domains, "österreich.example", "भारत.example", "İ.example".toLowerCase(), LONGEST]
  ) {
    assertEquals(domainFault(domain), undefined, domain);
  }
});

const CHARACTER = "it has a character that is no letter, digit, hyphen or underscore";

for (
  const [text, fault] of [
    ["", "it is empty"],
    [".", "it has an empty label"],
    ["..", "it has an empty label"],
    ["a..b", "it has an empty label"],
    [".lab.example", "it has an empty label"],
    ["lab.example.", "it has an empty label"],
    ["*.lab.example", CHARACTER],
    ["lab.*", CHARACTER],
    ["lab example", CHARACTER],
    ["lab.example\n", CHARACTER],
    ["lab,example", CHARACTER],
    ["fd77::1", CHARACTER],
    ["-lab.example", "a label begins or ends with a hyphen"],
    ["lab-.example", "a label begins or ends with a hyphen"],
    [`${"a".repeat(64)}.example`, "a label has more than 63 bytes"],
    [`${"ö".repeat(32)}.example`, "a label has more than 63 bytes"],
    [`${LONGEST}d`, "it has more than 253 bytes"],
    ["1.2.3.4", "its last label is a number"],
    ["lab.1", "its last label is a number"],
    ["7", "its last label is a number"],
  ]
) {
  Deno.test(`domainFault() refuses ${JSON.stringify(text)}`, () => assertEquals(domainFault(text), fault));
}

for (
  const settings of [
    { dnsFor: ["1.2.3.4=10.6.7.1"] },
    { dnsFor: ["=10.6.7.1"] },
    { dnsSuffix: ["a..b"] },
    { dnsSearch: ["lab.example", "*"] },
  ]
) {
  Deno.test(`decodeSettings() refuses a domain that is none: ${JSON.stringify(settings)}`, () => {
    assertThrows(() => decodeSettings(settings), SyntaxError, "is no domain");
  });
}
