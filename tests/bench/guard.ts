/** Finds out whether the loop still has the speed that V8's fast calls give it. */

/**
 * The least speed of the loop alone, by C's. It is 0.75 and more where V8 compiles the calls of the DLLs into the loop, and
 * 0.05 where it does not, as with V8's option --turbolev in Deno 2.9. In between lies what other load on the machine can do.
 */
export const LEAST_SPEED = 0.4;

/** The speeds of the loop alone, by C's, for packets of so many bytes. */
export type Speeds = Readonly<Record<number, number>>;

/** Returns one sentence for each speed that is too low. `tables` has the speeds by what they were measured on. */
export function tooSlow(tables: Readonly<Record<string, Speeds>>): string[] {
  return Object.entries(tables).flatMap(([library, speeds]) =>
    Object.entries(speeds).filter(([, speed]) => !(speed >= LEAST_SPEED)).map(([bytes, speed]) =>
      `With ${bytes} bytes on ${library}, our loop has ${speed} of C's speed. It must have ${LEAST_SPEED}.`
    )
  );
}
