import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { AdapterInfo } from "../../src/tun/adapter_info.ts";
import { HostError } from "../../src/tun/host_error.ts";
import {
  findNamed,
  guidIsTaken,
  nameIsTaken,
  type OwnerKind,
  ownerKind,
  refuseOthers,
} from "../../src/tun/ownership.ts";
import { other } from "../cli/machine.ts";

const OWNERS: Record<OwnerKind, Partial<AdapterInfo>> = {
  "kept": { owner: { pid: 1, ours: true, role: "keeper" } },
  "served": { owner: { pid: 2, ours: true, role: "command" } },
  "other": {},
  "nobody": { state: "orphaned" },
  "not-wintun": { state: "foreign" },
};
const kinds = Object.keys(OWNERS) as OwnerKind[];

Deno.test("ownerKind() tells whose an adapter is, and a legacy one is another program's", () => {
  for (const kind of kinds) assertEquals(ownerKind(other(OWNERS[kind])), kind);
  assertEquals(ownerKind(other({ state: "legacy" })), "other");
});

Deno.test("refuseOthers() lets this program's adapters pass, others with force, and what is not Wintun's never", () => {
  for (const kind of kinds) {
    for (const force of [false, true]) {
      const check = (): void => refuseOthers("Cannot touch it", other(OWNERS[kind]), { force });
      const passes = kind === "kept" || kind === "served" || (force && kind !== "not-wintun");
      if (passes) check();
      else assertEquals(assertThrows(check, HostError).kind, "failed", kind);
    }
  }
});

Deno.test("findNamed() prefers the present name, and finds by the name of creation what is this program's only", () => {
  const renamed = other({ ...OWNERS.kept, name: "lab 1", createdAs: "lab" });
  const theirs = other({ name: "vpn 1", createdAs: "vpn", guid: "" });
  const named = other({ name: "LAB", guid: "" });
  assertEquals(findNamed([theirs, renamed], "Lab"), renamed);
  assertEquals(findNamed([renamed, named], "lab"), named);
  assertEquals(findNamed([theirs], "vpn"), undefined);
  assertEquals(findNamed([other({ ...OWNERS.kept, name: "lab" })], ""), undefined);
  const orphan = other({ ...OWNERS.nobody, name: "lab", guid: "" });
  assertEquals(findNamed([orphan, renamed], "lab"), renamed);
  assertEquals(findNamed([orphan], "lab"), orphan);
  assertEquals(findNamed([named, renamed], `{${renamed.guid.toUpperCase()}}`), renamed);
});

Deno.test("nameIsTaken() offers --if-not-exists for a kept adapter only", () => {
  for (const kind of kinds) {
    const { hint } = nameIsTaken("Cannot create it", other(OWNERS[kind]));
    assertEquals(hint.includes("--if-not-exists"), kind === "kept", kind);
  }
});

Deno.test("guidIsTaken() names the adapter that has the GUID as it is called now, and as it was created", () => {
  const renamed = other({ ...OWNERS.kept, name: "lab 1", createdAs: "lab" });
  const error = guidIsTaken("Cannot create it", renamed.guid, { name: "LAB" }, renamed);
  assertEquals(error.reason, `adapter "lab 1", created as "lab", has the GUID ${renamed.guid}`);
  assertStringIncludes(error.hint, "--if-not-exists");
  const elsewhere = guidIsTaken("Cannot create it", renamed.guid, { name: "other" }, renamed);
  assertEquals(elsewhere.hint.includes("--if-not-exists"), false);
  assertStringIncludes(elsewhere.reason, `${renamed.guid}, which follows from the name "other"`);
  assertStringIncludes(elsewhere.hint, 'wintun set "lab 1" --name "other"');
  const asked = guidIsTaken("Cannot create it", renamed.guid, { name: "other", guid: renamed.guid }, renamed);
  assertEquals(asked.hint, "Choose another GUID, or delete that adapter first.");
});

Deno.test("guidIsTaken() says how a device without an interface that has the GUID is removed", () => {
  const orphan = other(OWNERS.nobody);
  assertStringIncludes(
    guidIsTaken("Cannot create it", orphan.guid, { name: "lab" }, orphan).hint,
    `wintun delete ${orphan.guid} --force`,
  );
});
