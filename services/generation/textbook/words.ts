import { stem } from "#platform/words/stem.ts";

/** Words that tell one function from another, in one spelling of each. */
export function keysOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
    .filter((word) => word.length > 1 && !EMPTY.has(word))
    .map(stem)
    .map((word) => SAME.get(word) ?? word);
}

/** Words that a sentence needs, and a name does not. */
const EMPTY: ReadonlySet<string> = new Set(
  `a an the of is are be to in on at by for from with and or as if it its that this these those which whose there their
  than then so such when where while what how given give gives giving return returns returning write function python code
  program method compute computes calculate calculates find finds finding get gets determine check checks whether using use
  let us you your we i can will should would could do does any some into has have having contain`.split(
    /\s+/u,
  ),
);

/** Words that mean one thing here, by stem; "min" stands more often for minutes than for the least. */
const SAME: ReadonlyMap<string, string> = new Map(
  [
    "list array sequenc vector tupl collection",
    "string text sentenc",
    "largest maximum max highest biggest greatest bigger larger greater",
    "smallest minimum lowest least fewest smaller",
    "sum total add addition",
    "count number amount many",
    "remov delet without strip eliminat discard drop",
    "element item valu member entry",
    "nth kth ith th",
    "char letter",
    "differ different unequal",
    "same equal identical",
    "multiply product multiplication",
    "below under less",
    "abov over exceed more",
    "first begin start",
    "last end final",
    "reverse revers backward",
    "repeat repeated duplicat",
    "distinct uniqu",
    "sort order arrang",
    "uppercas upper capital",
    "lowercas lower small",
    "convert change turn transform",
    "matrix grid",
    "sublist subarray substr",
    "occur occurrenc appear frequency",
    "digit figur",
    "average mean",
    "word token",
    "price cost",
    "minut min",
    "each every all",
  ].flatMap((line) => {
    const words = line.split(" ").map(stem);
    return words.map((word) => [word, words[0] ?? word] as const);
  }),
);
