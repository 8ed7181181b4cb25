import { describe, expect, test } from "vitest";
import { trapName } from "#anrf/program/trap.ts";
import { INT_MAX, Some, type Value } from "#anrf/program/value.ts";
import { DATE_MAX, DATE_MIN } from "./dates.ts";
import { runBuiltin } from "./supported.ts";

function outcome(id: string, args: readonly Value[]): Value {
  const result = runBuiltin(id, args);
  return "trap" in result ? `trap ${trapName(result.trap.code)}` : result.value;
}

const some = (value: Value) => new Some(value);
const day = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000;

const VECTORS: readonly (readonly [string, readonly Value[], Value])[] = [
  ["date.from_ymd", [1970, 1, 1], some(0)],
  ["date.from_ymd", [1, 1, 1], some(DATE_MIN)],
  ["date.from_ymd", [9999, 12, 31], some(DATE_MAX)],
  ["date.from_ymd", [2000, 2, 29], some(day("2000-02-29"))],
  ["date.from_ymd", [1900, 2, 29], null],
  ["date.from_ymd", [2026, 13, 1], null],
  ["date.from_ymd", [2026, 4, 31], null],
  ["date.from_ymd", [0, 1, 1], null],
  ["date.from_ymd", [INT_MAX, 1, 1], null],
  ["date.weekday", [0], 4],
  ["date.weekday", [DATE_MIN], 1],
  ["date.weekday", [day("2026-11-22")], 7],
  ["date.add_days", [0, -1], -1],
  ["date.add_days", [DATE_MAX, 1], "trap DATE"],
  ["date.add_days", [DATE_MIN, -1], "trap DATE"],
  ["date.add_days", [0, INT_MAX], "trap DATE"],
  ["date.days_between", [5, 2], -3],
  ["date.is_leap_year", [2024], true],
  ["date.is_leap_year", [1900], false],
  ["date.is_leap_year", [2000], true],
  ["date.is_leap_year", [-4], true],
  ["date.is_leap_year", [2n ** 62n], true],
  ["date.is_leap_year", [INT_MAX], false],
  ["date.parse_iso", ["2026-11-22"], some(day("2026-11-22"))],
  ["date.parse_iso", ["0001-01-01"], some(DATE_MIN)],
  ["date.parse_iso", ["2026-2-3"], null],
  ["date.parse_iso", ["2026-02-30"], null],
  ["date.parse_iso", ["0000-01-01"], null],
  ["date.parse_iso", ["2026-11-22\n"], null],
  ["date.to_iso", [DATE_MIN], "0001-01-01"],
  ["date.to_iso", [DATE_MAX], "9999-12-31"],
  ["date.add_months", [day("2026-01-31"), 1], day("2026-02-28")],
  ["date.add_months", [day("2024-01-31"), 1], day("2024-02-29")],
  ["date.add_months", [day("2026-03-31"), -13], day("2025-02-28")],
  ["date.add_months", [day("2026-12-15"), 1], day("2027-01-15")],
  ["date.add_months", [DATE_MAX, 1], "trap DATE"],
  ["date.add_months", [DATE_MIN, -1], "trap DATE"],
  ["date.add_months", [0, INT_MAX], "trap DATE"],
  ["date.months_between", [day("2026-01-15"), day("2026-03-14")], 1],
  ["date.months_between", [day("2026-01-15"), day("2026-03-15")], 2],
  ["date.months_between", [day("2026-03-14"), day("2026-01-15")], -1],
  ["date.months_between", [day("2026-01-31"), day("2026-02-28")], 0],
  ["date.months_between", [day("2026-01-15"), day("2026-01-01")], 0],
];

describe("dates", () => {
  test.each(VECTORS)("%s %o is %o", (id, args, expected) => {
    expect(outcome(id, args)).toStrictEqual(expected);
  });

  test("count the days of 800 years as the platform's own calendar does", () => {
    for (let date = day("1600-01-01"); date < day("2400-01-01"); date += 5) {
      const iso = new Date(date * 86_400_000).toISOString().slice(0, 10);
      if (outcome("date.to_iso", [date]) !== iso) expect(outcome("date.to_iso", [date])).toBe(iso);
      if (date % 155 !== 0) continue;
      const [year, month, of] = iso.split("-").map(Number) as [number, number, number];
      expect(["date.year", "date.month", "date.day"].map((id) => outcome(id, [date]))).toStrictEqual([
        year,
        month,
        of,
      ]);
      expect(outcome("date.from_ymd", [year, month, of])).toStrictEqual(some(date));
    }
  });
});
