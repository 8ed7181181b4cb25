import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { mend } from "#anrf/diagnose/apply.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { Random } from "#anrf/testing/random.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";

/** Pieces of canonical text outside of strings, and what other languages write in their place. */
const SLIPS: readonly (readonly [piece: RegExp, slip: string])[] = [
  [/ and /g, " && "],
  [/ or /g, " || "],
  [/ == /g, " === "],
  [/ != /g, " !== "],
  [/ != /g, " <> "],
  [/ <= /g, " ≤ "],
  [/\blet /g, "const "],
  [/\blet (?!mut )(?=[a-z])/g, "let mut "],
  [/\bfn (?=[a-z_])/g, "def "],
  [/^fn (?=[a-z_])/gm, "pub fn "],
  [/: int\b/g, ": i64"],
  [/: string\b/g, ": str"],
  [/\blist<int>/g, "Vec<int>"],
  [/\btrue\b/g, "True"],
  [/\bnone\b/g, "None"],
  [/\bsome\(/g, "Some("],
  [/ -> (?=[a-z<>, ]+ \{$)/gm, ": "],
  [/\} else if /g, "} elif "],
  [/(?<=[=>,(] ?)\(([a-z]\w*)\) =>/g, "$1 =>"],
  [/(?<=[=>,(] ?)\(([a-z]\w*)\) =>/g, "lambda $1:"],
  [/(?<=[=>,(] ?)\(([a-z]\w*)\) =>/g, "|$1|"],
  [/\.length\(\)/g, ".length"],
  [/\.to_string\(\)/g, ".toString()"],
  [/\.trim\(\)/g, ".strip()"],
  [/List\.range\(/g, "range("],
  [/^\}$/gm, "};"],
  [/^( {2}match .* )\{$/gm, "$1{"],
  [/ => (?=[\w"].*,$)/gm, " -> "],
];

/** The text with some slips in it, outside of strings and comments. */
function sprinkled(text: string, random: Random): string {
  let slipped = text;
  for (let count = 0; count < 3; count++) {
    const [piece, slip] = random.pick(SLIPS);
    // Lines with quotes or comments are left alone: a piece of a string is no code.
    slipped = slipped
      .split("\n")
      .map((line) => (/["#`]/.test(line) || random.chance(0.4) ? line : line.replace(piece, slip)))
      .join("\n");
  }
  return slipped;
}

describe("slips sprinkled over random programs", () => {
  it("are read as the program that was meant, and the safe fixes leave just that", () => {
    let slips = 0;
    for (let seed = 1; seed <= 1500; seed++) {
      const built = buildProgram(randomProgram(seed, { size: 24 }));
      const bytes = moduleBytes(built.module);
      const canonical = print(built);
      const text = sprinkled(canonical, new Random(seed));
      if (text === canonical) continue;
      slips++;
      const read = parse(text);
      if (!read.ok) expect.fail(`seed ${seed}: ${read.diagnostics[0]?.message}\n${text}`);
      expect(moduleBytes(read.program.module), `seed ${seed}\n${text}`).toEqual(bytes);
      if (seed % 4 > 0) continue;
      const mended = mend(text);
      const again = parse(mended);
      if (!again.ok) expect.fail(`seed ${seed}: ${again.diagnostics[0]?.message}\n${text}\n${mended}`);
      expect(moduleBytes(again.program.module), `seed ${seed}\n${mended}`).toEqual(bytes);
      const left = again.diagnostics.filter((one) => one.fixes.length > 0);
      expect(left.map((one) => `${one.message}\n${mended}`)).toEqual([]);
    }
    expect(slips).toBeGreaterThan(500);
  });
});
