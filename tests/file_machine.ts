type Body = () => void | Promise<void>;

/** A test of a simulated machine in a file. */
interface FileMachineTest {
  readonly name: string;
  readonly fn: Body;
  readonly ignore?: boolean;
}

const canLock = "tryLockSync" in Deno.FsFile.prototype;

/**
 * Registers a test of a simulated machine in a file. It is ignored before Deno 2.7, which cannot lock files without waiting. The
 * Deno of the tests' own executables is such an old one; that of wintun.exe is newer.
 */
export function fileMachineTest(name: string, fn: Body): void;
export function fileMachineTest(test: FileMachineTest): void;
export function fileMachineTest(test: string | FileMachineTest, fn: Body = (): void => {}): void {
  const { ignore = false, ...rest } = typeof test === "string" ? { name: test, fn } : test;
  Deno.test({ ...rest, ignore: ignore || !canLock });
}
