import { addressOf, fixedMemory } from "./fixed_memory.ts";
import { parseGuid } from "../wire/guid.ts";
import { type BoundFunctions, systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { fromWideString, toWideString } from "./wide_string.ts";

/** The functions of wintrust.dll and crypt32.dll that verify an Authenticode signature and name its signer. */
export const WINTRUST_FUNCTIONS = systemFunctions("wintrust", {
  WinVerifyTrust: {
    parameters: ["pointer", /* HWND hwnd */ "buffer", /* GUID *pgActionID */ "buffer" /* LPVOID pWVTData */],
    result: "i32",
  },
  WTHelperProvDataFromStateData: {
    parameters: ["pointer" /* HANDLE hStateData */],
    result: "pointer", /* CRYPT_PROVIDER_DATA * */
  },
  WTHelperGetProvSignerFromChain: {
    parameters: [
      "pointer", /* CRYPT_PROVIDER_DATA *pProvData */
      "u32", /* DWORD idxSigner */
      "i32", /* BOOL fCounterSigner */
      "u32", /* DWORD idxCounterSigner */
    ],
    result: "pointer", /* CRYPT_PROVIDER_SGNR * */
  },
  WTHelperGetProvCertFromChain: {
    parameters: ["pointer", /* CRYPT_PROVIDER_SGNR *pSgnr */ "u32" /* DWORD idxCert */],
    result: "pointer", /* CRYPT_PROVIDER_CERT * */
  },
});

export const CERTIFICATE_FUNCTIONS = systemFunctions("crypt32", {
  CertGetNameStringW: {
    parameters: [
      "pointer", /* PCCERT_CONTEXT pCertContext */
      "u32", /* DWORD dwType */
      "u32", /* DWORD dwFlags */
      "buffer", /* void *pvTypePara */
      "buffer", /* LPWSTR pszNameString */
      "u32", /* DWORD cchNameString */
    ],
    result: "u32",
  },
});

/** WINTRUST_FILE_INFO on 64-bit Windows (wintrust.h). */
export const WINTRUST_FILE_INFO = {
  size: 32,
  cbStruct: 0,
  pcwszFilePath: 8,
  hFile: 16,
} as const;

/** WINTRUST_DATA on 64-bit Windows (wintrust.h); `pFile` is a member of its union. */
export const WINTRUST_DATA = {
  size: 80,
  cbStruct: 0,
  dwUIChoice: 24,
  fdwRevocationChecks: 28,
  dwUnionChoice: 32,
  pFile: 40,
  dwStateAction: 48,
  hWVTStateData: 56,
  dwProvFlags: 72,
} as const;

/** CRYPT_PROVIDER_CERT on 64-bit Windows (wintrust.h). */
export const CRYPT_PROVIDER_CERT = { size: 88, pCert: 8 } as const;

/** WINTRUST_ACTION_GENERIC_VERIFY_V2 (softpub.h): verifies a file by the rules of Authenticode. */
const GENERIC_VERIFY_V2 = parseGuid("00aac56b-cd44-11d0-8cc2-00c04fc295ee")!;
const WTD_UI_NONE = 2;
const WTD_REVOKE_NONE = 0;
const WTD_CHOICE_FILE = 1;
const WTD_STATEACTION_VERIFY = 1;
const WTD_STATEACTION_CLOSE = 2;
/**
 * Builds the certificate chain only from certificates on this machine: the check must not need or wait for a network.
 */
const WTD_CACHE_ONLY_URL_RETRIEVAL = 0x1000;
const WTD_DISABLE_MD2_MD4 = 0x2000;
const CERT_NAME_ATTR_TYPE = 3;
/** szOID_COMMON_NAME and szOID_ORGANIZATION_NAME (wincrypt.h). */
const COMMON_NAME = "2.5.4.3";
const ORGANIZATION = "2.5.4.10";
const MAX_NAME_UNITS = 256;

/** The result of verifying a file's signature. */
export interface Signature {
  /** 0 if the signature is valid; otherwise the reason from WinVerifyTrust, an HRESULT as an unsigned number. */
  readonly status: number;
  /** The subject of the certificate of a valid signature. */
  readonly signer?: { readonly commonName: string; readonly organization: string };
}

/**
 * Verifies the embedded Authenticode signature of an open file ("WinVerifyTrust function", Windows documentation). A
 * valid signature matches the bytes of the file, and its certificate chain ends at a root that this machine trusts for
 * code. Revocation is not checked, because that needs a network.
 *
 * @param file open for reading; `path` is its path.
 */
export function verifySignature(
  libraries: SystemLibraries,
  file: { readonly handle: Deno.PointerObject; readonly path: string },
): Signature {
  const wintrust = libraries.bind(WINTRUST_FUNCTIONS);
  const wide = toWideString(file.path);
  const info = new DataView(fixedMemory(WINTRUST_FILE_INFO.size));
  info.setUint32(WINTRUST_FILE_INFO.cbStruct, WINTRUST_FILE_INFO.size, true);
  info.setBigUint64(WINTRUST_FILE_INFO.pcwszFilePath, addressOf(wide.buffer), true);
  info.setBigUint64(WINTRUST_FILE_INFO.hFile, Deno.UnsafePointer.value(file.handle), true);
  const data = new DataView(fixedMemory(WINTRUST_DATA.size));
  data.setUint32(WINTRUST_DATA.cbStruct, WINTRUST_DATA.size, true);
  data.setUint32(WINTRUST_DATA.dwUIChoice, WTD_UI_NONE, true);
  data.setUint32(WINTRUST_DATA.fdwRevocationChecks, WTD_REVOKE_NONE, true);
  data.setUint32(WINTRUST_DATA.dwUnionChoice, WTD_CHOICE_FILE, true);
  data.setBigUint64(WINTRUST_DATA.pFile, addressOf(info.buffer as ArrayBuffer), true);
  data.setUint32(WINTRUST_DATA.dwStateAction, WTD_STATEACTION_VERIFY, true);
  data.setUint32(WINTRUST_DATA.dwProvFlags, WTD_CACHE_ONLY_URL_RETRIEVAL | WTD_DISABLE_MD2_MD4, true);
  try {
    const status = wintrust.WinVerifyTrust(null, GENERIC_VERIFY_V2, data.buffer) >>> 0;
    if (status !== 0) return { status };
    const state = Deno.UnsafePointer.create(data.getBigUint64(WINTRUST_DATA.hWVTStateData, true));
    return { status, ...signerOf(libraries, wintrust, state) };
  } finally {
    data.setUint32(WINTRUST_DATA.dwStateAction, WTD_STATEACTION_CLOSE, true);
    wintrust.WinVerifyTrust(null, GENERIC_VERIFY_V2, data.buffer);
    // Windows received only the addresses of these. This use keeps them alive until here.
    void [wide, info];
  }
}

/** Returns the first signer, which is the one that WinVerifyTrust verified. */
function signerOf(
  libraries: SystemLibraries,
  wintrust: BoundFunctions<typeof WINTRUST_FUNCTIONS>,
  state: Deno.PointerValue,
): Pick<Signature, "signer"> {
  const provider = wintrust.WTHelperProvDataFromStateData(state);
  const signer = provider === null ? null : wintrust.WTHelperGetProvSignerFromChain(provider, 0, 0, 0);
  const entry = signer === null ? null : wintrust.WTHelperGetProvCertFromChain(signer, 0);
  if (entry === null) return {};
  const certificate = new Deno.UnsafePointerView(entry).getPointer(CRYPT_PROVIDER_CERT.pCert);
  const { CertGetNameStringW } = libraries.bind(CERTIFICATE_FUNCTIONS);
  const attribute = (oid: string): string => {
    const type = new TextEncoder().encode(`${oid}\0`);
    const units = new Uint16Array(MAX_NAME_UNITS);
    CertGetNameStringW(certificate, CERT_NAME_ATTR_TYPE, 0, type, units, units.length);
    return fromWideString(units);
  };
  return { signer: { commonName: attribute(COMMON_NAME), organization: attribute(ORGANIZATION) } };
}
