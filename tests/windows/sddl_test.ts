import { assertEquals, assertThrows } from "@std/assert";
import { parseSddl } from "../../src/windows/sddl.ts";

Deno.test("parseSddl() reads owner and trustees", () => {
  assertEquals(parseSddl("O:BAG:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"), {
    owner: "BA",
    grants: [
      { trustee: "SY", rights: 0x1F01FF, isInheritOnly: false },
      { trustee: "BA", rights: 0x1F01FF, isInheritOnly: false },
    ],
  });
});

Deno.test("parseSddl() reads SIDs in full, without a group", () => {
  const sddl = "O:S-1-5-21-1-2-3-1000D:AI(A;ID;0x1200a9;;;WD)(A;;FA;;;S-1-5-21-1-2-3-1000)";
  assertEquals(parseSddl(sddl), {
    owner: "S-1-5-21-1-2-3-1000",
    grants: [
      { trustee: "WD", rights: 0x1200A9, isInheritOnly: false },
      { trustee: "S-1-5-21-1-2-3-1000", rights: 0x1F01FF, isInheritOnly: false },
    ],
  });
});

Deno.test("parseSddl() leaves out what denies, and reads on behind a condition", () => {
  const { grants } = parseSddl(
    'O:BAD:(D;;FA;;;BU)(XA;;FX;;;S-1-1-0;(@User.Title=="PM" && (1==1)))(A;;FA;;;WD)',
  );
  assertEquals(grants?.map(({ trustee }) => trustee), ["S-1-1-0", "WD"]);
});

Deno.test("parseSddl() tells no list, which lets everybody in, from an empty one, which lets nobody in", () => {
  assertEquals(parseSddl("O:BAG:BA").grants, undefined);
  assertEquals(parseSddl("O:BAD:NO_ACCESS_CONTROL").grants, undefined);
  assertEquals(parseSddl("O:BAD:P").grants, []);
});

Deno.test("parseSddl() reads rights by number and by name, and which entries are for children only", () => {
  const { grants } = parseSddl(
    "O:BAD:(A;OICIIO;SDGXGWGR;;;AU)(A;CIID;DCLCRPCR;;;BU)(A;;0x1301bf;;;SY)(A;IO;KA;;;WD)",
  );
  assertEquals(grants, [
    { trustee: "AU", rights: 0xE001_0000, isInheritOnly: true },
    { trustee: "BU", rights: 0x116, isInheritOnly: false },
    { trustee: "SY", rights: 0x1301BF, isInheritOnly: false },
    { trustee: "WD", rights: 0xFFFF_FFFF, isInheritOnly: true },
  ]);
});

Deno.test("parseSddl() refuses a descriptor without an owner", () => {
  assertThrows(() => parseSddl("D:P(A;;FA;;;SY)"), Error, "owner");
});
