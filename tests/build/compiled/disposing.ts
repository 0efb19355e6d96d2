// deno-lint-ignore-file no-console -- a program that prints
/** Prints in which order something is used and disposed of, where its variable is read only once. To be bundled. */
function open(): { use(): void; [Symbol.dispose](): void } {
  return { use: () => console.log("used"), [Symbol.dispose]: () => console.log("disposed of") };
}

function useOnce(): void {
  using opened = open();
  opened.use();
}

useOnce();
console.log("left");
