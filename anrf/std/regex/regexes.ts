import { invalid } from "#anrf/program/trap.ts";
import { Some } from "#anrf/program/value.ts";
import { type BuiltinTable, reserveUnits } from "#anrf/std/function.ts";
import { compileRegex, type Regex } from "./compile.ts";
import { type Match, matchRegex } from "./match.ts";
import { PatternProblem } from "./syntax.ts";

/** Regular expressions: the syntax of RE2, in linear time. Patterns are constants that the check has compiled. */
export const REGEXES: BuiltinTable = {
  "regex.matches": (text: string, pattern: string) => matchRegex(regexOf(pattern), text, 0) !== undefined,
  "regex.find": (text: string, pattern: string) => {
    const found = matchRegex(regexOf(pattern), text, 0);
    return found === undefined ? null : new Some(groupText(text, found, 0) ?? "");
  },
  "regex.find_all": (text: string, pattern: string) =>
    allMatches(regexOf(pattern), text).map((found) => groupText(text, found, 0) ?? ""),
  "regex.split": (text: string, pattern: string) => {
    const pieces: string[] = [];
    let start = 0;
    for (const [from = 0, to = 0] of allMatches(regexOf(pattern), text)) {
      pieces.push(text.slice(start, from));
      start = to;
    }
    pieces.push(text.slice(start));
    return pieces;
  },
  "regex.groups": (text: string, pattern: string) => {
    const regex = regexOf(pattern);
    const found = matchRegex(regex, text, 0);
    if (found === undefined) return null;
    const groups: (Some | null)[] = [];
    for (let group = 0; group <= regex.groups; group++) {
      const part = groupText(text, found, group);
      groups.push(part === undefined ? null : new Some(part));
    }
    return new Some(groups);
  },
  "regex.replace": replaceMatches,
};

/** Patterns are constants of programs, so few are met again and again. */
const KEPT_PATTERNS = 200;
const kept = new Map<string, Regex>();

function regexOf(pattern: string): Regex {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  const regex = compileRegex(pattern);
  if (regex instanceof PatternProblem) invalid(`the pattern cannot be read at ${regex.at}: ${regex.message}`);
  if (kept.size >= KEPT_PATTERNS) kept.clear();
  kept.set(pattern, regex);
  return regex;
}

/** From left to right without overlap. After an empty match the search goes on one character later. */
function allMatches(regex: Regex, text: string): Match[] {
  const matches: Match[] = [];
  for (let at = 0; at <= text.length; ) {
    const found = matchRegex(regex, text, at);
    if (found === undefined) break;
    const [start = 0, end = 0] = found;
    matches.push(found);
    at = end > start ? end : end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
  }
  return matches;
}

function groupText(text: string, found: Match, group: number): string | undefined {
  const start = found[2 * group] ?? -1;
  return start < 0 ? undefined : text.slice(start, found[2 * group + 1]);
}

function replaceMatches(text: string, pattern: string, by: string): string {
  const regex = regexOf(pattern);
  let replaced = "";
  let start = 0;
  for (const found of allMatches(regex, text)) {
    replaced += text.slice(start, found[0]) + expand(by, text, found, regex.groups);
    reserveUnits(replaced.length);
    start = found[1] ?? start;
  }
  return replaced + text.slice(start);
}

/** `$0` to `$99` insert a group (two digits where there are so many), `$$` a dollar; any other `$` stands for itself. */
function expand(by: string, text: string, found: Match, groups: number): string {
  if (!by.includes("$")) return by;
  return by.replace(/\$(?:\$|([0-9])([0-9]?))/g, (whole, tens?: string, ones?: string) => {
    if (tens === undefined) return "$";
    if (ones && Number(tens + ones) <= groups) return groupText(text, found, Number(tens + ones)) ?? "";
    return Number(tens) <= groups ? (groupText(text, found, Number(tens)) ?? "") + (ones ?? "") : whole;
  });
}
