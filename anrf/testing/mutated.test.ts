import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { check, isSound } from "#anrf/check/check.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import { Random } from "./random.ts";
import { randomProgram } from "./random-program.ts";
import { firstSeed } from "./seeds.ts";

const TEXTS = process.env["ANRF_FULL"] === "1" ? 100_000 : 5_000;
const FIRST_SEED = firstSeed(90_000_000, Date.now() % 2 ** 31, process.env);

const CORPUS = new URL("../testdata/corpus/v1.0/", import.meta.url);
const BASES: readonly string[] = [
  ...readdirSync(CORPUS)
    .filter((file) => file.endsWith(".anrf.txt"))
    .map((file) => readFileSync(new URL(file, CORPUS), "utf8")),
  ...Array.from({ length: 60 }, (_, index) =>
    print(buildProgram(randomProgram(FIRST_SEED + index, { hasAll: true, size: 20 }))),
  ),
];

/** What people and models write by mistake, and what no text should hold. */
const PIECES = [
  ..."fn let if else match loop while do record variant requires ensures decreases example trap -> => ( ) { } [ ] < >".split(
    " ",
  ),
  ..."= == != <= + - * / // % ** ?? and or not & | ^ ~ << >> . , ; : # ' \" ` \\ 0 1.5 2m 99999999999999999999 1e999".split(
    " ",
  ),
  ...'none some(x) result as _ x N Date("2026-02-30") Float.nan return const && || ! x=>x def class import lambda'.split(
    " ",
  ),
  ...["\n", "\u0000", "\u202e", "\ufeff", "\u{10ffff}", "é", "e\u0301", "\ud800", "\u2028"],
];

/** Characters taken out, put in, moved or repeated; or the text is cut. */
function mutated(text: string, random: Random): string {
  const characters = [...text];
  for (let edit = random.below(4); edit >= 0; edit--) {
    const at = random.below(characters.length + 1);
    const span = characters.slice(at, at + 1 + random.below(20));
    switch (random.below(6)) {
      case 0:
        characters.splice(at, span.length);
        break;
      case 1:
        characters.splice(random.below(characters.length + 1), 0, ...span);
        break;
      case 2:
        if (random.chance(0.3)) characters.length = at;
        break;
      default:
        characters.splice(at, random.below(3), random.pick(PIECES));
    }
  }
  return characters.join("");
}

/** A text has a diagnostic inside its bounds, or a module that the checker judges; a sound one has a fixed point. */
function problemOf(text: string): string | undefined {
  const length = [...text].length;
  const result = parse(text);
  if (!result.ok) {
    if (result.diagnostics.length === 0) return "refused without a reason";
    const outside = result.diagnostics.find((one) => (one.range?.end ?? 0) > length);
    return outside === undefined ? undefined : `a diagnostic outside the text: ${outside.message}`;
  }
  // The text only makes tables: what a pattern or a measure means is for the checker to refuse.
  const findings = check(result.program.module, { bytes: moduleBytes(result.program.module) });
  if (!isSound(findings.filter((one) => one.code !== "V22"))) return undefined;
  const printed = print({ ...result.program, spec: result.spec });
  const again = parse(printed);
  if (!again.ok) return `what it prints is not read: ${again.diagnostics[0]?.message}\n${printed}`;
  if (print({ ...again.program, spec: again.spec }) !== printed) return `no fixed point\n${printed}`;
  return undefined;
}

describe("mutated texts", () => {
  it(`are read, or refused with a reason, and never crash (${TEXTS} seeds from ${FIRST_SEED})`, {
    timeout: 3_600_000,
  }, () => {
    let refused = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + TEXTS; seed++) {
      const random = new Random(seed);
      const text = mutated(random.pick(BASES), random);
      const problem = problemOf(text);
      if (problem !== undefined) expect.fail(`seed ${seed}: ${problem}\n---\n${text}`);
      if (!parse(text).ok) refused++;
    }
    expect(refused / TEXTS, "share of texts that are refused").toBeGreaterThan(0.5);
  });
});
