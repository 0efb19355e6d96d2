import { assert } from "@std/assert";
import { PROCESS_INFORMATION, STARTUPINFOEXW, STARTUPINFOW } from "../../src/windows/breakaway.ts";
import { TOKEN_ELEVATION } from "../../src/windows/elevation.ts";
import * as iphlpapi from "../../src/windows/network/layout.ts";
import {
  JOBOBJECT_BASIC_LIMIT_INFORMATION,
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
} from "../../src/windows/job.ts";
import { MEMORY_BASIC_INFORMATION } from "../../src/windows/kernel32.ts";
import { SECURITY_ATTRIBUTES } from "../../src/windows/security.ts";
import * as setupapi from "../../src/windows/setupapi_layout.ts";

// Against the headers they are held in tests/windows; here, on every machine, only against themselves.
const LAYOUTS: Record<string, Record<string, number>> = {
  ...iphlpapi,
  ...setupapi,
  JOBOBJECT_BASIC_LIMIT_INFORMATION,
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
  MEMORY_BASIC_INFORMATION,
  PROCESS_INFORMATION,
  SECURITY_ATTRIBUTES,
  STARTUPINFOEXW,
  STARTUPINFOW,
  TOKEN_ELEVATION,
};

for (const [name, { size, ...fields }] of Object.entries(LAYOUTS)) {
  Deno.test(`${name} has its fields inside of it, each at its own place, in the order of the header`, () => {
    const offsets = Object.values(fields);
    assert(offsets.every((offset) => offset < size), "a field lies outside");
    assert(offsets.every((offset, index) => index === 0 || offset > offsets[index - 1]), "out of order");
    assert(size % 2 === 0);
  });
}
