import { assert, assertEquals } from "@std/assert";
import { TOKEN_FUNCTIONS } from "../../../src/windows/elevation.ts";
import { TOKEN_QUERY, withOwnToken } from "../../../src/windows/own_token.ts";
import {
  keepPrivileges,
  LOAD_DRIVER,
  LUID_AND_ATTRIBUTES,
  TOKEN_PRIVILEGES,
} from "../../../src/windows/privileges.ts";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";

const TokenPrivileges = 3;
/** SE_LOAD_DRIVER_PRIVILEGE (wdm.h) */
const LOAD_DRIVER_LUID = 10;

/** The LUIDs of the privileges of this process. */
function ownPrivileges(libraries: SystemLibraries): number[] {
  const view = new DataView(new ArrayBuffer(4096));
  withOwnToken(libraries, TOKEN_QUERY, "Cannot read privileges", (token) => {
    const { GetTokenInformation } = libraries.bind(TOKEN_FUNCTIONS);
    const done = GetTokenInformation(
      token,
      TokenPrivileges,
      view.buffer,
      view.byteLength,
      new Uint32Array(1),
    );
    assert(done !== 0);
  });
  return Array.from({ length: view.getUint32(TOKEN_PRIVILEGES.PrivilegeCount, true) }, (_, index) => {
    const at = TOKEN_PRIVILEGES.Privileges + index * LUID_AND_ATTRIBUTES.size;
    return Number(view.getBigUint64(at + LUID_AND_ATTRIBUTES.Luid, true));
  });
}

// In a process of its own: nothing gives them back.
if (import.meta.main && Deno.args[0] === "give up") {
  using libraries = new SystemLibraries();
  const before = ownPrivileges(libraries);
  keepPrivileges(libraries, LOAD_DRIVER);
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify([before, ownPrivileges(libraries)])));
} else {
  Deno.test("a process keeps the privilege that it names, and no other", async () => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", import.meta.filename!, "give up"],
      stdin: "null",
      stderr: "inherit",
    }).output();
    const [before, after] = JSON.parse(new TextDecoder().decode(stdout));
    assert(before.length > 1 && before.includes(LOAD_DRIVER_LUID), `${before}`);
    assertEquals(after, [LOAD_DRIVER_LUID]);
  });
}
