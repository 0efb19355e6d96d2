import { assert } from "@std/assert";
import { IUNKNOWN_VTBL } from "../../src/windows/com.ts";
import { TOKEN_ELEVATION } from "../../src/windows/elevation.ts";
import * as iphlpapi from "../../src/windows/network/layout.ts";
import {
  IENUM_NETWORK_CONNECTIONS_VTBL,
  INETWORK_CONNECTION_VTBL,
  INETWORK_LIST_MANAGER_VTBL,
  INETWORK_VTBL,
} from "../../src/windows/network/network_list.ts";
import { MEMORY_BASIC_INFORMATION } from "../../src/windows/memory.ts";
import { LUID_AND_ATTRIBUTES, TOKEN_PRIVILEGES } from "../../src/windows/privileges.ts";
import { SECURITY_ATTRIBUTES } from "../../src/windows/security.ts";
import { BY_HANDLE_FILE_INFORMATION } from "../../src/windows/file.ts";
import {
  QUERY_SERVICE_CONFIGW,
  SC_ACTION,
  SERVICE_FAILURE_ACTIONSW,
} from "../../src/windows/services/service_config.ts";
import { SERVICE_TABLE_ENTRYW } from "../../src/windows/services/service_dispatcher.ts";
import { SERVICE_STATUS, SERVICE_STATUS_PROCESS } from "../../src/windows/services/service_status.ts";
import { CRYPT_PROVIDER_CERT, WINTRUST_DATA, WINTRUST_FILE_INFO } from "../../src/windows/wintrust.ts";
import * as setupapi from "../../src/windows/setupapi_layout.ts";

// tests/on_windows/system compares them with the headers; here, on every machine, only against themselves.
const LAYOUTS: Record<string, Record<string, number>> = {
  ...iphlpapi,
  ...setupapi,
  BY_HANDLE_FILE_INFORMATION,
  CRYPT_PROVIDER_CERT,
  IENUM_NETWORK_CONNECTIONS_VTBL,
  INETWORK_CONNECTION_VTBL,
  INETWORK_LIST_MANAGER_VTBL,
  INETWORK_VTBL,
  IUNKNOWN_VTBL,
  LUID_AND_ATTRIBUTES,
  MEMORY_BASIC_INFORMATION,
  QUERY_SERVICE_CONFIGW,
  SC_ACTION,
  SECURITY_ATTRIBUTES,
  SERVICE_FAILURE_ACTIONSW,
  SERVICE_STATUS,
  SERVICE_STATUS_PROCESS,
  SERVICE_TABLE_ENTRYW,
  TOKEN_ELEVATION,
  TOKEN_PRIVILEGES,
  WINTRUST_DATA,
  WINTRUST_FILE_INFO,
};

for (const [name, { size, ...fields }] of Object.entries(LAYOUTS)) {
  Deno.test(`${name} has its fields inside of it, each at its own place, in the order of the header`, () => {
    const offsets = Object.values(fields);
    assert(offsets.every((offset) => offset < size), "a field lies outside");
    assert(offsets.every((offset, index) => index === 0 || offset > offsets[index - 1]), "out of order");
    assert(size % 2 === 0);
  });
}

Deno.test("no layout has a field that nothing in src reads", () => {
  const source = sources(new URL("../../src/", import.meta.url)).join("\n");
  for (const [name, { size: _size, ...fields }] of Object.entries(LAYOUTS)) {
    // A layout that a function is given, as `layout`, is read by that name there.
    const isHandedOn = new RegExp(`\\b${name}[,)]`).test(source);
    for (const field of Object.keys(fields)) {
      const isDestructured = new RegExp(`\\{[^}]*\\b${field}\\b[^}]*\\} = ${name}\\b`).test(source);
      const isRead = new RegExp(`\\b${name}\\.${field}\\b`).test(source);
      assert(
        isRead || isDestructured || (isHandedOn && source.includes(`layout.${field}`)),
        `${name}.${field}`,
      );
    }
  }
});

function sources(folder: URL): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) =>
    isDirectory ? sources(new URL(`${name}/`, folder)) : [Deno.readTextFileSync(new URL(name, folder))]
  );
}
