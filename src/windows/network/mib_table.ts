import { systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";

export const TABLE_FUNCTIONS = systemFunctions("iphlpapi", {
  FreeMibTable: { parameters: ["pointer" /* PVOID Memory */], result: "void" },
});

/**
 * Copies the rows of a table that a function of the IP Helper API allocated, and frees the table (FreeMibTable).
 * @param table the function's out-parameter, which holds the address of the table.
 */
export function takeRows(
  libraries: SystemLibraries,
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
    libraries.bind(TABLE_FUNCTIONS).FreeMibTable(pointer);
  }
}
