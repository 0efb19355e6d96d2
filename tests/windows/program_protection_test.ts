import { assertEquals } from "@std/assert";
import { describeWeakness, type Weakness } from "../../src/windows/program_protection.ts";

const DESCRIPTIONS: readonly (readonly [Weakness, string])[] = [
  [{ kind: "writer", path: "C:\\tools", account: "AU" }, "C:\\tools can be changed by all users"],
  [{ kind: "writer", path: "C:\\x", account: "S-1-5-21-1" }, "C:\\x can be changed by S-1-5-21-1"],
  [{ kind: "link", path: "C:\\link" }, "C:\\link is a link"],
  [{ kind: "network", path: "Z:" }, "Z: is on another machine"],
  [{ kind: "removable", path: "E:" }, "E: is a disk that can be taken out"],
  [{ kind: "no disk", path: "D:" }, "D: is no disk of this machine"],
  [
    { kind: "substituted", path: "S:", target: "C:\\tools" },
    "S: is not a disk but stands for C:\\tools",
  ],
];

for (const [weakness, description] of DESCRIPTIONS) {
  Deno.test(`describeWeakness() says of a ${weakness.kind}: ${description}`, () => {
    assertEquals(describeWeakness(weakness), description);
  });
}
