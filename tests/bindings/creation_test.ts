import { assert, assertEquals, assertRejects } from "@std/assert";
import type { AdapterRequest } from "../../src/tun/host.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import { createAdapter } from "../../src/wintun/creation.ts";
import { CALL } from "../emulator/control.ts";
import { control, counts, emulatorTest, wintun } from "./fixture.ts";
import { assertHostError, hostTest } from "./host_fixture.ts";

const CREATION_MS = 500;

emulatorTest("createAdapter() leaves this thread free while Windows takes its time", async () => {
  control.EmulatorDelayNextCreate(CREATION_MS);
  let ticks = 0;
  const timer = setInterval(() => ticks++, CREATION_MS / 20);
  const creating = createAdapter(wintun, "lab", "T", null);
  using adapter = await creating;
  clearInterval(timer);
  assert(ticks > 2, `${ticks}`);
  assertEquals(counts().adapters, 1);
  using _session = adapter.startSession(0x20000);
});

emulatorTest("createAdapter() reports the code of the thread that called, and the operation", async () => {
  control.EmulatorFailNext(CALL.createAdapter, 5, 1);
  const error = await assertRejects(() => createAdapter(wintun, "lab", "T", null), Win32Error);
  assertEquals([error.code, error.operation], [5, 'Cannot create adapter "lab"']);
});

emulatorTest("a released adapter stays until its handle is adopted and closed", async () => {
  const adapter = await createAdapter(wintun, "lab", "T", null);
  const handle = adapter.release();
  adapter.close();
  assertEquals(counts().adapters, 1);
  Adapter.adopt(wintun, handle).close();
  assertEquals(counts().adapters, 0);
});

hostTest(
  "while one adapter is being created, others are listed, and a second create() waits",
  async (host) => {
    control.EmulatorDelayNextCreate(CREATION_MS);
    // With a GUID: one that is derived takes a thread of the pool, after which either could be first.
    const request = (): AdapterRequest => ({ name: "lab", type: "T", guid: crypto.randomUUID() });
    const creating = host.create(request());
    const second = assertHostError("exists", () => host.create(request()));
    assertEquals(await host.list(), []);
    using _adapter = await creating;
    await second;
  },
);
