/**
 * A manifest that requests elevation. Windows and Wine elevate a program with such a manifest. Without it, Wine gives a
 * process the limited half of an administrator's linked pair of tokens. A program without an embedded manifest uses the
 * file beside it, `PROGRAM.exe.manifest`.
 */
export const elevatedManifest = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security>
      <requestedPrivileges>
        <requestedExecutionLevel level="requireAdministrator" uiAccess="false"/>
      </requestedPrivileges>
    </security>
  </trustInfo>
</assembly>
`;
