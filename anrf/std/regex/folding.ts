/** Where letters with a case stand, first and last code point of each run. */
const CASED = [
  [0x41, 0x5a],
  [0x61, 0x7a],
  [0xb5, 0x587],
  [0x10a0, 0x10ff],
  [0x13a0, 0x13fd],
  [0x1c80, 0x1cbf],
  [0x1d79, 0x1d8e],
  [0x1e00, 0x1ffc],
  [0x2126, 0x2188],
  [0x24b6, 0x24e9],
  [0x2c00, 0x2d2d],
  [0xa640, 0xa7ff],
  [0xab53, 0xabbf],
  [0xff21, 0xff5a],
  [0x10400, 0x105bc],
  [0x10c80, 0x10d85],
  [0x118a0, 0x118df],
  [0x16e40, 0x16e7f],
  [0x1e900, 0x1e943],
] as const;

/** The dotted I and the dotless i fold with nothing but by the rules of Turkish. */
const ALONE: ReadonlySet<number> = new Set([0x130, 0x131]);

const NONE: readonly number[] = [];
let table: ReadonlyMap<number, readonly number[]> | undefined;

/** The code points that differ from this one in case alone, by Unicode's simple folding: of `s` those are `S` and `ſ`. */
export function otherCases(code: number): readonly number[] {
  table ??= foldingTable();
  return table.get(code) ?? NONE;
}

function foldingTable(): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  for (const [first, last] of CASED) {
    for (let code = first; code <= last; code++) {
      const key = foldOf(code);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [code]);
      else group.push(code);
    }
  }
  const others = new Map<number, readonly number[]>();
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    for (const code of group)
      others.set(
        code,
        group.filter((one) => one !== code),
      );
  }
  return others;
}

/** The small letter of the capital letter: all cases of one letter come to the same. */
function foldOf(code: number): number {
  if (ALONE.has(code)) return code;
  const upper = onlyCode(String.fromCodePoint(code).toUpperCase(), code);
  return onlyCode(String.fromCodePoint(upper).toLowerCase(), upper);
}

/** The one code point of a text; the other number where it has more. */
function onlyCode(text: string, otherwise: number): number {
  const code = text.codePointAt(0) ?? otherwise;
  return text.length === (code > 0xffff ? 2 : 1) ? code : otherwise;
}
