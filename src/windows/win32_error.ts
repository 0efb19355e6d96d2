/** The codes that this program names or expects (winerror.h), with the text for the user. */
const KNOWN: Readonly<Record<number, readonly [symbol: string, reason: string]>> = {
  2: ["ERROR_FILE_NOT_FOUND", "the file was not found"],
  3: ["ERROR_PATH_NOT_FOUND", "the path was not found"],
  5: ["ERROR_ACCESS_DENIED", "access is denied"],
  6: ["ERROR_INVALID_HANDLE", "the handle is invalid"],
  8: ["ERROR_NOT_ENOUGH_MEMORY", "there is not enough memory"],
  13: ["ERROR_INVALID_DATA", "the data is invalid"],
  14: ["ERROR_OUTOFMEMORY", "there is not enough memory"],
  32: ["ERROR_SHARING_VIOLATION", "another process is using it"],
  38: ["ERROR_HANDLE_EOF", "the adapter is being removed"],
  50: ["ERROR_NOT_SUPPORTED", "this is not supported"],
  52: ["ERROR_DUP_NAME", "the name is taken"],
  87: ["ERROR_INVALID_PARAMETER", "a parameter is not valid"],
  109: ["ERROR_BROKEN_PIPE", "the pipe has no other end any more"],
  111: ["ERROR_BUFFER_OVERFLOW", "the buffer is full or too small"],
  120: ["ERROR_CALL_NOT_IMPLEMENTED", "this Windows does not implement it"],
  122: ["ERROR_INSUFFICIENT_BUFFER", "the buffer is too small"],
  126: ["ERROR_MOD_NOT_FOUND", "the module was not found"],
  127: ["ERROR_PROC_NOT_FOUND", "the function was not found"],
  183: ["ERROR_ALREADY_EXISTS", "it exists already"],
  193: ["ERROR_BAD_EXE_FORMAT", "it is not an image for this processor"],
  232: ["ERROR_NO_DATA", "the pipe is being closed"],
  234: ["ERROR_MORE_DATA", "there is more data"],
  258: ["WAIT_TIMEOUT", "the wait timed out"],
  259: ["ERROR_NO_MORE_ITEMS", "there is nothing more"],
  997: ["ERROR_IO_PENDING", "it is under way"],
  1052: ["ERROR_INVALID_SERVICE_CONTROL", "the service does not accept this control"],
  1053: ["ERROR_SERVICE_REQUEST_TIMEOUT", "the service did not answer in time"],
  1055: ["ERROR_SERVICE_DATABASE_LOCKED", "the database of services is locked"],
  1056: ["ERROR_SERVICE_ALREADY_RUNNING", "the service runs already"],
  1058: ["ERROR_SERVICE_DISABLED", "the service is disabled"],
  1060: ["ERROR_SERVICE_DOES_NOT_EXIST", "the service is not installed"],
  1061: ["ERROR_SERVICE_CANNOT_ACCEPT_CTRL", "the service accepts no controls at this time"],
  1062: ["ERROR_SERVICE_NOT_ACTIVE", "the service does not run"],
  1066: ["ERROR_SERVICE_SPECIFIC_ERROR", "the service failed with a code of its own"],
  1067: ["ERROR_PROCESS_ABORTED", "the process ended unexpectedly"],
  1072: ["ERROR_SERVICE_MARKED_FOR_DELETE", "the service is about to be deleted"],
  1073: ["ERROR_SERVICE_EXISTS", "the service exists already"],
  1077: ["ERROR_SERVICE_NEVER_STARTED", "the service has not been started since Windows started"],
  1078: ["ERROR_DUPLICATE_SERVICE_NAME", "another service has this name"],
  1115: ["ERROR_SHUTDOWN_IN_PROGRESS", "Windows is shutting down"],
  1168: ["ERROR_NOT_FOUND", "it was not found"],
  1223: ["ERROR_CANCELLED", "it was cancelled"],
  1247: ["ERROR_ALREADY_INITIALIZED", "a session is open already"],
  1307: ["ERROR_INVALID_OWNER", "this process may not make administrators the owner"],
  1314: ["ERROR_PRIVILEGE_NOT_HELD", "a required privilege is not held"],
  1460: ["ERROR_TIMEOUT", "it has not answered in time"],
  4319: ["ERROR_DEVICE_NOT_AVAILABLE", "the device is not available"],
  1722: ["RPC_S_SERVER_UNAVAILABLE", "its service does not answer"],
  5010: ["ERROR_OBJECT_ALREADY_EXISTS", "it exists already"],
  0xE000_023D: ["ERROR_INF_IN_USE_BY_DEVICES", "a device uses the driver"],
  0x8004_0154: ["REGDB_E_CLASSNOTREG", "this Windows does not have this component"],
};

export const ERROR_FILE_NOT_FOUND = 2;
export const ERROR_PATH_NOT_FOUND = 3;
export const ERROR_ACCESS_DENIED = 5;
export const ERROR_INVALID_DATA = 13;
export const ERROR_SHARING_VIOLATION = 32;
export const ERROR_HANDLE_EOF = 38;
export const ERROR_DUP_NAME = 52;
export const ERROR_INVALID_PARAMETER = 87;
export const ERROR_BUFFER_OVERFLOW = 111;
export const ERROR_CALL_NOT_IMPLEMENTED = 120;
export const ERROR_INSUFFICIENT_BUFFER = 122;
export const ERROR_ALREADY_EXISTS = 183;
export const ERROR_MORE_DATA = 234;
export const ERROR_NO_MORE_ITEMS = 259;
export const ERROR_IO_PENDING = 997;
export const ERROR_SERVICE_ALREADY_RUNNING = 1056;
export const ERROR_SERVICE_DOES_NOT_EXIST = 1060;
export const ERROR_SERVICE_SPECIFIC_ERROR = 1066;
export const ERROR_PROCESS_ABORTED = 1067;
export const ERROR_SERVICE_MARKED_FOR_DELETE = 1072;
export const ERROR_SERVICE_EXISTS = 1073;
export const ERROR_DUPLICATE_SERVICE_NAME = 1078;
export const ERROR_NOT_FOUND = 1168;
export const ERROR_ALREADY_INITIALIZED = 1247;
export const ERROR_TIMEOUT = 1460;
export const ERROR_DEVICE_NOT_AVAILABLE = 4319;
export const ERROR_OBJECT_ALREADY_EXISTS = 5010;
/** The code of SetupUninstallOEMInf for a driver that a device uses (setupapi.h). */
export const ERROR_INF_IN_USE_BY_DEVICES = 0xE000_023D;

/**
 * Returns the Windows error code inside an HRESULT (HRESULT_FROM_WIN32, winerror.h). Any other code is returned
 * unchanged.
 */
export function win32CodeOf(code: number): number {
  return code >>> 16 === 0x8007 ? code & 0xFFFF : code;
}

/** A Windows error code that the caller did not expect. */
export class Win32Error extends Error {
  override readonly name = "Win32Error";
  /** The code from GetLastError or from the function's result; 0 to 4294967295. */
  readonly code: number;
  /** The name of the code in winerror.h, or "" if this program does not know it. */
  readonly symbol: string;
  /** The failed operation, as the start of a sentence: `Cannot open adapter "lab"`. */
  readonly operation: string;
  /** The meaning of the code, as part of a sentence. It has the code itself if this program does not know the meaning. */
  readonly reason: string;

  constructor(code: number, operation: string) {
    const [symbol, reason] = KNOWN[code] ?? ["", `Windows reports error ${formatCode(code)}`];
    super(`${operation}: ${reason}${symbol === "" ? "" : ` (${symbol}, ${code})`}`);
    this.code = code;
    this.symbol = symbol;
    this.operation = operation;
    this.reason = reason;
  }
}

/** Returns a code as Windows and its documentation write it: an HRESULT and the like in hexadecimal. */
function formatCode(code: number): string {
  return code < 0x1_0000 ? `${code}` : `0x${code.toString(16).toUpperCase().padStart(8, "0")}`;
}
