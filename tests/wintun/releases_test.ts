import { assertEquals } from "@std/assert";
import { findRelease, PINNED_RELEASES, wintunGeneration } from "../../src/wintun/releases.ts";

Deno.test("findRelease() knows every pinned file by its SHA-256, in either case", () => {
  assertEquals(PINNED_RELEASES.map((release) => release.architecture), ["amd64", "arm64"]);
  for (const release of PINNED_RELEASES) {
    assertEquals(findRelease(release.sha256, release.architecture), release);
    assertEquals(findRelease(release.sha256.toUpperCase(), release.architecture), release);
  }
});

Deno.test("findRelease() knows no pinned file for the other architecture, and no other file", () => {
  const [amd64, arm64] = PINNED_RELEASES;
  assertEquals(findRelease(amd64.sha256, "arm64"), undefined);
  assertEquals(findRelease(arm64.sha256, "amd64"), undefined);
  assertEquals(findRelease("0".repeat(64), "amd64"), undefined);
  assertEquals(findRelease("", "amd64"), undefined);
});

Deno.test("wintunGeneration() tells 0.14 from the DLLs that freed their adapters, and both from other DLLs", () => {
  assertEquals(wintunGeneration(["WintunCreateAdapter", "WintunCloseAdapter"]), "0.14");
  assertEquals(
    wintunGeneration(["WintunCreateAdapter", "WintunDeleteAdapter", "WintunFreeAdapter"]),
    "0.9 to 0.13",
  );
  assertEquals(wintunGeneration(["TapCreateAdapter"]), undefined);
  assertEquals(wintunGeneration([]), undefined);
});
