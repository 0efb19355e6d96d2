/**
 * Windows elevates a program whose manifest asks for it, and so does Wine: by default its processes hold the limited half of an
 * administrator's linked pair of tokens. A program without a manifest in it takes the file beside it, `PROGRAM.exe.manifest`.
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
