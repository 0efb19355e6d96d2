import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { win32CodeOf, Win32Error } from "./win32_error.ts";

export const COM_FUNCTIONS = systemFunctions("ole32", {
  CoInitializeEx: {
    parameters: ["pointer", /* LPVOID pvReserved */ "u32" /* DWORD dwCoInit */],
    result: "i32",
  },
  CoUninitialize: { parameters: [], result: "void" },
  CoCreateInstance: {
    parameters: [
      "buffer", /* REFCLSID rclsid */
      "pointer", /* LPUNKNOWN pUnkOuter */
      "u32", /* DWORD dwClsContext */
      "buffer", /* REFIID riid */
      "buffer", /* LPVOID *ppv */
    ],
    result: "i32",
  },
}, { without: "The category of an adapter's network can be neither set nor listed." });

const COINIT_MULTITHREADED = 0;
/** CLSCTX_ALL (combaseapi.h): the class may be in a DLL or in another process. */
const CLSCTX_ALL = 0x17;
/** This thread has COM already, as an apartment of another kind. It can be used all the same. */
const RPC_E_CHANGED_MODE = 0x8001_0106;

/** Offset of a method in the table of IUnknown, with which the table of every interface begins (unknwn.h). */
export const IUNKNOWN_VTBL = { size: 24, Release: 16 } as const;

/** What a method of a COM object can be given. A number is passed as 32 bits, anything else as a pointer to it. */
type Argument = number | Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

/** The use of COM by this thread. Every object that it creates has to be closed before it is closed. */
export class Com implements Disposable {
  readonly #libraries: SystemLibraries;
  readonly #isOwn: boolean;

  private constructor(libraries: SystemLibraries, isOwn: boolean) {
    this.#libraries = libraries;
    this.#isOwn = isOwn;
  }

  /**
   * Starts the use of COM (CoInitializeEx). The caller owns the result.
   * @param operation What it is for, as the start of a sentence.
   * @throws {Win32Error} if Windows refuses.
   */
  static start(libraries: SystemLibraries, operation: string): Com {
    const result = libraries.bind(COM_FUNCTIONS).CoInitializeEx(null, COINIT_MULTITHREADED) >>> 0;
    if (result !== RPC_E_CHANGED_MODE) check(result, operation);
    return new Com(libraries, result !== RPC_E_CHANGED_MODE);
  }

  /**
   * Creates an object of a class (CoCreateInstance). The caller owns it.
   * @param classId CLSID, as the bytes of a GUID structure.
   * @param interfaceId IID of the interface by which the object is used.
   * @throws {Win32Error} 0x80040154 (REGDB_E_CLASSNOTREG) if this Windows does not have the class.
   */
  create(
    classId: Uint8Array<ArrayBuffer>,
    interfaceId: Uint8Array<ArrayBuffer>,
    operation: string,
  ): ComObject {
    const object = new BigUint64Array(1);
    const { CoCreateInstance } = this.#libraries.bind(COM_FUNCTIONS);
    check(CoCreateInstance(classId, null, CLSCTX_ALL, interfaceId, object) >>> 0, operation);
    return new ComObject(object[0]);
  }

  [Symbol.dispose](): void {
    if (this.#isOwn) this.#libraries.bind(COM_FUNCTIONS).CoUninitialize();
  }
}

/** A COM object, used by one interface. Its owner disposes of it once. */
export class ComObject implements Disposable {
  readonly #object: Deno.PointerValue;
  readonly #table: Deno.UnsafePointerView;

  /** Takes ownership of a reference. @param address Address of the object; not 0. */
  constructor(address: bigint) {
    this.#object = Deno.UnsafePointer.create(address);
    const object = new Deno.UnsafePointerView(this.#object!);
    this.#table = new Deno.UnsafePointerView(object.getPointer()!);
  }

  /**
   * Calls a method. Returns its HRESULT if that reports success: 0, or 1 for S_FALSE.
   * @param offset Offset of the method in the table of the interface.
   * @throws {Win32Error} for an HRESULT that reports an error.
   */
  call(offset: number, operation: string, ...values: readonly Argument[]): number {
    const types = values.map((value) => typeof value === "number" ? "u32" : "buffer");
    const parameters = ["pointer", ...types] as const;
    const method = new Deno.UnsafeFnPointer(this.#table.getPointer(offset)!, { parameters, result: "i32" });
    return check(method.call(this.#object, ...values) >>> 0, operation);
  }

  /**
   * Calls a method whose last parameter receives an object. Returns the object, which the caller owns.
   * @throws {Win32Error} as `call` does.
   */
  get(offset: number, operation: string): ComObject {
    const object = new BigUint64Array(1);
    this.call(offset, operation, object);
    return new ComObject(object[0]);
  }

  [Symbol.dispose](): void {
    this.call(IUNKNOWN_VTBL.Release, "Cannot release an object");
  }
}

/** Returns an HRESULT that reports success. @throws {Win32Error} for one that reports an error. */
function check(result: number, operation: string): number {
  if (result >= 0x8000_0000) throw new Win32Error(win32CodeOf(result), operation);
  return result;
}
