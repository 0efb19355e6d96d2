import { assert } from "@std/assert";
import { toWideString } from "../../../src/windows/wide_string.ts";

const SUOI_FORCEDELETE = 1;

const INF = `[Version]
Signature = "$Windows NT$"
Class = Net
ClassGUID = {4D36E972-E325-11CE-BFC1-08002BE10318}
Provider = "older Wintun"
DriverVer = 01/27/2021, 0.13.0.0

[Manufacturer]
"older Wintun" = Older, NTamd64

[Older.NTamd64]
"older Wintun" = Install, Wintun

[Install.NTamd64]
`;

/** Puts the driver of Wintun 0.13 in the place of the one that is installed. */
export async function installOldDriver(): Promise<void> {
  const setupapi = Deno.dlopen("C:\\Windows\\System32\\setupapi.dll", {
    SetupCopyOEMInfW: {
      parameters: ["buffer", "pointer", "u32", "u32", "pointer", "u32", "pointer", "pointer"],
      result: "i32",
    },
    SetupUninstallOEMInfW: { parameters: ["buffer", "u32", "pointer"], result: "i32" },
  });
  const folder = await Deno.makeTempDir();
  const path = `${folder}\\wintun.inf`;
  await Deno.writeTextFile(path, INF.replaceAll("\n", "\r\n"));
  for (const { name } of Deno.readDirSync("C:\\windows\\inf")) {
    if (/^(oem\d+|wintun)\.inf$/i.test(name)) {
      setupapi.symbols.SetupUninstallOEMInfW(toWideString(name), SUOI_FORCEDELETE, null);
    }
  }
  const copied = setupapi.symbols.SetupCopyOEMInfW(toWideString(path), null, 0, 0, null, 0, null, null);
  setupapi.close();
  await Deno.remove(folder, { recursive: true });
  assert(copied !== 0, "Windows does not take the driver");
}
