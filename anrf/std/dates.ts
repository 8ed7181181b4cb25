import { TrapSignal } from "#anrf/program/trap.ts";
import { type Int, Some } from "#anrf/program/value.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { BuiltinTable } from "./function.ts";

/** 0001-01-01, in days since 1970-01-01. */
export const DATE_MIN = -719162;
/** 9999-12-31, in days since 1970-01-01. */
export const DATE_MAX = 2932896;

/** Dates, core and derived: a number of days since 1970-01-01 in the proleptic Gregorian calendar. */
export const DATES: BuiltinTable = {
  "date.from_ymd": (year: Int, month: Int, day: Int) =>
    someDate(daysFromCivil(Number(year), Number(month), Number(day))),
  "date.year": (date: number) => civilFromDays(date).year,
  "date.month": (date: number) => civilFromDays(date).month,
  "date.day": (date: number) => civilFromDays(date).day,
  "date.weekday": (date: number) => ((((date + 3) % 7) + 7) % 7) + 1,
  "date.add_days": (date: number, days: Int) => validDate(date + Number(days), "date.add_days"),
  "date.days_between": (from: number, to: number) => to - from,
  "date.is_leap_year": (year: Int) =>
    typeof year === "number"
      ? isLeapYear(year)
      : year % 4n === 0n && (year % 100n !== 0n || year % 400n === 0n),
  "date.parse_iso": (text: string) => {
    const parts = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
    return parts === null
      ? null
      : someDate(daysFromCivil(Number(parts[1]), Number(parts[2]), Number(parts[3])));
  },
  "date.to_iso": (date: number) => {
    const { year, month, day } = civilFromDays(date);
    return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
  },
  "date.add_months": addMonths,
  "date.months_between": (from: number, to: number) => {
    const [a, b] = [civilFromDays(from), civilFromDays(to)];
    const months = 12 * (b.year - a.year) + b.month - a.month;
    if (months > 0 && b.day < a.day) return months - 1;
    return months < 0 && b.day > a.day ? months + 1 : months;
  },
};

/** A day of the calendar. */
interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The days of a date, or undefined where there is no such day between the years 1 and 9999. */
export function daysFromCivil(year: number, month: number, day: number): number | undefined {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > monthLength(year, month))
    return undefined;
  return daysBeforeYear(year) + daysBeforeMonth(year, month) + day - 1;
}

/** The year, month and day of a date in range. */
export function civilFromDays(date: number): Civil {
  // 365.2425 days a year: the estimate is at most one year early or late.
  let year = 1 + Math.floor((date - DATE_MIN) / 365.2425);
  if (date < daysBeforeYear(year)) year--;
  else if (date >= daysBeforeYear(year + 1)) year++;
  const rest = date - daysBeforeYear(year);
  let month = 1 + Math.floor(rest / 31);
  if (month < 12 && rest >= daysBeforeMonth(year, month + 1)) month++;
  return { year, month, day: rest - daysBeforeMonth(year, month) + 1 };
}

/** Days from 1970-01-01 to the first day of a year. */
function daysBeforeYear(year: number): number {
  const past = year - 1;
  return DATE_MIN + 365 * past + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
}

const BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

function daysBeforeMonth(year: number, month: number): number {
  return (BEFORE_MONTH[month - 1] ?? 0) + (month > 2 && isLeapYear(year) ? 1 : 0);
}

function monthLength(year: number, month: number): number {
  return daysBeforeMonth(year, month + 1) - daysBeforeMonth(year, month);
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function addMonths(date: number, count: Int): number {
  const { year, month, day } = civilFromDays(date);
  const months = 12 * year + (month - 1) + Number(count);
  const toYear = Math.floor(months / 12);
  const toMonth = months - 12 * toYear + 1;
  if (toYear < 1 || toYear > 9999) outside("date.add_months");
  return (
    daysBeforeYear(toYear) +
    daysBeforeMonth(toYear, toMonth) +
    Math.min(day, monthLength(toYear, toMonth)) -
    1
  );
}

function validDate(days: number, operation: string): number {
  return days >= DATE_MIN && days <= DATE_MAX ? days : outside(operation);
}

function outside(operation: string): never {
  throw new TrapSignal(TrapCode.DATE, `${operation} leaves the years 1 to 9999`);
}

function someDate(days: number | undefined): Some | null {
  return days === undefined ? null : new Some(days);
}

function padded(part: number, width: number): string {
  return String(part).padStart(width, "0");
}
