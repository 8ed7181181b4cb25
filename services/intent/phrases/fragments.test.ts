import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseType } from "#anrf/program/type-text.ts";
import { parse } from "#anrf/text/parse.ts";
import { fragmentsOf } from "./fragments.ts";
import { numeralAt } from "./numerals.ts";
import type { Term } from "./terms.ts";
import { tokens } from "./tokens.ts";
import type { Target } from "./views.ts";

interface Golden {
  readonly text: string;
  readonly sig: string;
  /** Each has to be among the readings nearest to the words. */
  readonly says: readonly string[];
}

const goldens = JSON.parse(
  readFileSync(new URL("./testdata/phrases.json", import.meta.url), "utf8"),
) as readonly Golden[];

/** So many readings of a type are near. */
const NEAR = 50;
const NOTHING = { inputs: [], items: [], outputs: [] };

function targetOf(sig: string): Target {
  const match = /^\((.*)\) -> (.*)$/u.exec(sig);
  const read = (text: string) => {
    const type = parseType(text);
    if ("error" in type) throw new Error(`cannot read the type ${text}: ${type.error}`);
    return type;
  };
  const params = [...(match?.[1] ?? "").matchAll(/(\w+): ((?:[^,<(]|<[^>]*>+|\([^)]*\))+)/gu)];
  return {
    params: params.map(([, name = "", type = ""]) => ({ name, type: read(type.trim()) })),
    returns: read(match?.[2] ?? ""),
  };
}

function readings(text: string, sig: string): readonly Term[] {
  return fragmentsOf(tokens(text), targetOf(sig), NOTHING);
}

function isProgram({ text, type }: Term, sig: string): boolean {
  const head = sig.slice(0, sig.indexOf(") ->") + 1);
  return parse(`anrf 1\n\nfn f${head} -> ${type.text} {\n  ${text}\n}\n`).ok;
}

describe("fragmentsOf", () => {
  it.each(goldens)("reads: $text", ({ text, sig, says }) => {
    const all = readings(text, sig);
    for (const wanted of says) {
      const found = all.find((one) => one.text === wanted);
      expect(found, `${wanted} is not among ${all.map((one) => one.text).join("\n")}`).toBeDefined();
      const nearer = all.filter(
        ({ type, bits }) => type.text === found?.type.text && bits < (found?.bits ?? 0),
      );
      expect(nearer.length, `${wanted} comes after ${nearer.map((one) => one.text).join("\n")}`).toBeLessThan(
        NEAR,
      );
    }
  });

  it.each(goldens)("gives expressions of the language for: $text", ({ text, sig }) => {
    for (const term of readings(text, sig))
      expect(isProgram(term, sig), `${term.type.text}: ${term.text}`).toBe(true);
  });

  it("says nothing where the words say nothing of the parameters", () => {
    expect(readings("Do the usual thing with it.", "(x: string) -> string")).toEqual([]);
    expect(readings("", "(n: int) -> int")).toEqual([]);
  });

  it("keeps clear of the names of the parameters", () => {
    const sig = "(item: list<int>, limit: int) -> int";
    const all = readings("How many are above the limit?", sig);
    expect(all.map((one) => one.text)).toContain("item.count((one) => one > limit)");
    for (const term of all) expect(isProgram(term, sig), term.text).toBe(true);
  });

  it("gives the same readings again, and no more than a message holds", () => {
    for (const { text, sig } of goldens) {
      const all = readings(text, sig);
      expect(all).toEqual(readings(text, sig));
      expect(all.length).toBeLessThanOrEqual(200);
      expect(new Set(all.map((one) => one.text)).size).toBe(all.length);
    }
  });

  it("takes the form of a text from the shown inputs and outputs", () => {
    const target = targetOf("(minutes: int) -> string");
    const shown = { inputs: [], items: [], outputs: ["2h05", "0h59"] };
    const texts = fragmentsOf(tokens("Print a duration in minutes as hours and minutes."), target, shown);
    expect(texts.map((one) => one.text)).toContain(
      '(minutes // 60).to_string() + "h" + (minutes % 60).to_string().pad_start(2, "0")',
    );
  });
});

describe("entries of a text", () => {
  const words = tokens("Read it into a map from the thing to its amount.");
  const texts = (sig: string, inputs: readonly string[], items: readonly string[]) =>
    fragmentsOf(words, targetOf(sig), { inputs, items, outputs: [] }).map((one) => one.text);

  it("have the parts that the shown ones have", () => {
    expect(texts("(text: string) -> map<string, int>", ["a=1;b=2", "x=10;y=3"], [])).toContain(
      'Map.from_entries(text.split(";").map((part) => part.trim()).map((entry) => (entry.split("=")[0].trim(), Int.parse(entry.split("=")[1].trim()).unwrap())))',
    );
  });

  it("are left out where they have another form", () => {
    const found = texts(
      "(text: string) -> map<string, int>",
      ["4 nails, 7 screws", "12 nuts, glue, 1 saw"],
      [],
    );
    expect(
      found.some((text) =>
        text.includes(
          ".filter((entry) => entry.split_whitespace().length() == 2 and Int.parse(entry.split_whitespace()[0].trim()).is_some())",
        ),
      ),
    ).toBe(true);
  });

  it("may stand in a list", () => {
    expect(texts("(lines: list<string>) -> map<string, int>", [], ["bob: 3", "ann: 7"])).toContain(
      'Map.from_entries(lines.map((entry) => (entry.split(": ")[0].trim(), Int.parse(entry.split(": ")[1].trim()).unwrap())))',
    );
  });
});

describe("numeralAt", () => {
  it.each([
    ["12", 12],
    ["1,000 pieces", 1000],
    ["twenty-one", 20],
    ["twenty one", 21],
    ["three hundred", 300],
    ["two million", 2_000_000],
    ["minus five", -5],
    ["-7", -7],
  ])("reads %s", (text, value) => {
    expect(numeralAt(tokens(text), 0)?.value).toBe(value);
  });

  it("reads no number where none begins", () => {
    expect(numeralAt(tokens("some twelve"), 0)).toBeUndefined();
  });
});
