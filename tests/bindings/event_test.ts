/** On Linux only: the test cannot make the kernel32.dll of Windows fail. */
import { assertThrows } from "@std/assert";
import { Event } from "../../src/windows/event.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { CALL } from "../emulator/control.ts";
import { control, emulatorTest, wintun } from "./fixture.ts";

emulatorTest("an event that cannot be created is an error that names what failed", () => {
  control.EmulatorFailNext(CALL.createEvent, 8, 1);
  assertThrows(() => Event.create(wintun.libraries), Win32Error, "Cannot create an event");
});
