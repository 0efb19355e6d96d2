/**
 * iphlpapi.dll. Every function here returns its error code (0 is success) and leaves the last error alone.
 * Interfaces are named by NET_LUID, passed by pointer. Tables are given back with FreeMibTable.
 */

const INTERFACE_SYMBOLS = {
  FreeMibTable: { parameters: ["pointer" /* PVOID Memory */], result: "void" },
  GetIfEntry2: { parameters: ["buffer" /* PMIB_IF_ROW2 Row */], result: "u32" },
  ConvertInterfaceAliasToLuid: {
    parameters: ["buffer", /* const WCHAR *InterfaceAlias */ "buffer" /* NET_LUID *InterfaceLuid */],
    result: "u32",
  },
  InitializeIpInterfaceEntry: { parameters: ["buffer" /* PMIB_IPINTERFACE_ROW Row */], result: "void" },
  GetIpInterfaceEntry: { parameters: ["buffer" /* PMIB_IPINTERFACE_ROW Row */], result: "u32" },
  SetIpInterfaceEntry: { parameters: ["buffer" /* PMIB_IPINTERFACE_ROW Row */], result: "u32" },
  GetUnicastIpAddressTable: {
    parameters: ["u16", /* ADDRESS_FAMILY Family */ "buffer" /* PMIB_UNICASTIPADDRESS_TABLE *Table */],
    result: "u32",
  },
  InitializeUnicastIpAddressEntry: {
    parameters: ["buffer" /* PMIB_UNICASTIPADDRESS_ROW Row */],
    result: "void",
  },
  CreateUnicastIpAddressEntry: {
    parameters: ["buffer" /* const MIB_UNICASTIPADDRESS_ROW *Row */],
    result: "u32",
  },
  DeleteUnicastIpAddressEntry: {
    parameters: ["buffer" /* const MIB_UNICASTIPADDRESS_ROW *Row */],
    result: "u32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const TABLE_SYMBOLS = {
  FreeMibTable: { parameters: ["pointer" /* PVOID Memory */], result: "void" },
  GetIfTable2: { parameters: ["buffer" /* PMIB_IF_TABLE2 *Table */], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

const ROUTE_SYMBOLS = {
  FreeMibTable: { parameters: ["pointer" /* PVOID Memory */], result: "void" },
  GetIpForwardTable2: {
    parameters: ["u16", /* ADDRESS_FAMILY Family */ "buffer" /* PMIB_IPFORWARD_TABLE2 *Table */],
    result: "u32",
  },
  InitializeIpForwardEntry: { parameters: ["buffer" /* PMIB_IPFORWARD_ROW2 Row */], result: "void" },
  CreateIpForwardEntry2: { parameters: ["buffer" /* const MIB_IPFORWARD_ROW2 *Row */], result: "u32" },
  DeleteIpForwardEntry2: { parameters: ["buffer" /* const MIB_IPFORWARD_ROW2 *Row */], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** GUID, which the DNS functions take by value. */
const GUID_BY_VALUE = {
  struct: ["u32", "u16", "u16", "u8", "u8", "u8", "u8", "u8", "u8", "u8", "u8"],
} as const;

/** Windows 10 2004 and later have these. */
const DNS_SYMBOLS = {
  GetInterfaceDnsSettings: {
    parameters: [GUID_BY_VALUE, /* GUID Interface */ "buffer" /* DNS_INTERFACE_SETTINGS *Settings */],
    result: "u32",
    optional: true,
  },
  SetInterfaceDnsSettings: {
    parameters: [GUID_BY_VALUE, /* GUID Interface */ "buffer" /* const DNS_INTERFACE_SETTINGS *Settings */],
    result: "u32",
    optional: true,
  },
  FreeInterfaceDnsSettings: {
    parameters: ["buffer" /* DNS_INTERFACE_SETTINGS *Settings */],
    result: "void",
    optional: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

export type InterfaceFunctions = Deno.DynamicLibrary<typeof INTERFACE_SYMBOLS>["symbols"];
export type TableFunctions = Deno.DynamicLibrary<typeof TABLE_SYMBOLS>["symbols"];
export type RouteFunctions = Deno.DynamicLibrary<typeof ROUTE_SYMBOLS>["symbols"];
export type DnsFunctions = Deno.DynamicLibrary<typeof DNS_SYMBOLS>["symbols"];

/** iphlpapi.dll, in parts that are bound when they are first used: most commands need one of them. */
export class Iphlpapi implements Disposable {
  readonly #path: string;
  #interfaces: Deno.DynamicLibrary<typeof INTERFACE_SYMBOLS> | undefined;
  #tables: Deno.DynamicLibrary<typeof TABLE_SYMBOLS> | undefined;
  #routes: Deno.DynamicLibrary<typeof ROUTE_SYMBOLS> | undefined;
  #dns: Deno.DynamicLibrary<typeof DNS_SYMBOLS> | undefined;

  /** @param path Absolute path of the DLL. */
  constructor(path: string) {
    this.#path = path;
  }

  get interfaces(): InterfaceFunctions {
    return (this.#interfaces ??= Deno.dlopen(this.#path, INTERFACE_SYMBOLS)).symbols;
  }

  get tables(): TableFunctions {
    return (this.#tables ??= Deno.dlopen(this.#path, TABLE_SYMBOLS)).symbols;
  }

  get routes(): RouteFunctions {
    return (this.#routes ??= Deno.dlopen(this.#path, ROUTE_SYMBOLS)).symbols;
  }

  /** Each is `null` where Windows is too old to have it. */
  get dns(): DnsFunctions {
    return (this.#dns ??= Deno.dlopen(this.#path, DNS_SYMBOLS)).symbols;
  }

  close(): void {
    this.#interfaces?.close();
    this.#tables?.close();
    this.#routes?.close();
    this.#dns?.close();
    this.#interfaces =
      this.#tables =
      this.#routes =
      this.#dns =
        undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Copies the rows of a table that an iphlpapi function allocated, and gives the table back.
 * @param table The function's out-parameter, which holds the table's address.
 */
export function takeRows(
  functions: { FreeMibTable(memory: Deno.PointerValue): void },
  table: BigUint64Array,
  layout: { readonly NumEntries: number; readonly Table: number },
  rowSize: number,
): DataView<ArrayBuffer>[] {
  const pointer = Deno.UnsafePointer.create(table[0]);
  if (pointer === null) return [];
  try {
    const view = new Deno.UnsafePointerView(pointer);
    const count = view.getUint32(layout.NumEntries);
    return Array.from({ length: count }, (_, index) => {
      const row = new Uint8Array(rowSize);
      view.copyInto(row, layout.Table + index * rowSize);
      return new DataView(row.buffer);
    });
  } finally {
    functions.FreeMibTable(pointer);
  }
}
