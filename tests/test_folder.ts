/** A folder of the test's own, removed with what is in it. */
export class TestFolder implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync({ prefix: "wintun-test-" });

  /** Paths of its files, sorted. */
  get files(): string[] {
    return Array.from(Deno.readDirSync(this.path), ({ name }) => `${this.path}/${name}`).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
