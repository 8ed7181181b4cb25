import { stem } from "#platform/words/stem.ts";

/** A half-open piece of the text, in UTF-16 units; analyze() turns it into code points at the very end. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** One piece of the text: `lower` is what rules compare, `stem` what the lexicon compares. */
export interface Token extends Place {
  readonly kind: "word" | "number" | "string" | "code" | "arrow" | "mark" | "line";
  readonly text: string;
  readonly lower: string;
  readonly stem: string;
}

const PIECE = new RegExp(
  [
    /(?<line>\n\s*)/u,
    /(?<fence>```[^\n`]{0,40}\n[\s\S]*?(?:```|$))/u,
    /(?<code>`[^`\n]+`)/u,
    /(?<string>"(?:[^"\\\n]|\\.){0,1000}"|“[^”\n]{0,1000}”|‘[^’\n]{0,1000}’)/u,
    /(?<single>(?<![\p{L}\p{N}_])'(?:[^'\\\n]|\\.){0,1000}'(?![\p{L}\p{N}_]))/u,
    /(?<arrow>-{1,9}>|={1,9}>|→|➞|⇒|↦)/u,
    /(?<number>\d+(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?)/u,
    /(?<word>[\p{L}\p{M}_][\p{L}\p{M}\p{N}_]*(?:['’](?:s|t|re|ll|ve)\b)?)/u,
    /(?<mark>[^\s])/u,
  ]
    .map((part) => part.source)
    .join("|"),
  "gu",
);

/**
 * The pieces of a text in order. What `hidden` covers (the examples, for the later passes) is skipped as if it were a
 * line end. Quotes count as a string only where no letter touches them from outside, so that "don't" is a word.
 */
export function tokens(text: string, hidden: readonly Place[] = []): Token[] {
  const found: Token[] = [];
  const covers = [...hidden].sort((a, b) => a.start - b.start);
  let cover = 0;
  for (const match of text.matchAll(PIECE)) {
    const start = match.index;
    while (cover < covers.length && (covers[cover]?.end ?? 0) <= start) cover += 1;
    const over = covers[cover];
    if (over !== undefined && over.start < start + match[0].length && start < over.end) {
      if (found.at(-1)?.kind !== "line") found.push(token("line", "\n", start));
      continue;
    }
    found.push(token(kindOf(match.groups ?? {}), match[0], start));
  }
  return found;
}

function kindOf(groups: Readonly<Record<string, string | undefined>>): Token["kind"] {
  if (groups["line"] !== undefined) return "line";
  if (groups["fence"] !== undefined || groups["code"] !== undefined) return "code";
  if (groups["string"] !== undefined || groups["single"] !== undefined) return "string";
  if (groups["arrow"] !== undefined) return "arrow";
  if (groups["number"] !== undefined) return "number";
  return groups["word"] !== undefined ? "word" : "mark";
}

function token(kind: Token["kind"], text: string, start: number): Token {
  const lower = text.toLowerCase();
  return { kind, text, lower, stem: kind === "word" ? stem(lower) : lower, start, end: start + text.length };
}
