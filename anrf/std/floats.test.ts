import { describe, expect, test } from "vitest";
import { trapName } from "#anrf/program/trap.ts";
import { Some, type Value } from "#anrf/program/value.ts";
import { runBuiltin } from "./supported.ts";

function outcome(id: string, args: readonly Value[]): Value {
  const result = runBuiltin(id, args);
  return "trap" in result ? `trap ${trapName(result.trap.code)}` : result.value;
}

const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

const VECTORS: readonly (readonly [string, readonly Value[], Value])[] = [
  ["float.add", [0.1, 0.2], 0.30000000000000004],
  ["float.sub", [INF, INF], NAN],
  ["float.mul", [-0.5, 0], -0],
  ["float.div", [1, 0], INF],
  ["float.div", [0, 0], NAN],
  ["float.pow", [2, 0.5], Math.SQRT2],
  ["float.pow", [NAN, 0], 1],
  ["float.neg", [0], -0],
  ["float.abs", [-0], 0],
  ["float.sqrt", [-1], NAN],
  ["float.sqrt", [2], Math.SQRT2],
  ["float.exp", [0], 1],
  ["float.ln", [0], -INF],
  ["float.ln", [-1], NAN],
  ["float.floor", [-0.5], -1],
  ["float.floor", [-0], 0],
  ["float.ceil", [-0.5], 0],
  ["float.ceil", [1.2], 2],
  ["float.trunc", [-1.9], -1],
  ["float.trunc", [-0.3], 0],
  ["float.trunc", [2 ** 62], 2n ** 62n],
  ["float.trunc", [-(2 ** 63)], -(2n ** 63n)],
  ["float.trunc", [2 ** 63], "trap OVERFLOW"],
  ["float.trunc", [NAN], "trap INVALID"],
  ["float.floor", [NAN], "trap INVALID"],
  ["float.floor", [-INF], "trap OVERFLOW"],
  ["float.ceil", [INF], "trap OVERFLOW"],
  ["float.round_even", [0.5], 0],
  ["float.round_even", [1.5], 2],
  ["float.round_even", [2.5], 2],
  ["float.round_even", [-0.5], 0],
  ["float.round_even", [-1.5], -2],
  ["float.round_even", [0.49999999999999994], 0],
  ["float.round_even", [2 ** 51 + 1.5], 2 ** 51 + 2],
  ["float.round_even", [NAN], "trap INVALID"],
  ["float.round_even", [1e300], "trap OVERFLOW"],
  ["float.is_nan", [NAN], true],
  ["float.is_nan", [INF], false],
  ["float.to_string", [1], "1"],
  ["float.to_string", [-0], "0"],
  ["float.to_string", [1e21], "1e+21"],
  ["float.to_string", [1e-7], "1e-7"],
  ["float.to_string", [0.1], "0.1"],
  ["float.to_string", [NAN], "NaN"],
  ["float.to_string", [-INF], "-Infinity"],
  ["float.to_fixed", [2.5, 0], "2"],
  ["float.to_fixed", [3.5, 0], "4"],
  ["float.to_fixed", [0.125, 2], "0.12"],
  ["float.to_fixed", [0.375, 2], "0.38"],
  ["float.to_fixed", [1.005, 2], "1.00"],
  ["float.to_fixed", [-2.5, 0], "-2"],
  ["float.to_fixed", [-0.5, 0], "-0"],
  ["float.to_fixed", [-0, 1], "0.0"],
  ["float.to_fixed", [1e21, 2], "1000000000000000000000.00"],
  ["float.to_fixed", [-1e22, 0], "-10000000000000000000000"],
  ["float.to_fixed", [0.1, 18], "0.100000000000000006"],
  ["float.to_fixed", [NAN, 2], "NaN"],
  ["float.to_fixed", [1, -1], "trap INVALID"],
  ["float.to_fixed", [1, 19], "trap INVALID"],
  ["float.parse", ["1e3"], new Some(1000)],
  ["float.parse", ["-.5"], new Some(-0.5)],
  ["float.parse", ["5."], new Some(5)],
  ["float.parse", ["+1"], new Some(1)],
  ["float.parse", ["-0"], new Some(-0)],
  ["float.parse", ["-Infinity"], new Some(-INF)],
  ["float.parse", ["NaN"], new Some(NAN)],
  ["float.parse", ["1e400"], new Some(INF)],
  ["float.parse", [""], null],
  ["float.parse", ["."], null],
  ["float.parse", ["e5"], null],
  ["float.parse", [" 1"], null],
  ["float.parse", ["0x10"], null],
  ["float.parse", ["1_0"], null],
  ["float.parse", ["inf"], null],
  ["float.round_to", [2.675, 2], 2.67],
  ["float.round_to", [0.125, 2], 0.12],
  ["float.round_to", [-0.4, 0], -0],
  ["float.round_to", [-0, 3], -0],
  ["float.round_to", [1e300, 2], 1e300],
  ["float.round_to", [NAN, 2], NAN],
  ["float.round_to", [1, 19], "trap INVALID"],
  ["float.is_finite", [1e308], true],
  ["float.is_finite", [NAN], false],
  ["float.is_finite", [-INF], false],
];

describe("floats", () => {
  test.each(VECTORS)("%s %o is %o", (id, args, expected) => {
    expect(outcome(id, args)).toStrictEqual(expected);
  });

  test("to_fixed rounds the exact value half to even", () => {
    const seed = 7;
    const next = randomHalves(seed);
    for (let round = 0; round < 4000; round++) {
      const value = next();
      for (const digits of [0, 1, 2, 3, 6, 18]) {
        const found = outcome("float.to_fixed", [value, digits]);
        expect(found, `seed ${seed}: ${value} with ${digits} digits`).toBe(exactFixed(value, digits));
      }
    }
  });
});

/** By whole numbers alone: value = mantissa × 2^exponent, scaled by 10^digits, halves to the even one. */
function exactFixed(value: number, digits: number): string {
  let exponent = 0;
  let mantissa = Math.abs(value);
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  const scaled = BigInt(mantissa) * 10n ** BigInt(digits);
  const unit = 2n ** BigInt(exponent);
  const twice = (scaled % unit) * 2n;
  const isUp = twice > unit || (twice === unit && (scaled / unit) % 2n === 1n);
  const text = String(scaled / unit + (isUp ? 1n : 0n)).padStart(digits + 1, "0");
  const body = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return value < 0 ? `-${body}` : body;
}

/** Numbers of which many lie half-way between two short decimals. */
function randomHalves(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const kind = (state >>> 28) & 3;
    if (kind === 0) return state / 2 ** 18;
    if (kind === 1) return (state >> 12) / 16;
    return kind === 2 ? (state >> 16) / 1000 : (state >> 8) / 2 ** 30;
  };
}
