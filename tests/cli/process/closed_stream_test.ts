import { assert } from "@std/assert";
import { isClosedStream } from "../../../src/cli/process/output.ts";

const CLOSED = [
  new Deno.errors.BrokenPipe("Broken pipe (os error 32)"),
  new Error("The pipe has been ended. (os error 109)"),
  new Error("The pipe is being closed. (os error 232)"),
  new Error("Pipe not connected. (os error 233)"),
];

for (const error of CLOSED) {
  Deno.test(`isClosedStream() takes "${error.message}" for a reader that has left`, () => {
    assert(isClosedStream(error));
  });
}

Deno.test("isClosedStream() takes a full disk, and what is no error, for something else", () => {
  assert(!isClosedStream(new Error("No space left on device (os error 28)")));
  assert(!isClosedStream(new Error("Something else (os error 2330)")));
  assert(!isClosedStream("os error 232"));
});
