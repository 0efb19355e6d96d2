import { assert, assertEquals, assertMatch } from "@std/assert";
import { removeDevice } from "../../../src/tun/windows/devices.ts";
import { System } from "../../../src/windows/system.ts";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { serve } from "../program.ts";

const KERNEL32 = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "pointer" },
  WaitForSingleObject: { parameters: ["pointer", "u32"], result: "u32", nonblocking: true },
  GetExitCodeProcess: { parameters: ["pointer", "buffer"], result: "i32" },
  CloseHandle: { parameters: ["pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;
const NTDLL = {
  NtSuspendProcess: { parameters: ["pointer"], result: "i32" },
  NtResumeProcess: { parameters: ["pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;
const ACCESS = 0x10_0000 | 0x1000 | 0x800; // SYNCHRONIZE, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SUSPEND_RESUME
/** How soon a holder has to notice that its adapter is gone, with the end of its process. */
const NOTICE_MS = 4_000;

/** A process that the test looks at, and can make hang. */
class Holder implements Disposable {
  readonly #kernel32 = Deno.dlopen("kernel32.dll", KERNEL32);
  readonly #ntdll = Deno.dlopen("ntdll.dll", NTDLL);
  readonly #handle: Deno.PointerValue;

  constructor(pid: number) {
    this.#handle = this.#kernel32.symbols.OpenProcess(ACCESS, 0, pid);
    if (this.#handle === null) throw new Error(`cannot open process ${pid}`);
  }

  hang(): void {
    assertEquals(this.#ntdll.symbols.NtSuspendProcess(this.#handle), 0);
  }

  goOn(): void {
    assertEquals(this.#ntdll.symbols.NtResumeProcess(this.#handle), 0);
  }

  /** Its exit code, if it ends soon. */
  async exitCode(): Promise<number | undefined> {
    const { WaitForSingleObject, GetExitCodeProcess } = this.#kernel32.symbols;
    if (await WaitForSingleObject(this.#handle, NOTICE_MS) !== 0) return undefined;
    const code = new Uint32Array(1);
    GetExitCodeProcess(this.#handle, code);
    return code[0];
  }

  [Symbol.dispose](): void {
    this.#kernel32.symbols.CloseHandle(this.#handle);
    this.#kernel32.close();
    this.#ntdll.close();
  }
}

/** Removes a device as Device Manager does. */
function removeAsOthersDo(instanceId: string): void {
  using system = new System();
  assertEquals(removeDevice(system, instanceId), true);
}

adapterTest(
  "a keeper whose adapter somebody removes ends with 10, its log says why, and the name is free",
  async () => {
    const { adapter, log } = await must("create", "lab", "--address", "10.77.0.1/24");
    using keeper = new Holder(adapter.owner.pid);
    removeAsOthersDo(adapter.instanceId);
    assertEquals(await keeper.exitCode(), 10);
    assertMatch(
      await Deno.readTextFile(log),
      /Z error {3}Cannot go on holding adapter "lab": it was removed\r\n$/,
    );
    assertEquals(await list(), []);
    const again = await must("create", "lab", "--if-not-exists", "--address", "10.77.0.1/24");
    assertEquals([again.created, again.adapter.guid], [true, adapter.guid]);
    await must("delete", "lab");
  },
);

adapterTest("a keeper that hangs keeps its removed adapter as lost, and ends when it goes on", async () => {
  const { adapter } = await must("create", "lab");
  using keeper = new Holder(adapter.owner.pid);
  keeper.hang();
  try {
    removeAsOthersDo(adapter.instanceId);
    assertEquals((await list()).map(({ name, state }) => [name, state]), [["lab", "lost"]]);
    const { findings } = (await ask("doctor")).result;
    // deno-lint-ignore no-explicit-any
    const owners = findings.find(({ check }: any) => check === "owners");
    assertMatch(owners.message, /Somebody has removed these adapters, and their processes still run: lab/);
    assertEquals((await ask("set", "lab", "--mtu", "1400")).code, 4);
    assertEquals((await must("create", "lab", "--if-not-exists", "--dry-run")).created, true);
    assertEquals((await ask("delete", "lab", "--timeout", "1")).code, 9);
  } finally {
    keeper.goOn();
  }
  // It was asked to let go, and sees that the adapter is gone: whichever comes first.
  assert([0, 10].includes(await keeper.exitCode() ?? -1));
  assertEquals(await list(), []);
  await must("create", "lab");
  await must("delete", "lab");
});

adapterTest("delete --force gives up on a keeper that hangs, and create makes the adapter anew", async () => {
  const { adapter } = await must("create", "lab");
  using keeper = new Holder(adapter.owner.pid);
  keeper.hang();
  try {
    removeAsOthersDo(adapter.instanceId);
    assertEquals((await must("delete", "lab", "--force", "--timeout", "1")).changed, true);
    assertEquals(await list(), []);
  } finally {
    keeper.goOn();
  }
  await keeper.exitCode();
  await must("create", "lab");
  await must("delete", "lab");
});

adapterTest("serve ends with 10 when somebody removes its adapter", async () => {
  await using serving = await serve("lab", "--address", "10.77.0.1/24");
  const [{ instanceId }] = await list();
  removeAsOthersDo(instanceId);
  const { code, stopped } = await serving.ended;
  assertEquals([code, stopped?.reason], [10, "removed"]);
});
