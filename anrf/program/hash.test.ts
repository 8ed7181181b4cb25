import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import type { FunctionExpr, ProgramExpr } from "#anrf/build/expr.ts";
import * as e from "#anrf/testing/exprs.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";
import { nodeHash } from "./digest.ts";
import { DATE, INT, STRING } from "./type.ts";

const PROGRAMS = 150;

function entryOf(program: ProgramExpr): FunctionExpr {
  const found = program.functions.find((one) => one.name === program.entry);
  if (found === undefined) throw new Error("the program has no entry");
  return found;
}

/** Hashes of the nodes below a root of the entry, in post-order. */
function hashesBelow(module: Module, from: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    bytesToHex(nodeHash(module, module.entry, from + index)),
  );
}

/** The same body in another function: another name, more parameters, below other nodes, other locals before it. */
function moved(program: ProgramExpr): ProgramExpr {
  const entry = entryOf(program);
  const body = e.bind(e.slot("before", STRING), e.text("first"), entry.body);
  const fn = e.fn("elsewhere", [e.slot("day", DATE), ...entry.params], body);
  return { ...program, entry: "elsewhere", functions: [...program.functions, fn] };
}

/** The same program with other names for its parameters and another doc. */
function renamed(program: ProgramExpr): ProgramExpr {
  for (const fn of program.functions)
    fn.params.forEach((param, index) => {
      Object.assign(param, { name: `renamed_${index}` });
    });
  return { ...program, functions: program.functions.map((fn) => ({ ...fn, doc: "another doc" })) };
}

describe("nodeHash of random programs", () => {
  it(`is the same for a sub-tree that moved, in ${PROGRAMS} programs`, () => {
    for (let seed = 1; seed <= PROGRAMS; seed++) {
      const program = randomProgram(seed, { hasClauses: false, size: 20 });
      const here = buildProgram(program).module;
      const there = buildProgram(moved(program)).module;
      const count = here.functions[here.entry]?.nodes.length ?? 0;
      // There, the literal of the let comes first and the let itself last.
      expect(hashesBelow(there, 1, count), `seed ${seed}`).toEqual(hashesBelow(here, 0, count));
    }
  });

  it("is the same when locals, docs and other functions have other names", () => {
    for (let seed = 1; seed <= PROGRAMS; seed++) {
      const program = randomProgram(seed, { size: 20 });
      const before = buildProgram(program).module;
      const count = before.functions[before.entry]?.nodes.length ?? 0;
      const hashes = hashesBelow(before, 0, count);
      expect(hashesBelow(buildProgram(renamed(program)).module, 0, count), `seed ${seed}`).toEqual(hashes);
      const entry = entryOf(program);
      const callers = { ...entry, name: "other_name" };
      const others = program.functions.filter((one) => one !== entry);
      const other = { ...program, entry: "other_name", functions: [...others, callers] };
      expect(hashesBelow(buildProgram(other).module, 0, count), `seed ${seed}`).toEqual(hashes);
    }
  });

  it("differs where the sub-trees differ", () => {
    const n = e.slot("n", INT);
    const parts = Array.from({ length: 50 }, (_, index) => e.call("int.add", [e.use(n), e.int(index)]));
    const { module } = e.programOf([e.fn("f", [n], e.list(INT, parts))]);
    const sums = Array.from({ length: 50 }, (_, index) => bytesToHex(nodeHash(module, 0, 3 * index + 2)));
    expect(new Set(sums).size).toBe(50);
  });
});
