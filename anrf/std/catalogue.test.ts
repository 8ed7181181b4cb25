import { getOption } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { trapName } from "#anrf/program/trap.ts";
import { BuiltinSchema, builtin as specOption } from "#gen/anrf/v1/builtins_pb.ts";
import {
  type Builtin,
  builtinById,
  builtinByNumber,
  builtinsByAlias,
  builtinsByText,
  builtinsOfFamily,
  CATALOGUE,
  knownBuiltin,
} from "./catalogue.ts";
import { variablesOf } from "./signature.ts";

describe("the catalogue", () => {
  test("has 126 core builtins from 1, 101 derived from 201 and 3 host from 401", () => {
    const numbers = (tier: string) => CATALOGUE.filter((one) => one.tier === tier).map((one) => one.number);
    const run = (from: number, length: number) => Array.from({ length }, (_, i) => from + i);
    expect(numbers("core")).toStrictEqual(run(1, 126));
    expect(numbers("derived")).toStrictEqual(run(201, 101));
    expect(numbers("host")).toStrictEqual(run(401, 3));
  });

  test("never changes what a number means, how it is written, what it costs and how it ends", async () => {
    await expect(`${CATALOGUE.map(lockLine).join("\n")}\n`).toMatchFileSnapshot("./catalogue.lock.txt");
  });

  test("agrees with the signature on what is lazy and what is constant", () => {
    for (const value of BuiltinSchema.values.filter((one) => one.number !== 0)) {
      const { id, lazyArgs, constArgs } = getOption(value, specOption);
      const { params } = knownBuiltin(id).signature;
      const marked = (mark: string) => params.flatMap((one, index) => (one.mark === mark ? [index] : []));
      expect(marked("lazy"), id).toStrictEqual([...lazyArgs]);
      expect(marked("const"), id).toStrictEqual([...constArgs]);
    }
  });

  test("finds a builtin by number, id, text, alias and family", () => {
    expect(builtinByNumber(14)?.id).toBe("int.add");
    expect(builtinByNumber(9999)).toBeUndefined();
    expect(builtinById("list.sum_int")?.text).toBe(".sum");
    expect(builtinById("list.sums")).toBeUndefined();
    expect(() => knownBuiltin("list.sums")).toThrow('builtin "list.sums" is not in the catalogue');
    expect(ids(builtinsByText("+"))).toStrictEqual([
      "int.add",
      "float.add",
      "string.concat",
      "list.concat",
      "decimal.add",
    ]);
    expect(ids(builtinsByText(".map"))).toStrictEqual(["list.map", "option.map"]);
    expect(ids(builtinsByText("List.range"))).toStrictEqual(["list.range"]);
    expect(ids(builtinsByText("nothing"))).toStrictEqual([]);
    expect(ids(builtinsByAlias("len"))).toStrictEqual(["string.length", "list.length", "map.size"]);
    expect(ids(builtinsByAlias("toUpperCase"))).toStrictEqual(["string.to_upper"]);
    expect(ids(builtinsByAlias("&&"))).toStrictEqual(["bool.and"]);
    expect(ids(builtinsOfFamily(""))).toStrictEqual([
      "eq",
      "ne",
      "lt",
      "le",
      "gt",
      "ge",
      "min",
      "max",
      "compare",
    ]);
    expect(builtinsOfFamily("option").length).toBe(7);
  });

  test("decides each call by its spelling and the type of its first operand", () => {
    const seen = new Map<string, string>();
    for (const { id, text, signature } of CATALOGUE) {
      const params = signature.params.map((param) => param.type);
      const first = text === ".sum" || text === ".product" ? params[0]?.text : params[0]?.kind;
      const key = `${text} ${params.length} ${first}`;
      expect(seen.get(key), `${id} is written as ${seen.get(key)} is`).toBeUndefined();
      seen.set(key, id);
    }
  });

  test.each(CATALOGUE.map((one) => [one.id, one] as const))("%s is described in full", (id, one) => {
    expect(one.doc).toMatch(/^[A-Z−].*\.$/);
    expect(one.cost.base).toBeGreaterThan(0);
    if (one.cost.perItem > 0) expect(one.cost.sizedArg).toBeLessThan(one.signature.params.length);
    expect(one.id).toBe(one.family === "" ? one.name : `${one.family}.${one.name}`);
    expect(new Set(one.aliases).size).toBe(one.aliases.length);
    for (const alias of one.aliases) expect(builtinsByText(alias).map((other) => other.id)).not.toContain(id);
    const inParams = one.signature.params.flatMap((param) => variablesOf(param.type));
    for (const name of variablesOf(one.signature.result)) expect(inParams).toContain(name);
    expect(new Set(inParams)).toStrictEqual(new Set(one.signature.vars.keys()));
  });
});

function ids(builtins: readonly { readonly id: string }[]): string[] {
  return builtins.map((one) => one.id);
}

/** Everything that a stored program, its fuel and its text rely on, in one line; the prose and the proofs may change. */
function lockLine(one: Builtin): string {
  const { number, id, signature, text, traps, tier, sinceMinor, deprecatedMinor, isStable } = one;
  const ends = traps.map((code) => trapName(code)).join(" ");
  const since = `since 1.${sinceMinor}${deprecatedMinor === undefined ? "" : `, deprecated 1.${deprecatedMinor}`}`;
  const kind = `${tier}${isStable ? "" : ", not stable"}`;
  return `${number} ${id} : ${signature.text} | ${text} | ! ${ends || "-"} | fuel ${fuelText(one.cost)} | ${kind} | ${since}`;
}

function fuelText({ base, perItem, sizedArg, linearithmic, sizedResult }: Builtin["cost"]): string {
  if (perItem === 0) return String(base);
  const size = sizedResult ? "result" : `argument ${sizedArg}`;
  return `${base} + ${perItem} x ${linearithmic ? `n log n of ${size}` : size}`;
}
