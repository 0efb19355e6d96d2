import { assertEquals } from "@std/assert";
import { denoVersionOf } from "../../.build/deno_version.ts";

const versionIn = (text: string): string | undefined => denoVersionOf(new TextEncoder().encode(text));

Deno.test("denoVersionOf() reads the version with the commit, and no other that looks like it", () => {
  assertEquals(versionIn("\0Exporter-Deno/0.79.0grpc\0D2.6.8Deno/2.6.8Deno/2.6.8+7ab62a77ab62a769"), "2.6.8");
  assertEquals(versionIn("Deno/2.10.11+7ab62a7"), "2.10.11");
});

Deno.test("denoVersionOf() finds none in other files, and none that is cut off", () => {
  for (const text of ["", "D", "Deno/", "Deno/2.6.8", "Deno/2.6.8+7ab6"]) {
    assertEquals(versionIn(text), undefined);
  }
});

Deno.test("denoVersionOf() reads the version of the Deno that runs this", async () => {
  assertEquals(denoVersionOf(await Deno.readFile(Deno.execPath())), Deno.version.deno);
});
