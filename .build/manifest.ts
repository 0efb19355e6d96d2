/**
 * The application manifest inside the executable ("Application manifests", Microsoft documentation). With it, Windows
 * ignores a manifest that lies beside the executable and could, for example, ask for elevation.
 *
 * - asInvoker: the program has the rights of whoever starts it. Most commands need none.
 * - supportedOS: Windows 10 and later, and the Windows Servers of that time.
 * - longPathAware: paths may be longer than 260 characters where Windows is set up for it.
 */
export const MANIFEST = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security>
      <requestedPrivileges>
        <requestedExecutionLevel level="asInvoker" uiAccess="false"/>
      </requestedPrivileges>
    </security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application>
      <supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/>
    </application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    </windowsSettings>
  </application>
</assembly>
`;
