/** The most letters in which a mistyped word may differ from a known word. */
const MAX_DISTANCE = 2;

/** Returns the known word that was probably meant, or `undefined` if none is near. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  return nearest(word, known)[0];
}

/**
 * Returns the known words that are nearest to `word`: first those that differ in the fewest letters, at most two, then those
 * that begin with it.
 */
export function nearest(word: string, known: readonly string[]): string[] {
  const typed = word.toLowerCase();
  const most = Math.min(MAX_DISTANCE, Math.floor(typed.length / 2));
  const distances = known.map((candidate) => editDistance(typed, candidate));
  const least = Math.min(...distances);
  const similar = least > most ? [] : known.filter((_, index) => distances[index] === least);
  const begun = typed.length < 2 ? [] : known.filter((candidate) => candidate.startsWith(typed));
  return [...new Set([...similar, ...begun])];
}

/** Counts the insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      let cost = Math.min(replaced, last[column] + 1, current[column - 1] + 1);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) cost = Math.min(cost, beforeLast[column - 2] + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length];
}
