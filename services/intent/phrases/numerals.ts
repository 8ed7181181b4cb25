import type { Token } from "./tokens.ts";

/** Numbers by their word, up to ninety. */
export const CARDINALS = new Map<string, number>(
  (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen " +
    "eighteen nineteen twenty"
  )
    .split(" ")
    .map((word, value) => [word, value]),
);
for (const [at, word] of "thirty forty fifty sixty seventy eighty ninety".split(" ").entries())
  CARDINALS.set(word, 30 + 10 * at);
/** What a number word is multiplied by. */
export const SCALES = new Map<string, number>([
  ["hundred", 100],
  ["thousand", 1000],
  ["million", 1_000_000],
  ["billion", 1_000_000_000],
]);

/** Places by their word, from the second on. */
export const ORDINALS = new Map<string, number>(
  "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
    .split(" ")
    .map((word, at) => [word, at + 2]),
);

/** A number that stands in a text, and where it ends: in digits, or in words up to "nine hundred". */
export interface Numeral {
  readonly value: number;
  /** The first token after it. */
  readonly next: number;
}

/** The number at a place, with its minus; undefined where none begins. */
export function numeralAt(tokens: readonly Token[], at: number): Numeral | undefined {
  const token = tokens[at];
  const after = tokens[at + 1];
  const isMinus = token?.lower === "minus" || token?.text === "-" || token?.text === "−";
  if (isMinus && (after?.start === token?.end || token?.lower === "minus")) {
    const isNumber = after?.kind === "number" || CARDINALS.has(after?.lower ?? "");
    const positive = isNumber ? numeralAt(tokens, at + 1) : undefined;
    return positive === undefined ? undefined : { ...positive, value: -positive.value };
  }
  if (token?.kind === "number") {
    const minutes = clockAt(tokens, at);
    if (minutes !== undefined) return { value: minutes, next: at + 3 };
    return scaled(tokens, Number(token.text.replaceAll(/[,_]/gu, "")), at + 1);
  }
  const cardinal = CARDINALS.get(token?.lower ?? "");
  if (cardinal === undefined) return undefined;
  const unit = CARDINALS.get(after?.lower ?? "");
  if (cardinal >= 20 && unit !== undefined && unit < 10) return scaled(tokens, cardinal + unit, at + 2);
  return scaled(tokens, cardinal, at + 1);
}

/** "6:30": the minutes since midnight; undefined where no time stands. */
export function clockAt(tokens: readonly Token[], at: number): number | undefined {
  const [hours, colon, minutes] = tokens.slice(at, at + 3);
  if (hours === undefined || colon?.text !== ":" || minutes === undefined) return undefined;
  const isClock = /^(?:[01]?\d|2[0-4])$/u.test(hours.text) && /^[0-5]\d$/u.test(minutes.text);
  if (!isClock || colon.start !== hours.end || minutes.start !== colon.end) return undefined;
  return 60 * Number(hours.text) + Number(minutes.text);
}

function scaled(tokens: readonly Token[], value: number, next: number): Numeral {
  const scale = SCALES.get(tokens[next]?.lower ?? "");
  return scale === undefined ? { value, next } : scaled(tokens, value * scale, next + 1);
}
