import { getOption } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { FLOAT, functionOf, INT, listOf, mapOf, typeVar } from "#anrf/program/type.ts";
import { BuiltinSchema, builtin as specOption } from "#gen/anrf/v1/builtins_pb.ts";
import { parseSignature } from "./signature.ts";

describe("parseSignature", () => {
  test("reads variables with their classes, parameters and result", () => {
    const signature = parseSignature("<a, k: key>(list<a>, (a) -> k, int) -> map<k, list<a>>");
    const [a, k] = [typeVar("a"), typeVar("k", "key")];
    expect([...signature.vars]).toStrictEqual([
      ["a", a],
      ["k", k],
    ]);
    expect(signature.params.map((param) => param.type)).toStrictEqual([listOf(a), functionOf([a], k), INT]);
    expect(signature.result).toStrictEqual(mapOf(k, listOf(a)));
  });

  test("reads a function without parameters", () => {
    expect(parseSignature("() -> float")).toMatchObject({ params: [], result: FLOAT });
  });

  test("reads the marks", () => {
    const { params } = parseSignature("<a>(option<a>, lazy a, const string) -> a");
    expect(params.map((param) => param.mark)).toStrictEqual(["none", "lazy", "const"]);
  });

  test.each([
    ["int -> int", 'expected "("'],
    ["(a) -> int", 'unknown type "a"'],
    ["<a: hash>(a) -> a", 'not "a: hash"'],
    ["(int) -> int!", "expected the end"],
    ["(int int) -> int", 'expected ", "'],
    ["(int)", 'expected ") -> "'],
    ["(int, ", "expected a type"],
  ])("refuses %s", (text, why) => {
    expect(() => parseSignature(text)).toThrow(why);
  });

  test("finds the marks where the catalogue says that they are", () => {
    for (const value of BuiltinSchema.values.slice(1)) {
      const spec = getOption(value, specOption);
      const { params } = parseSignature(spec.signature);
      const marked = (mark: string) => params.flatMap((param, i) => (param.mark === mark ? [i] : []));
      expect(marked("lazy"), spec.id).toStrictEqual([...spec.lazyArgs]);
      expect(marked("const"), spec.id).toStrictEqual([...spec.constArgs]);
    }
  });
});
