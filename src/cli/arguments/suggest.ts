/** How far a word may be from a known one to be taken for a slip of the fingers. */
const MAX_DISTANCE = 2;

/** Returns the known word that somebody probably meant, or `undefined` when none is near. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  return nearest(word, known)[0];
}

/** Returns the known words nearest to `word`: those that differ least, by two letters at most, then those that it begins. */
export function nearest(word: string, known: readonly string[]): string[] {
  const typed = word.toLowerCase();
  const most = Math.min(MAX_DISTANCE, Math.floor(typed.length / 2));
  const distances = known.map((candidate) => editDistance(typed, candidate));
  const least = Math.min(...distances);
  const similar = least > most ? [] : known.filter((_, index) => distances[index] === least);
  const begun = typed.length < 2 ? [] : known.filter((candidate) => candidate.startsWith(typed));
  return [...new Set([...similar, ...begun])];
}

/** Insertions, deletions, replacements and swaps of neighbours that make `b` of `a` (optimal string alignment). */
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
