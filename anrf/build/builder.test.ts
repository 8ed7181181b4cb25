import { equals } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { canonicalModule, isCanonical, moduleBytes } from "#anrf/program/canonical.ts";
import { BOOL, functionOf, INT, listOf, tupleOf, variantOf } from "#anrf/program/type.ts";
import { Builtin } from "#gen/anrf/v1/builtins_pb.ts";
import { ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";
import { buildProgram } from "./builder.ts";
import type { Expr, Local, ProgramExpr } from "./expr.ts";

const xs: Local = { name: "xs", type: listOf(INT) };
const x: Local = { name: "x", type: INT };
const ref = (local: Local): Expr => ({ kind: "local", local, type: local.type });
const int = (value: number): Expr => ({ kind: "literal", value, type: INT });

/** fn main(xs) { sum of xs where helper(x) }, fn helper(x) { x > 3 }; `unused` is reached by nobody. */
const PROGRAM: ProgramExpr = {
  entry: "main",
  functions: [
    { name: "unused", params: [], result: INT, body: int(1) },
    {
      name: "helper",
      params: [{ name: "n", type: INT }],
      result: BOOL,
      body: { kind: "literal", value: true, type: BOOL },
    },
    {
      name: "main",
      params: [xs],
      result: INT,
      body: {
        kind: "builtin",
        builtin: Builtin.LIST_SUM_INT,
        type: INT,
        args: [
          {
            kind: "builtin",
            builtin: Builtin.LIST_FILTER,
            type: listOf(INT),
            args: [
              ref(xs),
              {
                kind: "lambda",
                params: [x],
                type: functionOf([INT], BOOL),
                body: { kind: "call", function: "helper", args: [ref(x)], type: BOOL },
              },
            ],
          },
        ],
      },
    },
  ],
};

describe("buildProgram", () => {
  it("numbers as the canonical form does", () => {
    const { module } = buildProgram(PROGRAM);
    expect(equals(ModuleSchema, canonicalModule(module), module)).toBe(true);
    expect(isCanonical(moduleBytes(module))).toBe(true);
  });

  it("puts the entry first and leaves out what it does not reach", () => {
    const { module, annotations } = buildProgram(PROGRAM);
    expect(module.functions.map((fn) => fn.name)).toEqual(["main", "helper"]);
    expect(annotations.functions[0]?.localNames).toEqual(["xs", "x"]);
  });

  it("closes a recursive variant", () => {
    const tree = variantOf("Tree");
    const { module } = buildProgram({
      entry: "leaf",
      functions: [
        {
          name: "leaf",
          params: [],
          result: tree,
          body: { kind: "variant", caseIndex: 0, args: [], type: tree },
        },
      ],
      variants: [
        {
          name: "Tree",
          cases: [
            { name: "Leaf", payload: [] },
            { name: "Node", payload: [tree, tupleOf([INT, BOOL]), tree] },
          ],
        },
      ],
    });
    expect(equals(ModuleSchema, canonicalModule(module), module)).toBe(true);
  });

  it("names a function that is not declared", () => {
    const body: Expr = { kind: "call", function: "missing", args: [], type: INT };
    expect(() =>
      buildProgram({ entry: "f", functions: [{ name: "f", params: [], result: INT, body }] }),
    ).toThrow('function "missing" is not declared');
  });
});

describe("isCanonical", () => {
  it("refuses a module that holds more than the entry reaches", () => {
    const again = buildProgram(PROGRAM).module;
    const main = again.functions[0];
    if (main === undefined) throw new Error("no entry");
    again.functions.push({ ...main, name: "copy" });
    expect(isCanonical(moduleBytes(again))).toBe(false);
  });
});
