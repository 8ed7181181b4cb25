import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Random } from "#anrf/testing/random.ts";
import { exp, ln } from "./exponential.ts";
import { pow } from "./power.ts";
import { atan2, cos, sin } from "./trigonometry.ts";

type Fn = (...args: number[]) => number;

/** Each function with the greatest error that it is held to, in units of the last place of the true value. */
const FUNCTIONS = {
  sin: { run: sin as Fn, units: 0.75 },
  cos: { run: cos as Fn, units: 0.75 },
  atan2: { run: atan2 as Fn, units: 1.3 },
  exp: { run: exp as Fn, units: 0.85 },
  ln: { run: ln as Fn, units: 0.75 },
  pow: { run: pow as Fn, units: 0.65 },
} as const;

type Name = keyof typeof FUNCTIONS;
const NAMES = Object.keys(FUNCTIONS) as Name[];

const VALUES = JSON.parse(
  readFileSync(new URL("../../testdata/libm/values.json", import.meta.url), "utf8"),
) as readonly (readonly [Name, ...number[]])[];

/** The distance of two neighbours around x. */
function unitOf(x: number): number {
  const cell = new DataView(new ArrayBuffer(8));
  cell.setFloat64(0, Math.abs(x));
  cell.setBigUint64(0, cell.getBigUint64(0) + 1n);
  return cell.getFloat64(0) - Math.abs(x);
}

describe("the port of fdlibm", () => {
  it.each(NAMES)("%s stays within its error of values known to 60 digits", (name) => {
    const { run, units } = FUNCTIONS[name];
    let exact = 0;
    const rows = VALUES.filter((row) => row[0] === name);
    for (const row of rows) {
      const [, ...numbers] = row;
      const args = numbers.slice(0, -2);
      const [near = 0, off = 0] = numbers.slice(-2);
      const found = run(...args);
      const error = Math.abs((found - near) / unitOf(near) - off);
      expect(error, `${name}(${args}) is ${found}, the nearest is ${near}`).toBeLessThan(units);
      if (found === near) exact++;
    }
    expect(rows.length).toBeGreaterThan(190);
    expect(exact / rows.length, "share of values that are the nearest double").toBeGreaterThan(0.8);
  });

  // V8 compiles fdlibm itself for these three: two ports that share the method alone.
  it.each([
    ["exp", exp as Fn, Math.exp as Fn, 1],
    ["ln", ln as Fn, Math.log as Fn, 1],
    ["atan2", atan2 as Fn, Math.atan2 as Fn, 2],
  ] as const)("%s has the bits of another port for 100,000 arguments", (_name, ours, theirs, count) => {
    for (const args of argumentsOf(count, 100_000)) {
      const [found, wanted] = [ours(...args), theirs(...args)];
      if (!Object.is(found, wanted)) expect.fail(`(${args}): ${found}, there ${wanted}`);
    }
  });

  it.each([
    ["sin", "4002c79db694f8a9"],
    ["cos", "7ef8529df8d058a8"],
    ["atan2", "d875260c6a791045"],
    ["exp", "43ce5fbafca7ad07"],
    ["ln", "8ae50576482d4ba0"],
    ["pow", "5a9dbdfe2c561d49"],
  ] as const)("%s never changes a bit", (name, expected) => {
    const hash = createHash("sha256");
    const cell = new DataView(new ArrayBuffer(8));
    const { run } = FUNCTIONS[name];
    for (const args of argumentsOf(name === "atan2" || name === "pow" ? 2 : 1, 20_000)) {
      const found = run(...args);
      cell.setFloat64(0, Number.isNaN(found) ? Number.NaN : found);
      hash.update(new Uint8Array(cell.buffer));
    }
    expect(hash.digest("hex").slice(0, 16)).toBe(expected);
  });

  it.each([
    [sin, [-0], -0],
    [sin, [Number.POSITIVE_INFINITY], Number.NaN],
    [cos, [Number.NEGATIVE_INFINITY], Number.NaN],
    [cos, [Number.NaN], Number.NaN],
    [sin, [1e-300], 1e-300],
    [sin, [Math.PI], 1.2246467991473532e-16],
    [cos, [Math.PI / 2], 6.123233995736766e-17],
    [sin, [1e22], -0.8522008497671888],
    [exp, [1], Math.E],
    [exp, [-745.2], 0],
    [exp, [-745.1], 5e-324],
    [exp, [709.79], Number.POSITIVE_INFINITY],
    [ln, [5e-324], -744.4400719213812],
    [ln, [-1], Number.NaN],
    [pow, [10, 22], 1e22],
    [pow, [-2, 3], -8],
    [pow, [-8, 1 / 3], Number.NaN],
    [pow, [-1, Number.POSITIVE_INFINITY], Number.NaN],
    [pow, [1, Number.NaN], Number.NaN],
    [pow, [2, -1074], 5e-324],
    [pow, [2, -1075], 0],
    [pow, [-0, -3], Number.NEGATIVE_INFINITY],
    [pow, [-0, -2], Number.POSITIVE_INFINITY],
    [atan2, [0, -0], Math.PI],
    [atan2, [-0, 0], -0],
    [atan2, [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], (3 * Math.PI) / 4],
  ] as readonly (readonly [Fn, number[], number])[])("%o of %j is %d", (run, args, expected) => {
    expect(run(...args)).toBe(expected);
  });

  it("is the power of ECMAScript for every pair of special arguments", () => {
    const special = [0, -0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 2 ** 53, -(2 ** 53), 1e300, 5e-324, -5e-324];
    special.push(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, Number.MAX_VALUE);
    for (const [x, y] of special.flatMap((a) => special.map((b) => [a, b] as const))) {
      const [found, wanted] = [pow(x, y), x ** y];
      const isSame = Object.is(found, wanted) || Math.abs(found - wanted) <= unitOf(wanted);
      expect(isSame, `${x} ** ${y} is ${found}`).toBe(true);
    }
  });
});

/** Arguments of every size: all bit patterns by turns with plain numbers. */
function argumentsOf(count: number, rows: number): readonly number[][] {
  const random = new Random(20_261);
  const cell = new DataView(new ArrayBuffer(8));
  const any = (): number => {
    cell.setUint32(0, random.below(2 ** 32));
    cell.setUint32(4, random.below(2 ** 32));
    return cell.getFloat64(0);
  };
  const plain = (): number => (random.next() * 2 - 1) * 10 ** random.below(4);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: count }, () => (row % 2 === 0 ? plain() : any())),
  );
}
