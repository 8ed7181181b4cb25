import { describe, expect, it } from "vitest";
import type { Expr, Local } from "#anrf/build/expr.ts";
import { BOOL, INT, STRING, type Type } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import { runFunction } from "./evaluate.ts";
import { chainsOf, overlapsOf } from "./words.ts";

const local = (name: string, type: Type): Local => ({ name, type });
const given = (value: Value, type: Type) => ({ value, type, weight: 0.8 });
const run = (body: Expr, params: readonly Local[], result: Type, args: readonly Value[]) =>
  runFunction({ name: "f", params, result, body }, args);

describe("chainsOf", () => {
  it("reads results before their bounds, the last one beyond them", () => {
    const params = [local("weight", INT)];
    const said = [
      given("heavy", STRING),
      given(50, INT),
      given("middling", STRING),
      given(20, INT),
      given("light", STRING),
    ];
    const wanted: readonly (readonly [number, string])[] = [
      [50, "heavy"],
      [49, "middling"],
      [20, "middling"],
      [19, "light"],
    ];
    const right = [...chainsOf(params, STRING, said)].filter(({ body }) =>
      wanted.every(([weight, name]) => run(body, params, STRING, [weight]) === name),
    );
    expect(right).toHaveLength(1);
  });

  it("makes rates of a parameter", () => {
    const params = [local("amount", INT)];
    const said = [given(100, INT), given(5, INT), given(500, INT), given(20, INT)];
    const outcomes = [...chainsOf(params, INT, said)].map(({ body }) =>
      [50, 200, 1000].map((amount) => run(body, params, INT, [amount])).join(),
    );
    expect(outcomes).toContain("0,10,200");
  });

  it("offers nothing where the words name nothing", () => {
    expect([...chainsOf([local("n", INT)], INT, [])]).toEqual([]);
  });
});

describe("overlapsOf", () => {
  const params = ["a", "b", "c", "d"].map((name) => local(name, INT));

  it("measures what two intervals share, none where they lie apart", () => {
    const [first] = [...overlapsOf(params, INT)];
    const of = (...ends: number[]) => first && run(first.body, params, INT, ends);
    expect([of(0, 5, 3, 9), of(3, 9, 0, 5), of(0, 1, 2, 3)]).toEqual([2, 2, 0]);
  });

  it("asks whether they meet, with and without their ends", () => {
    const touching = [...overlapsOf(params, BOOL)].map(({ body }) => run(body, params, BOOL, [0, 5, 5, 9]));
    expect(touching).toContain(true);
    expect(touching).toContain(false);
  });
});
