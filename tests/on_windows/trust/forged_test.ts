import { assertStringIncludes } from "@std/assert";
import { isWindowsWorld } from "../libraries.ts";
import { assertRefused, folderTest, plant, tampered } from "./attacks.ts";

/** Signs a file with a new certificate of that name, which nobody vouches for, and forgets the certificate again. */
async function signAs(name: string, path: string): Promise<void> {
  const script = `
    $ErrorActionPreference = "Stop"
    $certificate = New-SelfSignedCertificate -Type CodeSigningCert -CertStoreLocation Cert:\\CurrentUser\\My \`
      -Subject "CN=${name}, O=${name}, C=US"
    try {
      Set-AuthenticodeSignature -FilePath $env:FILE_TO_SIGN -Certificate $certificate -HashAlgorithm SHA256 | Out-Null
    } finally {
      Remove-Item $certificate.PSPath
    }`;
  const { code, stderr } = await new Deno.Command("powershell", {
    args: ["-NoProfile", "-NonInteractive", "-Command", script],
    env: { FILE_TO_SIGN: path },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

// Wine does not look at the root of a certificate: tests/on_windows/from_linux shows what it does look at.
folderTest(
  "only on Windows: a wintun.dll signed by a WireGuard LLC of one's own is refused",
  async (folder) => {
    const path = plant(folder, tampered());
    await signAs("WireGuard LLC", path);
    const { message } = await assertRefused(path, "it is not a known release of Wintun");
    assertStringIncludes(message, "root certificate");
  },
  { ignore: isWindowsWorld },
);
