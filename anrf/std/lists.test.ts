import { describe, expect, test } from "vitest";
import { trapName } from "#anrf/program/trap.ts";
import { INT_MAX, INT_MIN, Some, SortedMap, type Value } from "#anrf/program/value.ts";
import { runBuiltin } from "./supported.ts";

function outcome(id: string, args: readonly Value[]): Value {
  const result = runBuiltin(id, args);
  return "trap" in result ? `trap ${trapName(result.trap.code)}` : result.value;
}

const some = (value: Value) => new Some(value);
const { NaN: NAN } = Number;
const BIG = 2n ** 60n;
const isOdd = (x: Value) => (x as number) % 2 === 1;
const plus = (a: Value, b: Value) => (a as number) + (b as number);
const first = (x: Value) => (x as readonly Value[])[0] as Value;

const CORE: readonly (readonly [string, readonly Value[], Value])[] = [
  ["list.length", [[1, 2]], 2],
  ["list.get", [[5, 6], 1], 6],
  ["list.get", [[5, 6], 2], "trap INDEX"],
  ["list.get", [[5, 6], -1], "trap INDEX"],
  ["list.get", [[5, 6], BIG], "trap INDEX"],
  ["list.at", [[5, 6], 1], some(6)],
  ["list.at", [[5, 6], -1], null],
  ["list.at", [[5, 6], BIG], null],
  ["list.set", [[1, 2], 0, 9], [9, 2]],
  ["list.set", [[1, 2], 2, 9], "trap INDEX"],
  ["list.append", [[1], [2]], [1, [2]]],
  ["list.concat", [[1], [2, 3]], [1, 2, 3]],
  ["list.concat", [[], [[1]]], [[1]]],
  ["list.flatten", [[[1], [], [2, [3]]]], [1, 2, [3]]],
  ["list.reverse", [[1, 2, 3]], [3, 2, 1]],
  ["list.slice", [[1, 2, 3, 4], 1, 3], [2, 3]],
  ["list.slice", [[1, 2, 3], -2, 99], [1, 2, 3]],
  ["list.slice", [[1, 2, 3], 2, 1], []],
  ["list.slice", [[1, 2, 3], INT_MIN, INT_MAX], [1, 2, 3]],
  ["list.range", [2, 5], [2, 3, 4]],
  ["list.range", [5, 5], []],
  ["list.range", [5, 2], []],
  ["list.range", [-1, 1], [-1, 0]],
  ["list.range", [2 ** 53 - 2, 2n ** 53n + 1n], [2 ** 53 - 2, 2 ** 53 - 1, 2n ** 53n]],
  ["list.range", [0, INT_MAX], "trap MEMORY"],
  ["list.map", [[1, 2], (x) => -(x as number)], [-1, -2]],
  ["list.filter", [[1, 2, 3], isOdd], [1, 3]],
  ["list.fold", [[1, 2, 3], "", (s, x) => `${String(s)}${String(x)}`], "123"],
  ["list.fold", [[], 7, plus], 7],
  ["list.find_index", [[2, 3, 5], isOdd], some(1)],
  ["list.find_index", [[2], isOdd], null],
  ["list.any", [[2, 3], isOdd], true],
  ["list.any", [[], isOdd], false],
  ["list.all", [[1, 3], isOdd], true],
  ["list.all", [[1, 2], isOdd], false],
  ["list.all", [[], isOdd], true],
  ["list.contains", [[1, 2], 2], true],
  ["list.contains", [[NAN], NAN], false],
  ["list.contains", [[-0], 0], true],
  ["list.contains", [[BIG], 2n ** 60n], true],
  ["list.contains", [[[1], [2]], [2]], true],
  ["list.contains", [[some(1)], null], false],
  [
    "list.zip",
    [
      [1, 2, 3],
      ["a", "b"],
    ],
    [
      [1, "a"],
      [2, "b"],
    ],
  ],
  ["list.sort", [[3, BIG, -1, -BIG]], [-BIG, -1, 3, BIG]],
  ["list.sort", [[NAN, 1, -Infinity, 0, -0, Infinity]], [-Infinity, 0, -0, 1, Infinity, NAN]],
  ["list.sort", [["b", "\u{10000}", "\uffff", "a", "B"]], ["B", "a", "b", "\uffff", "\u{10000}"]],
  ["list.sort", [[[2, 1], [1, 9], [1]]], [[1], [1, 9], [2, 1]]],
  ["list.sort", [[true, false]], [false, true]],
  [
    "list.sort_by",
    [
      [
        [2, "a"],
        [1, "b"],
        [2, "c"],
        [1, "d"],
      ],
      first,
    ],
    [
      [1, "b"],
      [1, "d"],
      [2, "a"],
      [2, "c"],
    ],
  ],
  ["list.sum_int", [[]], 0],
  ["list.sum_int", [[1, 2, 3]], 6],
  ["list.sum_int", [[INT_MAX, 1]], "trap OVERFLOW"],
  ["list.sum_int", [[INT_MAX, 1, -1]], "trap OVERFLOW"],
  ["list.sum_float", [[]], 0],
  ["list.sum_float", [[1e308, 1e308, -1e308]], Infinity],
  ["list.sum_float", [[0.1, 0.2, 0.3]], 0.6000000000000001],
];

const DERIVED: readonly (readonly [string, readonly Value[], Value])[] = [
  ["list.is_empty", [[]], true],
  ["list.is_empty", [[null]], false],
  ["list.first", [[1, 2]], some(1)],
  ["list.first", [[]], null],
  ["list.last", [[1, 2]], some(2)],
  ["list.last", [[]], null],
  ["list.insert", [[1, 2], 1, 9], [1, 9, 2]],
  ["list.insert", [[1, 2], 2, 9], [1, 2, 9]],
  ["list.insert", [[1, 2], 3, 9], "trap INDEX"],
  ["list.insert", [[1, 2], -1, 9], "trap INDEX"],
  ["list.remove_at", [[1, 2, 3], 1], [1, 3]],
  ["list.remove_at", [[1], 1], "trap INDEX"],
  ["list.prepend", [[0], [1, 2]], [[0], 1, 2]],
  ["list.take", [[1, 2, 3], 2], [1, 2]],
  ["list.take", [[1, 2, 3], -2], []],
  ["list.take", [[1], BIG], [1]],
  ["list.drop", [[1, 2, 3], 2], [3]],
  ["list.drop", [[1, 2, 3], -2], [1, 2, 3]],
  ["list.drop", [[1], BIG], []],
  ["list.step", [[0, 1, 2, 3, 4], 0, 2], [0, 2, 4]],
  ["list.step", [[0, 1, 2, 3, 4], 4, -3], [4, 1]],
  ["list.step", [[0, 1], 5, -1], []],
  ["list.step", [[0, 1], -1, 1], []],
  ["list.step", [[0, 1], 0, BIG], [0]],
  ["list.step", [[0, 1], 0, 0], "trap INVALID"],
  ["list.swap", [[1, 2, 3], 0, 2], [3, 2, 1]],
  ["list.swap", [[1, 2, 3], 1, 1], [1, 2, 3]],
  ["list.swap", [[1, 2, 3], 0, 3], "trap INDEX"],
  ["list.repeat", [[1], 2], [[1], [1]]],
  ["list.repeat", [1, 0], []],
  ["list.repeat", [1, -1], "trap INVALID"],
  ["list.repeat", [1, INT_MAX], "trap MEMORY"],
  ["list.range_step", [0, 7, 3], [0, 3, 6]],
  ["list.range_step", [5, 0, -2], [5, 3, 1]],
  ["list.range_step", [0, 5, -1], []],
  ["list.range_step", [0, INT_MAX, 2n ** 62n], [0, 2n ** 62n]],
  ["list.range_step", [0, 5, 0], "trap INVALID"],
  ["list.map_indexed", [[5, 6], plus], [5, 7]],
  ["list.flat_map", [[1, 2], (x) => [x, x]], [1, 1, 2, 2]],
  ["list.filter_map", [[1, 2, 3], (x) => (isOdd(x) ? some([x]) : null)], [[1], [3]]],
  ["list.scan", [[1, 2, 3], 0, plus], [1, 3, 6]],
  ["list.scan", [[], 0, plus], []],
  ["list.find", [[2, 3, 5], isOdd], some(3)],
  ["list.find", [[2], isOdd], null],
  ["list.index_of", [["a", "b", "b"], "b"], some(1)],
  ["list.index_of", [[NAN], NAN], null],
  ["list.index_of", [[some(1), null], null], some(1)],
  ["list.count", [[1, 2, 3], isOdd], 2],
  ["list.take_while", [[1, 3, 4, 5], isOdd], [1, 3]],
  ["list.drop_while", [[1, 3, 4, 5], isOdd], [4, 5]],
  ["list.drop_while", [[1, 3], isOdd], []],
  ["list.partition", [[1, 2, 3], isOdd], [[1, 3], [2]]],
  [
    "list.enumerate",
    [["a", "b"]],
    [
      [0, "a"],
      [1, "b"],
    ],
  ],
  [
    "list.windows",
    [[1, 2, 3], 2],
    [
      [1, 2],
      [2, 3],
    ],
  ],
  ["list.windows", [[1], 2], []],
  ["list.windows", [[1], BIG], []],
  ["list.windows", [[1], 0], "trap INVALID"],
  ["list.chunks", [[1, 2, 3], 2], [[1, 2], [3]]],
  ["list.chunks", [[1, 2], BIG], [[1, 2]]],
  ["list.chunks", [[], 2], []],
  ["list.chunks", [[1], 0], "trap INVALID"],
  [
    "list.combinations",
    [[1, 2, 3, 4], 2],
    [
      [1, 2],
      [1, 3],
      [1, 4],
      [2, 3],
      [2, 4],
      [3, 4],
    ],
  ],
  ["list.combinations", [[1, 2], 0], [[]]],
  ["list.combinations", [[], 0], [[]]],
  ["list.combinations", [[1, 2], 2], [[1, 2]]],
  ["list.combinations", [[1, 2], 3], []],
  ["list.combinations", [[1, 2], BIG], []],
  ["list.combinations", [[1, 2], -1], "trap INVALID"],
  ["list.combinations", [new Array(80).fill(0), 40], "trap MEMORY"],
  ["list.sort_desc", [[1, 3, NAN, 2]], [NAN, 3, 2, 1]],
  ["list.sort_desc", [[0, -0]], [0, -0]],
  ["list.min", [[2, 1, NAN]], some(1)],
  ["list.min", [[]], null],
  ["list.min", [[-0, 0]], some(-0)],
  ["list.max", [[2, NAN, 3]], some(NAN)],
  ["list.max", [["a", "c", "b"]], some("c")],
  ["list.max", [[BIG, -BIG, 3]], some(BIG)],
  [
    "list.min_by",
    [
      [
        [2, "a"],
        [1, "b"],
        [1, "c"],
      ],
      first,
    ],
    some([1, "b"]),
  ],
  [
    "list.max_by",
    [
      [
        [2, "a"],
        [1, "b"],
        [2, "c"],
      ],
      first,
    ],
    some([2, "a"]),
  ],
  ["list.max_by", [[], first], null],
  ["list.product_int", [[]], 1],
  ["list.product_int", [[2, 3, 7]], 42],
  ["list.product_int", [[BIG, 8]], "trap OVERFLOW"],
  ["list.distinct", [[3, 1, 3, 2, 1]], [3, 1, 2]],
  ["list.distinct", [[NAN, NAN, 0, -0]], [NAN, NAN, 0]],
  ["list.distinct", [[[2], [1], [2], [NAN], [NAN]]], [[2], [1], [NAN], [NAN]]],
  ["list.distinct", [[null, some(1), null, some(1)]], [null, some(1)]],
  ["list.remove", [[1, 2, 1], 1], [2, 1]],
  ["list.remove", [[1, 2], 3], [1, 2]],
  [
    "list.intersect",
    [
      [1, 2, 2, 3],
      [2, 3, 9],
    ],
    [2, 2, 3],
  ],
  [
    "list.intersect",
    [
      [NAN, 1],
      [NAN, 1],
    ],
    [1],
  ],
  ["list.difference", [[1, 2, 2, 3, 1], [2]], [1, 3, 1]],
  ["list.difference", [[[1], [2]], [[2]]], [[1]]],
  [
    "list.group_by",
    [[5, 2, 4, 3, 1], isOdd],
    new SortedMap(
      [false, true],
      [
        [2, 4],
        [5, 3, 1],
      ],
    ),
  ],
  [
    "list.group_by",
    [
      [
        [1, 2],
        [0, 3],
        [1, 4],
      ],
      (x) => [first(x)],
    ],
    new SortedMap(
      [[0], [1]],
      [
        [[0, 3]],
        [
          [1, 2],
          [1, 4],
        ],
      ],
    ),
  ],
  ["list.tally", [["b", "a", "b"]], new SortedMap(["a", "b"], [1, 2])],
  ["list.tally", [[]], new SortedMap([], [])],
  ["list.fold_until", [[1, 2, 3, 4], 0, (s) => (s as number) >= 3, plus], 3],
  ["list.fold_until", [[1], 5, (s) => s === 5, plus], 5],
  ["list.filter_indexed", [[9, 8, 7], (i) => i !== 1], [9, 7]],
  ["list.splice", [[1, 2, 3, 4], 1, 3, [9]], [1, 9, 4]],
  ["list.splice", [[1, 2], 5, 9, [3]], [1, 2, 3]],
  ["list.splice", [[1, 2], 1, 0, [9]], [1, 9, 2]],
  ["list.splice", [[1, 2], INT_MIN, INT_MAX, []], []],
];

describe("lists", () => {
  test.each(CORE)("%s %o is %o", (id, args, expected) => {
    expect(outcome(id, args)).toStrictEqual(expected);
  });

  test.each(DERIVED)("%s %o is %o", (id, args, expected) => {
    expect(outcome(id, args)).toStrictEqual(expected);
  });

  test.each(["list.any", "list.find", "list.find_index", "list.all", "list.take_while"])(
    "%s stops early",
    (id) => {
      const asked: Value[] = [];
      const isFound = id !== "list.all" && id !== "list.take_while";
      runBuiltin(id, [
        [1, 2, 3],
        (x) => {
          asked.push(x as Value);
          return (x === 2) === isFound;
        },
      ]);
      expect(asked).toStrictEqual([1, 2]);
    },
  );

  test("no call changes its arguments", () => {
    for (const [id, args] of [...CORE, ...DERIVED]) {
      const before = JSON.stringify(args, (_, part) => (typeof part === "bigint" ? `${part}n` : part));
      runBuiltin(id, args);
      const after = JSON.stringify(args, (_, part) => (typeof part === "bigint" ? `${part}n` : part));
      expect(after, id).toBe(before);
    }
  });

  test.each([3, 12, 13, 20, 21, 60])("work alike on short and long lists: %i items", (length) => {
    const numbers = Array.from(
      { length },
      (_, i) => [NAN, 5, 0, -0, 7, 2, 2 ** 30][(i * 11 + (i >> 2)) % 7] as number,
    );
    const nested = numbers.map((item) => [item]);
    const firsts = (list: readonly Value[], same: (a: Value, b: Value) => boolean) =>
      list.filter((item, i) => !list.slice(0, i).some((earlier) => same(earlier, item)));
    const first = (item: Value) => (item as readonly number[])[0] as number;
    expect(outcome("list.distinct", [numbers])).toStrictEqual(firsts(numbers, (a, b) => a === b));
    expect(outcome("list.distinct", [nested])).toStrictEqual(firsts(nested, (a, b) => first(a) === first(b)));
    const half = nested.slice(length / 2);
    const isInHalf = (item: Value) => half.some((other) => first(other) === first(item));
    expect(outcome("list.intersect", [nested, half])).toStrictEqual(nested.filter(isInHalf));
    expect(outcome("list.difference", [nested, half])).toStrictEqual(
      nested.filter((item) => !isInHalf(item)),
    );
    const pairs = numbers.map((item, i) => [item, i]);
    const sorted = outcome("list.sort_by", [pairs, first]) as readonly (readonly number[])[];
    const ranks = sorted.map(([item, place]) => [
      Number.isNaN(item) ? Number.POSITIVE_INFINITY : (item ?? 0),
      place ?? 0,
    ]);
    for (let i = 1; i < ranks.length; i++) {
      const [[a = 0, p = 0], [b = 0, q = 0]] = [ranks[i - 1] ?? [], ranks[i] ?? []];
      expect(a < b || (a === b && p < q), `${a} at ${p} before ${b} at ${q}`).toBe(true);
    }
  });
});
