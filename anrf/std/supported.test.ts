import { describe, expect, test } from "vitest";
import { builtinById, CATALOGUE } from "./catalogue.ts";
import { implementation, isSupported, runBuiltin } from "./supported.ts";

describe("supported", () => {
  test("is every builtin of the catalogue", () => {
    expect(CATALOGUE.length).toBe(230);
    expect(CATALOGUE.filter((one) => !isSupported(one.number)).map((one) => one.id)).toStrictEqual([]);
  });

  test("finds what a number does", () => {
    expect(implementation(builtinById("int.add")?.number ?? 0)?.(2, 3)).toBe(5);
    expect(implementation(0)).toBeUndefined();
  });

  test("runs one call, and says where it cannot", () => {
    expect(runBuiltin("int.add", [2, 3])).toStrictEqual({ value: 5 });
    expect(runBuiltin("int.quot", [2, 0])).toMatchObject({ trap: { message: "int.quot divides by zero" } });
    expect(() => runBuiltin("int.plus", [1, 2])).toThrow('builtin "int.plus" is not in the catalogue');
  });
});
