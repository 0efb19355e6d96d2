import { type BoundFunctions, systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { win32CodeOf, Win32Error } from "./win32_error.ts";

export const COM_FUNCTIONS = systemFunctions("ole32", {
  CoIncrementMTAUsage: { parameters: ["buffer" /* CO_MTA_USAGE_COOKIE *pCookie */], result: "i32" },
  CoDecrementMTAUsage: { parameters: ["pointer" /* CO_MTA_USAGE_COOKIE Cookie */], result: "i32" },
  createInBackground: {
    name: "CoCreateInstance",
    parameters: [
      "buffer", /* REFCLSID rclsid */
      "pointer", /* LPUNKNOWN pUnkOuter */
      "u32", /* DWORD dwClsContext */
      "buffer", /* REFIID riid */
      "buffer", /* LPVOID *ppv */
    ],
    result: "i32",
    nonblocking: true,
  },
}, { without: "The category of an adapter's network can be neither set nor listed." });

/** CLSCTX_ALL (combaseapi.h): the class may be in a DLL or in another process. */
const CLSCTX_ALL = 0x17;

/** Offset of a method in the table of IUnknown, with which the table of every interface begins (unknwn.h). */
export const IUNKNOWN_VTBL = { size: 24, Release: 16 } as const;

/** What a method of a COM object can be given. A number is passed as 32 bits, anything else as a pointer to it. */
type Argument = number | Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

/**
 * The use of COM by this process, in the apartment to which all threads belong that have no other one ("CoIncrementMTAUsage
 * function", Windows documentation). Every object that it creates has to be released before it is closed.
 *
 * Each call runs on a thread of a pool. It may wait for another process without a limit; the calling thread goes on meanwhile.
 */
export class Com implements Disposable {
  readonly #ole32: BoundFunctions<typeof COM_FUNCTIONS>;
  readonly #cookie = new BigUint64Array(1);

  private constructor(libraries: SystemLibraries) {
    this.#ole32 = libraries.bind(COM_FUNCTIONS);
  }

  /**
   * Starts the use of COM. The caller owns the result.
   * @param operation What it is for, as the start of a sentence.
   * @throws {Win32Error} if Windows refuses.
   */
  static start(libraries: SystemLibraries, operation: string): Com {
    const com = new Com(libraries);
    check(com.#ole32.CoIncrementMTAUsage(com.#cookie), operation);
    return com;
  }

  /**
   * Creates an object of a class (CoCreateInstance). The caller owns it.
   * @param classId CLSID, as the bytes of a GUID structure.
   * @param interfaceId IID of the interface by which the object is used.
   * @throws {Win32Error} 0x80040154 (REGDB_E_CLASSNOTREG) if this Windows does not have the class.
   */
  async create(
    classId: Uint8Array<ArrayBuffer>,
    interfaceId: Uint8Array<ArrayBuffer>,
    operation: string,
  ): Promise<ComObject> {
    const object = new BigUint64Array(1);
    check(await this.#ole32.createInBackground(classId, null, CLSCTX_ALL, interfaceId, object), operation);
    return new ComObject(object[0]);
  }

  [Symbol.dispose](): void {
    this.#ole32.CoDecrementMTAUsage(Deno.UnsafePointer.create(this.#cookie[0]));
  }
}

/** A COM object, used by one interface. Its owner disposes of it once. */
export class ComObject implements AsyncDisposable {
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
  async call(offset: number, operation: string, ...values: readonly Argument[]): Promise<number> {
    const types = values.map((value) => typeof value === "number" ? "u32" : "buffer");
    const parameters = ["pointer", ...types] as const;
    const definition = { parameters, result: "i32", nonblocking: true } as const;
    const method = new Deno.UnsafeFnPointer(this.#table.getPointer(offset)!, definition);
    return check(await method.call(this.#object, ...values), operation);
  }

  /**
   * Calls a method whose last parameter receives an object. Returns the object, which the caller owns.
   * @throws {Win32Error} as `call` does.
   */
  async get(offset: number, operation: string): Promise<ComObject> {
    const object = new BigUint64Array(1);
    await this.call(offset, operation, object);
    return new ComObject(object[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.call(IUNKNOWN_VTBL.Release, "Cannot release an object");
  }
}

/** Returns an HRESULT that reports success. @throws {Win32Error} for one that reports an error. */
function check(result: number, operation: string): number {
  if (result < 0) throw new Win32Error(win32CodeOf(result >>> 0), operation);
  return result;
}
