const MOST = 8;
/** Words that are looked through: a text of a megabyte can declare very many. */
const MOST_WORDS = 2000;

/** The words that resemble `wanted`, nearest first, at most 8: what a diagnostic offers instead. */
export function nearest(wanted: string, words: Iterable<string>): readonly string[] {
  const short = wanted.slice(0, 64).toLowerCase();
  const scored: { word: string; distance: number }[] = [];
  for (const word of [...new Set(words)].slice(0, MOST_WORDS)) {
    const other = word.slice(0, 64).toLowerCase();
    const isPart =
      Math.min(short.length, other.length) > 1 && (other.includes(short) || short.includes(other));
    const distance = isPart ? 1 : editDistance(short, other);
    if (distance <= Math.max(1, Math.floor(short.length / 2))) scored.push({ word, distance });
  }
  scored.sort((a, b) => a.distance - b.distance || a.word.length - b.word.length);
  return scored.slice(0, MOST).map((one) => one.word);
}

/** Insertions, deletions and replacements between two words. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
