import { describe, expect, it } from "vitest";
import { readArtifact, writeArtifact } from "#anrf/program/artifact.ts";
import { parseType } from "#anrf/program/type-text.ts";
import type { Value } from "#anrf/program/value.ts";
import { runFunction } from "#anrf/search/evaluate.ts";
import { parse } from "#anrf/text/parse.ts";
import { verify } from "#anrf/verify/verify.ts";
import { hitsOf, retrieve } from "./retrieve.ts";
import { functionOf, textbook } from "./textbook.ts";

const typeOf = (text: string) => {
  const type = parseType(text);
  if ("error" in type) throw new Error(type.error);
  return type;
};

describe("the textbook", () => {
  it("has hundreds of functions, each once", () => {
    const names = textbook().map(({ name }) => name);
    expect(names.length).toBeGreaterThan(500);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it("has no phrase twice for functions of one type", () => {
    const phrases = textbook().flatMap(({ phrases, params, result }) =>
      phrases.map((phrase) => `${phrase}: (${params.map(({ text }) => text).join(", ")}) -> ${result.text}`),
    );
    expect(phrases.filter((phrase, at) => phrases.indexOf(phrase) !== at)).toEqual([]);
  });

  it.each(textbook())("$name gives its examples, and passes every check", (entry) => {
    const read = parse(entry.text);
    expect(read.diagnostics).toEqual([]);
    if (!read.ok) throw new Error("unreachable: a text without diagnostics is a program");
    expect(read.spec.examples.length).toBeGreaterThan(0);
    const { document } = readArtifact(
      writeArtifact({ ...read.program, spec: read.spec, producer: "test", producerVersion: "1" }),
    );
    if (document === undefined) throw new Error("the file cannot be read");
    const failed = [...verify(document)].filter(({ status }) => status === "FAIL");
    expect(failed).toEqual([]);
    const { params, result } = functionOf(entry);
    expect(params.map(({ type }) => type.text)).toEqual(entry.params.map(({ text }) => text));
    expect(result.text).toBe(entry.result.text);
  });
});

describe("what the words speak of", () => {
  it.each([
    ["check if a number is prime", "is_prime"],
    ["Write a python function to find the n-th Fibonacci number.", "fibonacci"],
    ["how many set bits a number has", "count_set_bits"],
    ["the area of a circle with the given radius", "circle_area"],
    ["are two words anagrams of each other?", "are_anagrams"],
    ["the greatest sum of a contiguous subarray", "maximum_subarray_sum"],
    ["convert an integer to a roman numeral", "int_to_roman"],
    ["is the year a leap year", "is_leap_year"],
    ["brackets are balanced", "is_balanced"],
    ["edit distance between two strings", "edit_distance"],
    ["convert celsius to fahrenheit", "celsius_to_fahrenheit"],
    ["Transpose a matrix", "transpose"],
  ])("%s", (words, name) => {
    expect(hitsOf(words)[0]?.entry.name).toBe(name);
  });

  it("finds nothing without words, and nothing for what the textbook does not have", () => {
    expect(hitsOf("")).toEqual([]);
    expect(hitsOf("the number of the")).toEqual([]);
    expect(hitsOf("zorgle the blat of a quux")).toEqual([]);
  });

  it("costs more bits the more the words say beside", () => {
    const bits = (words: string) => hitsOf(words).find(({ entry }) => entry.name === "is_prime")?.bits ?? 99;
    expect(bits("is prime")).toBeLessThan(bits("the squares of prime numbers"));
  });
});

describe("whole answers", () => {
  const answers = (
    words: string,
    params: readonly string[],
    result: string,
    constants: readonly Value[] = [],
  ) =>
    retrieve({
      words,
      name: "f",
      params: params.map((type, at) => ({ name: `p${at}`, type: typeOf(type) })),
      result: typeOf(result),
      constants: constants.map((value) => ({ value, type: typeOf("int"), weight: 0.8 })),
    });
  const run = ({ fragments: [first], functions }: ReturnType<typeof answers>, args: readonly Value[]) => {
    if (first === undefined) throw new Error("no answer");
    const fn = { name: "f", params: first.params, result: first.body.type, body: first.body };
    return runFunction(fn, args, new Map(functions.map((one) => [one.fn.name, one.fn])));
  };

  it("stand at the question's own parameters, in the order of the types", () => {
    expect(run(answers("how often a digit occurs in a number", ["int", "int"], "int"), [12232, 2])).toBe(3);
    expect(run(answers("evaluate a polynomial", ["int", "list<int>"], "int"), [2, [1, 2, 3]])).toBe(17);
  });

  it("take ints where the textbook has floats", () => {
    expect(run(answers("area of a triangle", ["int", "int"], "float"), [3, 5])).toBe(7.5);
  });

  it("take numbers of the words for what the parameters leave over", () => {
    const found = answers("sum of multiples of 3 or 5 below n", ["int"], "int", [3, 5]);
    const values = found.fragments.map((one) => run({ ...found, fragments: [one] }, [10]));
    expect(values).toContain(23);
  });

  it("are none where the types do not fit", () => {
    expect(answers("is prime", ["string"], "bool").fragments).toEqual([]);
    expect(answers("is prime", ["int", "int"], "bool").fragments).toEqual([]);
  });
});
