import { readdirSync, readFileSync } from "node:fs";
import { create, equals, fromBinary, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "#anrf/std/catalogue.ts";
import { parse } from "#anrf/text/parse.ts";
import { Example_Origin, ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import { PartSource } from "#gen/anrf/api/v1/signature_pb.ts";
import {
  Constant_Why,
  Constraint_Enforcement,
  Constraint_Kind,
  type StructuredIntent,
  StructuredIntentSchema,
} from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { RpcError } from "#platform/rpc/error.ts";
import { analyze } from "./analyze.ts";
import { readContext } from "./context.ts";
import { lexiconBuiltins } from "./lexicon.ts";

interface Golden {
  readonly text: string;
  /** Types of the parameters, then "->" and that of the result. */
  readonly sig: string;
  readonly names?: readonly string[];
  readonly verb?: string;
  /** Builtins that must be among the twelve strongest hints. */
  readonly hints?: readonly string[];
  /** Values that must be among the constants. */
  readonly constants?: readonly (string | number)[];
  readonly examples?: number;
  readonly clauses?: readonly string[];
  readonly asks?: readonly string[];
  readonly tolerance?: number;
}

const folder = new URL("./testdata/", import.meta.url);
const goldens = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .flatMap((name) => {
    const rows = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Golden[];
    return rows.map((row) => ({ file: name.replace(".json", ""), ...row }));
  });

function typesOf(intent: StructuredIntent): string {
  const params = intent.signature?.params.map((param) => param.type).join(", ") ?? "";
  return `${params} -> ${intent.signature?.returns ?? ""}`;
}

function constantsOf(intent: StructuredIntent): unknown[] {
  return intent.constants.map((one) => one.value?.kind.value);
}

describe("analyze", () => {
  it("has at least 150 golden texts", () => {
    expect(new Set(goldens.map((golden) => golden.text)).size).toBeGreaterThanOrEqual(150);
  });

  it.each(goldens)("$file: $text", (golden) => {
    const intent = analyze(golden.text);
    expect(typesOf(intent)).toBe(golden.sig);
    if (golden.names !== undefined)
      expect(intent.signature?.params.map((param) => param.name)).toEqual(golden.names);
    if (golden.verb !== undefined) expect(intent.goal?.verbClass).toBe(golden.verb);
    const strongest = intent.goal?.hints.slice(0, 12).map((hint) => hint.builtin) ?? [];
    expect(strongest).toEqual(expect.arrayContaining([...(golden.hints ?? [])]));
    expect(constantsOf(intent)).toEqual(expect.arrayContaining([...(golden.constants ?? [])]));
    expect(intent.examples).toHaveLength(golden.examples ?? 0);
    const clauses = intent.constraints.flatMap((one) => one.clauses);
    expect(clauses).toEqual(expect.arrayContaining([...(golden.clauses ?? [])]));
    const asked = intent.ambiguities.map((one) => one.kind);
    expect(asked).toEqual(expect.arrayContaining([...(golden.asks ?? [])]));
    if (golden.tolerance !== undefined) expect(intent.examples[0]?.tolerance).toBe(golden.tolerance);
  });
});

function example(inputs: JsonValue, output: JsonValue) {
  return create(ExampleSchema, {
    inputs: fromJson(ValueSchema, inputs),
    expected: { case: "output", value: fromJson(ValueSchema, output) },
  });
}

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const info = error.details.find((one) => one.typeUrl.endsWith("ErrorInfo"));
    return info === undefined ? "" : fromBinary(ErrorInfoSchema, info.value).reason;
  }
  return "answered";
}

describe("analyze with what a request gives", () => {
  it("takes the types of the request before all others", () => {
    const signature = { params: [{ name: "values", type: "list<float>" }], returns: "float" };
    const intent = analyze("Sum all numbers in a list of integers.", { signature });
    expect(typesOf(intent)).toBe("list<float> -> float");
    expect(intent.signature?.params[0]?.name).toBe("values");
    expect(intent.signature?.params[0]?.source).toBe(PartSource.GIVEN);
  });

  it("names parameters as the examples of the request do", () => {
    const intent = analyze("Add them up.", { examples: [example({ xs: [1, 2], start: 5 }, 8)] });
    expect(typesOf(intent)).toBe("list<int>, int -> int");
    expect(intent.signature?.params.map((param) => param.name)).toEqual(["xs", "start"]);
  });

  it.each([
    ["Return the average.", [[1, 2, 3]], 2, "list<int> -> float"],
    ["Swap the two parts of a pair.", [[1, 2]], [2, 1], "(int, int) -> (int, int)"],
    [
      "Add two tuples position by position.",
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [5, 7, 9],
      "(int, int, int), (int, int, int) -> (int, int, int)",
    ],
    [
      "Count how often each number occurs.",
      [[7, 7, 9]],
      [
        [7, 2],
        [9, 1],
      ],
      "list<int> -> map<int, int>",
    ],
    [
      "Total distance between the points of a list.",
      [
        [
          [0, 0],
          [3, 4],
        ],
      ],
      5,
      "list<(int, int)> -> int",
    ],
    ["Find the first vowel or return None.", ["xyz"], null, "string -> option<string>"],
    ["Return the sum and the average of a list.", [[1, 2]], [3, 1.5], "list<int> -> (int, float)"],
    [
      "Sum the rows of a matrix.",
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [3, 7],
      "list<list<int>> -> list<int>",
    ],
    ["Square root.", [2.25], 1.5, "float -> float"],
  ] as const)("lets words decide what JSON has lost: %s", (text, inputs, output, types) => {
    expect(
      typesOf(analyze(text, { examples: [example(inputs as unknown as JsonValue, output as JsonValue)] })),
    ).toBe(types);
  });

  it("takes digits beyond 2^53 beside numbers for ints", () => {
    const intent = analyze("Keep big numbers.", { examples: [example([[1, "9007199254740993"]], 1)] });
    expect(typesOf(intent)).toBe("list<int> -> int");
  });

  it("keeps equal inputs with two outputs as a question", () => {
    const intent = analyze("", { examples: [example([1], 2), example([1], 3)] });
    const [question] = intent.ambiguities;
    expect(question?.kind).toBe("CONTRADICTORY_EXAMPLES");
    expect(question?.options.map((option) => option.patch?.values?.examples.length)).toEqual([1, 1]);
    expect(question?.options[0]?.patch?.updateMask?.paths).toEqual(["examples"]);
  });

  it("counts an example once that the text repeats", () => {
    const intent = analyze("Halve a number: f(3.0) = 1.5, f(2.0) = 1.0", { examples: [example([2], 1)] });
    expect(intent.examples.map((one) => one.origin)).toEqual([Example_Origin.REQUEST, Example_Origin.TEXT]);
    expect(typesOf(intent)).toBe("float -> float");
    expect(intent.ambiguities.map((one) => one.kind)).not.toContain("CONTRADICTORY_EXAMPLES");
  });

  it("makes a clause soft that an example breaks, and says so", () => {
    const intent = analyze("Double a positive integer n. f(-2) = -4");
    expect(intent.constraints[0]?.enforced).toBe(Constraint_Enforcement.SOFT);
    expect(intent.warnings.map((warning) => warning.message).join()).toContain("example 1 breaks");
  });

  it("checks a clause of the request and reads a sentence of it", () => {
    const given = {
      constraints: ["result >= 0", "return 0 if n is negative", "be nice"],
      signature: { params: [{ name: "n", type: "int" }], returns: "int" },
    };
    const [clause, sentence, style] = analyze("f", given).constraints;
    expect([clause?.clauses, clause?.enforced]).toEqual([["result >= 0"], Constraint_Enforcement.CHECKED]);
    expect([sentence?.clauses, sentence?.enforced]).toEqual([
      ["not (n < 0) or result == 0"],
      Constraint_Enforcement.CHECKED,
    ]);
    expect(style?.enforced).toBe(Constraint_Enforcement.SOFT);
  });

  it("takes signature, examples and functions of a stored context where nothing else speaks", () => {
    const content = {
      signature: { params: [{ name: "cart", type: "map<string, int>" }], returns: "int" },
      examples: [{ inputs: { cart: { tea: 2 } }, output: 2 }],
      functions: [{ name: "price_of", anrf_id: "0190f2b8-0000-7000-8000-000000000000", version: 3 }],
    };
    const alone = analyze("How many?");
    const intent = analyze("How many?", { context: readContext("shop", "pieces", content) });
    expect(typesOf(intent)).toBe("map<string, int> -> int");
    expect(typesOf(alone)).not.toBe(typesOf(intent));
    expect(intent.examples[0]?.origin).toBe(Example_Origin.CONTEXT);
    expect(intent.contextRefs.map((ref) => ref.usedFor)).toEqual(["signature", "examples", "call"]);
    expect(intent.contextRefs.at(-1)?.version).toBe(3);
  });

  it.each([
    ["INTENT_EMPTY", () => analyze(" \n ")],
    ["FIELD_INVALID", () => analyze("half of a pair: \ud83d")],
    ["FIELD_INVALID", () => analyze("zero \0 inside")],
    ["FIELD_INVALID", () => analyze("x".repeat(20_001))],
    ["answered", () => analyze("\u{1f44d}".repeat(20_000))],
    [
      "SIGNATURE_INVALID",
      () => analyze("f", { signature: { params: [{ name: "x", type: "list<" }], returns: "int" } }),
    ],
    [
      "SIGNATURE_INVALID",
      () => analyze("f", { signature: { params: [{ name: "1x", type: "int" }], returns: "int" } }),
    ],
    [
      "SIGNATURE_INVALID",
      () => analyze("f", { signature: { params: [{ name: "x" }, { name: "x" }], returns: "int" } }),
    ],
    ["EXAMPLE_INVALID", () => analyze("f", { examples: [example(5, 1)] })],
    ["EXAMPLE_INVALID", () => analyze("f", { examples: [example({ "my list": [1] }, 1)] })],
    ["EXAMPLE_INVALID", () => analyze("f", { examples: [example({ xs: [1] }, 1), example({ ys: [1] }, 1)] })],
    ["EXAMPLE_INVALID", () => analyze("f", { examples: [example([1], 1), example([1, 2], 1)] })],
    ["EXAMPLE_INVALID", () => analyze("f", { examples: [example([[1, "a", true]], 1), example([[1]], 1)] })],
    [
      "EXAMPLE_INVALID",
      () =>
        analyze("f", {
          signature: { params: [{ name: "x", type: "int" }], returns: "int" },
          examples: [example({ x: "a" }, 1)],
        }),
    ],
    ["INPUT_TOO_DEEP", () => analyze("f", { examples: [example([nested(40)], 1)] })],
  ] as const)("answers %s (%#)", (reason, run) => {
    expect(reasonOf(run)).toBe(reason);
  });
});

function nested(levels: number): JsonValue {
  let value: JsonValue = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

describe("spans", () => {
  it.each(goldens.filter((golden) => golden.file === "examples"))(
    "read back what they name: $text",
    (golden) => {
      const points = [...golden.text];
      const intent = analyze(golden.text);
      for (const one of intent.examples) {
        const words = points.slice(one.span?.start, one.span?.end).join("");
        // Read alone, the words give the same example again.
        expect(words).not.toBe("");
        expect(golden.text).toContain(words);
        expect(one.span?.end).toBeLessThanOrEqual(points.length);
      }
      for (const one of intent.constants) {
        const words = points.slice(one.span?.start, one.span?.end).join("");
        if (one.why === Constant_Why.QUOTED && one.value?.kind.case === "stringValue") {
          expect(words.replaceAll(/[\s"'`]/gu, "")).toBe(one.value.kind.value.replaceAll(/[\s"'`]/gu, ""));
        }
        if (one.value?.kind.case === "numberValue" && /^-?\d+$/u.test(words))
          expect(Number(words)).toBe(one.value.kind.value);
      }
    },
  );

  it("count code points, not UTF-16 units", () => {
    const text = "👍👍 replace 'x' in a string";
    const [one] = analyze(text).constants;
    expect([...text].slice(one?.span?.start, one?.span?.end).join("")).toBe("'x'");
  });

  it("say where the parts of a signature stand", () => {
    const text = "Given a list of words and an integer k, return the longest k words.";
    const spans = analyze(text).signature?.params.map((param) =>
      text.slice(param.span?.start, param.span?.end),
    );
    expect(spans).toEqual(["list of words", "integer"]);
  });
});

const validator = createValidator();

/** What of an answer breaks the contract's own rules: it has to pass them again when it is handed to a generation. */
function violationsOf(intent: StructuredIntent): string[] {
  const result = validator.validate(StructuredIntentSchema, intent);
  return result.kind === "valid" ? [] : [String(result.error)];
}

describe("any text", () => {
  const PIECES = [
    "sum",
    "list of",
    "a",
    "the",
    "'",
    '"',
    "`",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "->",
    "→",
    "=",
    "==",
    ",",
    ".",
    ":",
    ";",
    "\n",
    "\n>>> ",
    "f(",
    "1",
    "-2.5",
    "None",
    "True",
    "if",
    "is empty",
    "return",
    "otherwise",
    "sorted",
    "between 1 and",
    "👍",
    "é",
    "\u202e",
    "\u200b",
    "\u0301",
    "文字列",
    "\t",
    "\\",
    "|",
    "|\n|",
    "```",
    "def f(",
    "input:",
    "output:",
    "for",
    "given",
    "[1, 2]",
    "e.g.",
    "%",
    "10^9",
    "twenty",
    "tuple",
    "dictionary",
    "nth",
    "assert ",
    "raises",
    "#",
    "\ufeff",
    "𝕏",
    "x = 1",
  ] as const;

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("gives an answer or a clear refusal (seed %i)", (seed) => {
    let state = seed * 2654435761;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % below;
    };
    for (let round = 0; round < 60; round += 1) {
      let text = "";
      for (let at = random(40) + 1; at > 0; at -= 1) {
        text += random(5) === 0 ? String.fromCharCode(random(0x10000)) : PIECES[random(PIECES.length)];
        if (random(2) === 0) text += " ";
      }
      const reason = reasonOf(() => {
        const intent = analyze(text);
        const bytes = toBinary(StructuredIntentSchema, intent);
        expect(equals(StructuredIntentSchema, fromBinary(StructuredIntentSchema, bytes), intent)).toBe(true);
        expect(equals(StructuredIntentSchema, analyze(text), intent)).toBe(true);
        expect(violationsOf(intent), text).toEqual([]);
        const length = [...text].length;
        for (const one of [...intent.examples, ...intent.constants, ...intent.constraints]) {
          expect(
            one.span === undefined || (one.span.start <= one.span.end && one.span.end <= length),
            text,
          ).toBe(true);
        }
      });
      expect(["answered", "FIELD_INVALID", "INTENT_EMPTY"], JSON.stringify(text)).toContain(reason);
    }
  });

  it.each(["(", "[", "[1,", '"\\', "-", "a ", "f(1)", "1 -> ", "|a|b|\n", "return 0 if ", "\u{1f44d}"])(
    "reads 20,000 characters of %j without blowing up",
    (piece) => {
      const text = `f ${piece.repeat(20_000)}`.slice(0, 20_000);
      const read = (): void => {
        expect(violationsOf(analyze(text.isWellFormed() ? text : text.slice(0, -1)))).toEqual([]);
      };
      expect(reasonOf(read)).toBe("answered");
    },
  );
});

/** A function of the signature with the clauses, as text; its body does not matter. */
function clauseText(intent: StructuredIntent): string {
  const params = intent.signature?.params.map((param) => `${param.name}: ${param.type}`).join(", ") ?? "";
  const lines = intent.constraints.flatMap((one) => {
    const word = one.kind === Constraint_Kind.PRECONDITION ? "requires" : "ensures";
    return one.clauses.map((clause) => `  ${word} ${clause}`);
  });
  return `anrf 1\n\nfn f(${params}) -> ${intent.signature?.returns}\n${lines.join("\n")}\n{\n  fail("none")\n}\n`;
}

describe("clauses", () => {
  const TEXTS = [
    "Return the sum of a non-empty list of positive integers.",
    "Return 0 if n is negative, for an integer n.",
    "Return 0.5 if x is zero, for a float x. half(2.0) = 1.0",
    "If n is divisible by 15, return 'FizzBuzz', for an integer n. f(3) = 'Fizz'",
    "Return None if the list is empty, otherwise its first item. f([1]) = 1, f([]) = None",
    "Given a sorted list of floats return the list without duplicates. f([1.0, 1.0]) = [1.0]",
    "Given two lists of equal length, return a list of the same length as the input. f([1], [2]) = [3]",
    "Return an empty string when the text is empty. f('ab') = 'ba'",
    "Return False if the string is empty. f('ab') is True",
    "Return an empty dictionary if the dictionary is empty. f({'a': 1}) = {'a': 2}",
    "Return the words in alphabetical order. f(['b', 'a']) = ['a', 'b']",
    "1 <= n <= 10 and n > 0. f(n=3) = 4",
    "Return a list with at most k items. f([1, 2], 1) = [1]",
    "Return -1 if k is greater than 5. def f(xs: list[int], k: int) -> int",
    "Return 1 if match is 0. def f(match: int) -> int",
  ] as const;

  it.each([...TEXTS, ...goldens.map((golden) => golden.text)])("are text of the language: %s", (text) => {
    const intent = analyze(text);
    const read = parse(clauseText(intent).replaceAll("fn f(match:", "fn f(`match`:"));
    expect(read.ok ? [] : read.diagnostics.map((one) => one.message), clauseText(intent)).toEqual([]);
  });

  it("are found in each of these", () => {
    const without = TEXTS.filter((text) =>
      analyze(text).constraints.every((one) => one.clauses.length === 0),
    );
    expect(without).toEqual([]);
  });
});

describe("hints", () => {
  it("name builtins of the catalogue only", () => {
    const known = new Set(CATALOGUE.map((builtin) => builtin.id));
    expect([...lexiconBuiltins()].filter((id) => !known.has(id))).toEqual([]);
  });

  it("stand at the words that suggest them, strongest first", () => {
    const text = "Count the vowels of a text.";
    const hints = analyze(text).goal?.hints ?? [];
    expect(hints.map((hint) => hint.weight)).toEqual(
      hints.map((hint) => hint.weight).toSorted((a, b) => b - a),
    );
    const vowel = hints.find((hint) => hint.builtin === "string.contains");
    expect(text.slice(vowel?.span?.start, vowel?.span?.end)).toBe("vowels");
  });
});

describe("the goal's summary", () => {
  it.each([
    ["Sum of the even numbers in a list, e.g. [1,2,3,4] -> 6", "Sum of the even numbers in a list"],
    ["Reverse the words of a text, for example 'a b' -> 'b a'", "Reverse the words of a text"],
  ])("of %j leaves out what led to the example", (text, summary) => {
    expect(analyze(text).goal?.summary).toBe(summary);
  });
});
