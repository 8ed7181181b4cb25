import { describe, expect, test } from "vitest";
import {
  BOOL,
  FLOAT,
  functionOf,
  INT,
  listOf,
  mapOf,
  NO_NOMINALS,
  optionOf,
  recordOf,
  STRING,
  type Type,
  tupleOf,
  typeVar,
} from "#anrf/program/type.ts";
import { knownBuiltin } from "./catalogue.ts";
import { type Bindings, instantiate, isMisfit, renameVariables, resolve, unify } from "./unify.ts";

function resultOf(id: string, args: readonly (Type | undefined)[], result?: Type): string {
  const answer = instantiate(knownBuiltin(id).signature, args, result);
  return isMisfit(answer) ? `misfit ${answer.part} ${answer.index}` : answer.result.text;
}

describe("instantiate", () => {
  test.each([
    ["list.map", [listOf(INT), functionOf([INT], STRING)], undefined, "list<string>"],
    ["list.map", [listOf(INT), functionOf([FLOAT], STRING)], undefined, "misfit argument 1"],
    ["list.map", [listOf(INT), undefined], listOf(BOOL), "list<bool>"],
    ["list.map", [listOf(INT)], undefined, "misfit arity -1"],
    ["eq", [INT, FLOAT], undefined, "misfit argument 1"],
    ["eq", [functionOf([], INT), functionOf([], INT)], undefined, "misfit class 0"],
    ["list.sort", [listOf(functionOf([INT], INT))], undefined, "misfit class 0"],
    ["list.tally", [listOf(FLOAT)], undefined, "misfit class 0"],
    ["list.group_by", [listOf(FLOAT), functionOf([FLOAT], INT)], undefined, "map<int, list<float>>"],
    ["list.group_by", [listOf(INT), functionOf([INT], FLOAT)], undefined, "misfit class 1"],
    ["list.enumerate", [listOf(STRING)], undefined, "list<(int, string)>"],
    ["map.update", [mapOf(STRING, INT), STRING, INT, functionOf([INT], INT)], undefined, "map<string, int>"],
    ["list.length", [listOf(BOOL)], STRING, "misfit result -1"],
  ] as const)("of %s with %o and result %o", (id, args, result, expected) => {
    expect(resultOf(id, args, result)).toBe(expected);
  });

  test("names what is free, and the types that a lambda gets", () => {
    const answer = instantiate(knownBuiltin("list.fold").signature, [listOf(INT), undefined, undefined]);
    expect(answer).toMatchObject({ free: ["s"] });
    expect(isMisfit(answer) ? "" : answer.params[2]?.text).toBe("(s, int) -> s");
  });

  test("says what was expected and found", () => {
    const answer = instantiate(knownBuiltin("list.contains").signature, [listOf(INT), STRING]);
    expect(answer).toStrictEqual({ part: "argument", index: 1, expected: "int", found: "string" });
  });

  test("takes variables of the arguments as rigid, though they share a name with the signature's", () => {
    const a = typeVar("a", "ord");
    expect(resultOf("list.map", [listOf(a), functionOf([a], listOf(a))])).toBe("list<list<a>>");
    expect(resultOf("list.sort", [listOf(a)])).toBe("list<a>");
    expect(resultOf("list.sort", [listOf(typeVar("a"))])).toBe("misfit class 0");
    expect(resultOf("list.contains", [listOf(a), typeVar("b")])).toBe("misfit argument 1");
  });

  test("looks into records for the class", () => {
    const price = recordOf("Price");
    const nominals = { ...NO_NOMINALS, records: new Map([["Price", [{ name: "value", type: FLOAT }]]]) };
    const tally = knownBuiltin("list.tally").signature;
    expect(isMisfit(instantiate(tally, [listOf(price)], undefined, nominals))).toBe(true);
    const sort = knownBuiltin("list.sort").signature;
    expect(isMisfit(instantiate(sort, [listOf(price)], undefined, nominals))).toBe(false);
  });
});

describe("unify", () => {
  const [x, y] = [typeVar("x"), typeVar("y")];

  test.each([
    [listOf(x), listOf(INT), x, "int"],
    [tupleOf([x, y]), tupleOf([y, INT]), x, "int"],
    [functionOf([x], y), functionOf([INT], optionOf(x)), y, "option<int>"],
    [mapOf(x, y), mapOf(STRING, listOf(x)), y, "list<string>"],
  ] as const)("%o with %o", (left, right, asked, expected) => {
    const bindings: Bindings = new Map();
    expect(unify(left, right, bindings)).toBe(true);
    expect(resolve(asked, bindings).text).toBe(expected);
  });

  test.each([
    [x, listOf(x)],
    [tupleOf([x, x]), tupleOf([INT, FLOAT])],
    [tupleOf([INT, INT]), tupleOf([INT, INT, INT])],
    [listOf(INT), optionOf(INT)],
    [recordOf("A"), recordOf("B")],
    [functionOf([], x), functionOf([INT], x)],
  ] as const)("refuses %o with %o", (left, right) => {
    expect(unify(left, right, new Map())).toBe(false);
  });

  test("works on two uses of one signature once their variables are renamed", () => {
    const { signature } = knownBuiltin("list.map");
    const [outer, inner] = [renameVariables(signature, "1"), renameVariables(signature, "2")];
    const bindings: Bindings = new Map();
    expect(unify(outer.params[0]?.type ?? INT, inner.result, bindings)).toBe(true);
    expect(unify(inner.params[1]?.type ?? INT, functionOf([INT], STRING), bindings)).toBe(true);
    expect(resolve(outer.params[1]?.type ?? INT, bindings).text).toBe("(string) -> b1");
  });
});
