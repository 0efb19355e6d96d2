import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";

const checkout = fromFileUrl(new URL("../../../", import.meta.url));

interface Parameter {
  readonly ffi: string;
  readonly c: string;
}

interface Binding {
  readonly file: string;
  readonly name: string;
  readonly parameters: Parameter[];
  /** How many there are, with a comment or not. */
  readonly arity: number;
  readonly result: string;
  /** The result is a pointer of which only the low half is taken. */
  readonly lowHalf: boolean;
}

/** Their DWORD takes one of Windows' negative constants. */
const signedByUse = new Set(["GetStdHandle"]);

const symbol =
  /(\w+): \{\s*(?:name: "(\w+)",\s*)?parameters: \[((?:[^\]"]|"[^"]*")*)\],\s*result: "(\w+)",?(\s*\/\*.*?\*\/)?/g;
const parameter = /(?:"(\w+)"|(GUID_BY_VALUE))\s*,?\s*\/\*\s*(.*?)\s*\*\//g;

/** `const GUID *ClassGuid, what it is for` without the name and what follows. */
function typeIn(comment: string): string {
  const declaration = comment.split(",")[0].trim();
  return /^(.*[\s*])\w+$/.exec(declaration)?.[1].trim() ?? declaration;
}

function bindingsIn(file: string, source: string): Binding[] {
  return [...source.matchAll(symbol)].map(([, key, name = key, list, result, note = ""]) => ({
    file,
    name,
    parameters: [...list.matchAll(parameter)].map(([, ffi = "guid", , comment]) => ({
      ffi,
      c: typeIn(comment),
    })),
    arity: list.replace(/\/\*.*?\*\//g, "").match(/"\w+"|GUID_BY_VALUE/g)?.length ?? 0,
    result,
    lowHalf: note.includes("low half"),
  }));
}

/** What must hold of one binding, in C. */
function assertions({ file, name, parameters, result, lowHalf }: Binding): string {
  const types = parameters.map(({ c }) => c);
  const call = `__typeof__(${name}(${types.map((type) => `ANY(${type})`).join(", ")}))`;
  const lines = [
    `_Static_assert(__builtin_types_compatible_p(__typeof__(${name}), ${call}(${
      types.join(", ") || "void"
    })), "${file}: ${name}");`,
    ...parameters.filter(() => !signedByUse.has(name)).map(({ ffi, c }) =>
      `_Static_assert(FFI_${ffi}(${c}), "${file}: ${name}, ${c} is not ${ffi}");`
    ),
    `_Static_assert(FFI_${
      lowHalf ? "pointer" : result
    }(${call}), "${file}: result of ${name} is not ${result}");`,
  ];
  return lines.join("\n");
}

async function findBindings(): Promise<Binding[]> {
  const found: Binding[] = [];
  for (const folder of ["src/windows", "src/windows/network", "src/windows/services", "src/wintun"]) {
    for await (const { name } of Deno.readDir(join(checkout, folder))) {
      if (!name.endsWith(".ts")) continue;
      const source = await Deno.readTextFile(join(checkout, folder, name));
      const bindings = bindingsIn(`${folder}/${name}`, source);
      // None may escape the pattern above, but for callbacks, which have no name in a DLL.
      const count = source.match(/\bparameters: \[/g)?.length ?? 0;
      const callbacks = source.match(/UnsafeCallback(\.threadSafe)?\(\s*\{/g)?.length ?? 0;
      assertEquals(bindings.length, count - callbacks, `${folder}/${name}`);
      found.push(...bindings);
    }
  }
  return found;
}

Deno.test("every function that src binds has the types of the Windows headers, and Deno's types fit them", async () => {
  const bindings = await findBindings();
  assert(bindings.length >= 50, `only ${bindings.length} bindings were found`);
  for (const { file, name, parameters, arity } of bindings) {
    assertEquals(parameters.length, arity, `${file}: ${name} has a parameter without its C type`);
  }
  const source = ['#include "signatures.h"', ...bindings.map(assertions)].join("\n");
  const compiler = new Deno.Command("x86_64-w64-mingw32-gcc", {
    args: [
      ...["-std=gnu17", "-fsyntax-only", "-D_WIN32_WINNT=0x0A00", "-x", "c", "-"],
      ...["programs", "iphlpapi"].map((folder) => `-I${join(checkout, "tests/on_windows", folder)}`),
    ],
    stdin: "piped",
    stderr: "piped",
    stdout: "null",
  }).spawn();
  const writer = compiler.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { code, stderr } = await compiler.output();
  const complaints = new TextDecoder().decode(stderr).split("\n").filter((line) => line.includes("error:"));
  assertEquals(complaints, []);
  assertEquals(code, 0);
});
