/**
 * Bundles and compiles a program for Linux, with the Deno that runs this: ENTRY OUTPUT [EMBEDDED=FILE]..., as `deno task build`
 * does for Windows. ENTRY is relative to the project, EMBEDDED to the root of what is compiled.
 */
import { fromFileUrl } from "@std/path";
import { Bundle } from "../../../.build/bundle.ts";
import { compile } from "../../../.build/compile.ts";

const [entry, output, ...embedded] = Deno.args;
await using bundle = await Bundle.make(fromFileUrl(new URL("../../../", import.meta.url)), entry);
await compile(bundle, {
  target: "x86_64-unknown-linux-gnu",
  embed: Object.fromEntries(embedded.map((pair) => pair.split("="))),
  output,
});
