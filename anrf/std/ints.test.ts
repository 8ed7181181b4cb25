import { describe, expect, test } from "vitest";
import { trapName } from "#anrf/program/trap.ts";
import { INT_MAX, INT_MIN, type Int, intFromBigint, Some, type Value } from "#anrf/program/value.ts";
import { runBuiltin } from "./supported.ts";

const SAFE = Number.MAX_SAFE_INTEGER;
const BIG = 2n ** 53n;

function outcome(id: string, args: readonly Value[]): Value {
  const result = runBuiltin(id, args);
  return "trap" in result ? `trap ${trapName(result.trap.code)}` : result.value;
}

const VECTORS: readonly (readonly [string, readonly Value[], Value])[] = [
  ["int.add", [2, 3], 5],
  ["int.add", [SAFE, 1], BIG],
  ["int.add", [BIG, -1], SAFE],
  ["int.add", [INT_MAX, 1], "trap OVERFLOW"],
  ["int.add", [INT_MIN, -1], "trap OVERFLOW"],
  ["int.sub", [2, 5], -3],
  ["int.sub", [-SAFE, 1], -BIG],
  ["int.sub", [INT_MIN, 1], "trap OVERFLOW"],
  ["int.mul", [0, -5], 0],
  ["int.mul", [3037000500, 3037000500], "trap OVERFLOW"],
  ["int.mul", [-3037000500, 3037000499], -3037000500n * 3037000499n],
  ["int.mul", [94906267, 94906267], 9007199515875289n],
  ["int.mul", [INT_MIN, -1], "trap OVERFLOW"],
  ["int.div_floor", [7, 2], 3],
  ["int.div_floor", [-7, 2], -4],
  ["int.div_floor", [7, -2], -4],
  ["int.div_floor", [-7, -2], 3],
  ["int.div_floor", [0, -3], 0],
  ["int.div_floor", [SAFE, SAFE - 1], 1],
  ["int.div_floor", [1, 0], "trap DIV_ZERO"],
  ["int.div_floor", [INT_MIN, -1], "trap OVERFLOW"],
  ["int.div_floor", [INT_MIN, 2], INT_MIN / 2n],
  ["int.mod_floor", [7, 3], 1],
  ["int.mod_floor", [-7, 3], 2],
  ["int.mod_floor", [7, -3], -2],
  ["int.mod_floor", [-6, 3], 0],
  ["int.mod_floor", [INT_MIN, -1], 0],
  ["int.mod_floor", [INT_MIN, 10], 2],
  ["int.mod_floor", [5, 0], "trap DIV_ZERO"],
  ["int.quot", [-7, 2], -3],
  ["int.quot", [0, -2], 0],
  ["int.quot", [INT_MIN, -1], "trap OVERFLOW"],
  ["int.quot", [1, 0], "trap DIV_ZERO"],
  ["int.rem", [-7, 2], -1],
  ["int.rem", [-8, 2], 0],
  ["int.rem", [INT_MIN, -1], 0],
  ["int.rem", [1, 0], "trap DIV_ZERO"],
  ["int.pow", [0, 0], 1],
  ["int.pow", [0, 5], 0],
  ["int.pow", [-1, INT_MAX], -1],
  ["int.pow", [1, INT_MAX], 1],
  ["int.pow", [2, 62], 2n ** 62n],
  ["int.pow", [2, 63], "trap OVERFLOW"],
  ["int.pow", [-2, 63], INT_MIN],
  ["int.pow", [-2, 64], "trap OVERFLOW"],
  ["int.pow", [3, INT_MAX], "trap OVERFLOW"],
  ["int.pow", [INT_MAX, 1], INT_MAX],
  ["int.pow", [INT_MAX, 0], 1],
  ["int.pow", [10, 18], 10n ** 18n],
  ["int.pow", [2, -1], "trap INVALID"],
  ["int.shift_left", [1, 62], 2n ** 62n],
  ["int.shift_left", [1, 63], INT_MIN],
  ["int.shift_left", [3, 63], INT_MIN],
  ["int.shift_left", [-1, 4], -16],
  ["int.shift_left", [1, 64], "trap INVALID"],
  ["int.shift_left", [1, -1], "trap INVALID"],
  ["int.shift_right", [-1, 63], -1],
  ["int.shift_right", [-5, 1], -3],
  ["int.shift_right", [INT_MIN, 63], -1],
  ["int.shift_right", [5, 64], "trap INVALID"],
  ["int.neg", [0], 0],
  ["int.neg", [BIG], -BIG],
  ["int.neg", [INT_MIN], "trap OVERFLOW"],
  ["int.abs", [-4], 4],
  ["int.abs", [INT_MIN], "trap OVERFLOW"],
  ["int.bit_and", [-1, 2 ** 40], 2 ** 40],
  ["int.bit_and", [12, 10], 8],
  ["int.bit_or", [INT_MIN, 1], INT_MIN + 1n],
  ["int.bit_or", [12, 10], 14],
  ["int.bit_xor", [-1, INT_MAX], INT_MIN],
  ["int.bit_xor", [12, 10], 6],
  ["int.bit_not", [0], -1],
  ["int.bit_not", [SAFE], -BIG],
  ["int.bit_not", [INT_MAX], INT_MIN],
  ["int.to_float", [INT_MAX], 2 ** 63],
  ["int.to_string", [-12], "-12"],
  ["int.to_string", [INT_MIN], "-9223372036854775808"],
  ["int.parse", ["+0012"], new Some(12)],
  ["int.parse", ["-0"], new Some(0)],
  ["int.parse", ["9223372036854775807"], new Some(INT_MAX)],
  ["int.parse", ["-9223372036854775808"], new Some(INT_MIN)],
  ["int.parse", ["9223372036854775808"], null],
  ["int.parse", [`${"0".repeat(200)}7`], new Some(7)],
  ["int.parse", ["9".repeat(500)], null],
  ["int.parse", [""], null],
  ["int.parse", ["+"], null],
  ["int.parse", [" 1"], null],
  ["int.parse", ["1\n"], null],
  ["int.parse", ["1.0"], null],
  ["int.parse", ["1_0"], null],
  ["int.parse", ["٣"], null],
  ["int.gcd", [12, -18], 6],
  ["int.gcd", [0, 0], 0],
  ["int.gcd", [INT_MIN, 0], "trap OVERFLOW"],
  ["int.gcd", [INT_MIN, 6], 2],
  ["int.isqrt", [0], 0],
  ["int.isqrt", [15], 3],
  ["int.isqrt", [16], 4],
  ["int.isqrt", [INT_MAX], 3037000499],
  ["int.isqrt", [3037000499n * 3037000499n - 1n], 3037000498],
  ["int.isqrt", [-1], "trap INVALID"],
  ["int.sign", [-9], -1],
  ["int.sign", [0], 0],
  ["int.sign", [BIG], 1],
  ["int.bit_count", [255], 8],
  ["int.bit_count", [-1], 64],
  ["int.bit_count", [INT_MIN], 1],
  ["int.pow_mod", [3, 200, 7], 2],
  ["int.pow_mod", [-3, 3, 7], 1],
  ["int.pow_mod", [5, 0, 1], 0],
  ["int.pow_mod", [INT_MAX, INT_MAX, INT_MAX], 0],
  ["int.pow_mod", [2, 1, 0], "trap INVALID"],
  ["int.pow_mod", [2, -1, 5], "trap INVALID"],
  ["int.digits", [0], [0]],
  ["int.digits", [-1203], [1, 2, 0, 3]],
  ["int.digits", [INT_MIN], [9, 2, 2, 3, 3, 7, 2, 0, 3, 6, 8, 5, 4, 7, 7, 5, 8, 0, 8]],
  ["int.to_base", [255, 16], "ff"],
  ["int.to_base", [-5, 2], "-101"],
  ["int.to_base", [0, 36], "0"],
  ["int.to_base", [1, 1], "trap INVALID"],
  ["int.to_base", [1, 37], "trap INVALID"],
  ["int.parse_base", ["-FF", 16], new Some(-255)],
  ["int.parse_base", ["zz", 36], new Some(1295)],
  ["int.parse_base", ["12", 2], null],
  ["int.parse_base", ["", 10], null],
  ["int.parse_base", ["0x1f", 16], null],
  ["int.parse_base", [`-1${"0".repeat(63)}`, 2], new Some(INT_MIN)],
  ["int.parse_base", [`1${"0".repeat(63)}`, 2], null],
  ["int.parse_base", ["1", 37], "trap INVALID"],
];

describe("ints", () => {
  test.each(VECTORS)("%s %o is %o", (id, args, expected) => {
    expect(outcome(id, args)).toStrictEqual(expected);
  });

  test("agree with arithmetic of any size on random numbers of every magnitude", () => {
    const seed = 20261126;
    const next = randomInts(seed);
    const floor = (a: bigint, b: bigint) => (a % b !== 0n && a % b < 0n !== b < 0n ? a / b - 1n : a / b);
    const oracle: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
      "int.add": (a, b) => a + b,
      "int.sub": (a, b) => a - b,
      "int.mul": (a, b) => a * b,
      "int.div_floor": floor,
      "int.mod_floor": (a, b) => a - b * floor(a, b),
      "int.quot": (a, b) => a / b,
      "int.rem": (a, b) => a % b,
      "int.bit_and": (a, b) => a & b,
      "int.bit_or": (a, b) => a | b,
      "int.bit_xor": (a, b) => a ^ b,
      "int.shift_left": (a, b) => BigInt.asIntN(64, a << (b & 63n)),
      "int.shift_right": (a, b) => a >> (b & 63n),
    };
    for (let round = 0; round < 3000; round++) {
      const [a, b] = [next(), next()];
      for (const [id, exact] of Object.entries(oracle)) {
        const right = id.startsWith("int.shift") ? b & 63n : b;
        if (right === 0n && !id.includes("shift") && /div|mod|quot|rem/.test(id)) continue;
        const expected = intFromBigint(exact(a, right)) ?? "trap OVERFLOW";
        const found = outcome(id, [intFromBigint(a) as Int, intFromBigint(right) as Int]);
        expect(
          Object.is(found, expected),
          `seed ${seed}: ${id}(${a}, ${right}) is ${found}, not ${expected}`,
        ).toBe(true);
      }
    }
  });
});

/** Signed 64-bit ints, every bit length as likely as any other. */
function randomInts(seed: number): () => bigint {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    const bits = (state >> 58n) + 1n;
    return BigInt.asIntN(64, state ^ (state >> 29n)) >> (64n - bits);
  };
}
