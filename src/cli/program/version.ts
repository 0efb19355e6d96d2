import release from "../../../vendor/wintun/release.json" with { type: "json" };
import { PROGRAM_VERSION } from "../../tun/program_version.ts";
import { refuseOperands } from "../arguments/operands.ts";
import { type Command, defineCommand } from "../command.ts";
import { EXIT } from "../process/exit_codes.ts";

export const version: Command = defineCommand({
  name: "version",
  summary: "Show the versions of this program and of its parts",
  usage: "[options]",
  description: [
    "Shows the version of this program, the release of wintun.dll that it is made for, and the runtime inside it. " +
    "Loads no driver and needs no administrator.",
  ],
  options: {},
  examples: [
    { command: "wintun version", does: "Print the versions, one a line" },
    { command: "wintun version --json", does: "The same for programs" },
  ],
  run({ output }, { operands }): number {
    refuseOperands(operands, "version");
    const versions = {
      version: PROGRAM_VERSION,
      wintun: release.version,
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      os: Deno.build.os,
      arch: Deno.build.arch,
    };
    if (output.json) {
      output.resultJson(versions);
    } else {
      output.result(`wintun ${versions.version} (${versions.os} ${versions.arch})`);
      output.result(`wintun.dll ${versions.wintun}`);
      output.result(`deno ${versions.deno}, v8 ${versions.v8}`);
    }
    return EXIT.done;
  },
});
