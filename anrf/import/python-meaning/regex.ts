import type { Expr } from "#anrf/build/expr.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { KnownCall, Lowering, MethodCall } from "#anrf/import/lowering/lower.ts";
import { list, option, TEXT, type Ty, tuple, tyText } from "#anrf/import/lowering/types.ts";
import {
  call,
  intExpr,
  lambda,
  Slot,
  textExpr,
  textVal,
  tupleExpr,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { ascii } from "#anrf/import/python-collections/strings.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { compileRegex } from "#anrf/std/regex/compile.ts";
import { PatternProblem } from "#anrf/std/regex/syntax.ts";
import { unwrapped } from "./base.ts";

const MATCH: Ty = { k: "match" };

/** A call of the module re, or undefined where it is none of its functions. */
export function regexCall(low: Lowering, asked: KnownCall): Val | undefined {
  const { name, args, named, at } = asked;
  const [pattern, ...rest] = args;
  if (name === "re.compile")
    return pattern === undefined ? undefined : flagged(low, pattern, args[1] ?? named.get("flags"), at);
  const known = [
    "re.match",
    "re.search",
    "re.fullmatch",
    "re.findall",
    "re.sub",
    "re.split",
    "re.finditer",
    "re.escape",
  ];
  if (!known.includes(name) || pattern === undefined) return undefined;
  if (name === "re.escape") {
    return typeof pattern.literal === "string"
      ? textVal(pattern.literal.replace(/[.*+?^${}()|[\]\\#\-&~ \t\n]/g, "\\$&"))
      : refuse("pattern", at, "re.escape of what is not a constant");
  }
  const flags =
    named.get("flags") ?? (name === "re.sub" ? undefined : name === "re.split" ? undefined : rest[1]);
  return apply(low, name.slice(3), flagged(low, pattern, flags, at), rest, named, at);
}

/** A method of a compiled pattern, which is held as its text. */
export function patternMethod(low: Lowering, pattern: Val, { name, args, named, at }: MethodCall): Val {
  return apply(low, name, pattern, args, named, at);
}

function flagged(_low: Lowering, pattern: Val, flags: Val | undefined, at: Place): Val {
  const text = constant(pattern, at);
  if (flags === undefined || flags.literal === 0n) return { ...textVal(text), pattern: true };
  const names = flags.fn?.kind === "known" ? [flags.fn.name] : [];
  const mode = names.map(
    (one) =>
      ({
        "re.I": "i",
        "re.IGNORECASE": "i",
        "re.M": "m",
        "re.MULTILINE": "m",
        "re.S": "s",
        "re.DOTALL": "s",
      })[one],
  );
  const [only] = mode;
  if (only === undefined) return refuse("pattern", at, "a flag that is not supported");
  return { ...textVal(`(?${only})${text}`), pattern: true };
}

function constant(pattern: Val, at: Place): string {
  if (typeof pattern.literal !== "string") return refuse("pattern", at, "a pattern that is not a constant");
  return pattern.literal;
}

function apply(
  low: Lowering,
  name: string,
  given: Val,
  args: readonly Val[],
  named: ReadonlyMap<string, Val>,
  at: Place,
): Val {
  const source = constant(given, at);
  const isRepeated = ["findall", "sub", "split", "finditer"].includes(name);
  const pattern = translated(
    low,
    source,
    name === "match" ? "start" : name === "fullmatch" ? "both" : "none",
    isRepeated,
    at,
  );
  const groups = groupsOf(pattern, at);
  const need = (value: Val | undefined): Val =>
    value === undefined ? refuse("call", at, `re.${name} takes more arguments`) : unwrapped(value);
  // Classes and case are those of ASCII here, and of Unicode in Python: another text ends the program.
  const hasClass = /\\[dwsbDWSB]|^\(\?[a-z]*i/.test(source);
  const read = (value: Val | undefined): Val => {
    const text = need(value);
    if (low.need(text.ty, at).k !== "str") refuse("types", at, `re.${name} of ${tyText(text.ty)}`);
    return hasClass ? ascii(low, text) : text;
  };
  const literal = textExpr(pattern);
  switch (name) {
    case "match":
    case "search":
    case "fullmatch": {
      const text = read(args[0]);
      const test = (): Expr => call("regex.matches", [text.emit(), literal]);
      return { ...val(option(MATCH), () => call("regex.groups", [text.emit(), literal])), test };
    }
    case "findall": {
      const text = read(args[0]);
      const all = (): Expr => call("regex.find_all", [text.emit(), literal]);
      if (groups === 0) return val(list(TEXT), all);
      if (/\\[bB]|[\^$]|\\[AzZ]/.test(pattern.replace(/\[\^/g, "[")))
        refuse("pattern", at, "groups of all matches of a pattern that looks around");
      const slot = new Slot("match", TEXT);
      const types = Array.from({ length: groups }, () => TEXT);
      const item: Ty = groups === 1 ? TEXT : tuple(types);
      return val(list(item), () => {
        const group = (index: number): Expr =>
          groupText(call("option.unwrap", [call("regex.groups", [slot.use(), literal])]), index);
        const body = (): Expr => (groups === 1 ? group(1) : tupleExpr(types.map((_, i) => group(i + 1))));
        return call("list.map", [all(), lambda([slot], body)]);
      });
    }
    case "sub": {
      const by = args[0];
      const text = read(args[1]);
      const count = args[2] ?? named.get("count");
      if (by?.fn !== undefined) return refuse("pattern", at, "a replacement that is a function");
      const replacement = need(by);
      if (typeof replacement.literal !== "string") {
        return refuse("pattern", at, "a replacement that is not a constant");
      }
      const written = replacement.literal
        .replaceAll("$", "$$$$")
        .replace(/\\g<(\d+)>|\\(\d)/g, (_, long?: string, short?: string) => `$${long ?? short ?? ""}`)
        .replace(/\\n/g, "\n")
        .replace(/\\t/g, "\t")
        .replace(/\\\\/g, "\\");
      if (/\\/.test(replacement.literal.replace(/\\(\d|g<\d+>|n|t|\\)/g, "")))
        refuse("pattern", at, "a replacement with an escape");
      if (count !== undefined && count.literal !== 0n) {
        if (count.literal !== 1n || /[$\\]/.test(written))
          return refuse("pattern", at, "a limited number of replacements");
        return replaceOnce(low, text, literal, written);
      }
      return val(TEXT, () => call("regex.replace", [text.emit(), literal, textExpr(written)]));
    }
    case "split": {
      if (groups > 0) return refuse("pattern", at, "a split that keeps its separators");
      if (args[1] !== undefined || named.has("maxsplit"))
        return refuse("pattern", at, "a split with a limit");
      const text = read(args[0]);
      return val(list(TEXT), () => call("regex.split", [text.emit(), literal]));
    }
    default:
      return refuse("pattern", at, `re.${name} is not supported`);
  }
}

function replaceOnce(low: Lowering, text: Val, pattern: Expr, by: string): Val {
  const whole = once(low, text);
  const slot = new Slot("match", TEXT);
  return val(TEXT, () =>
    call("option.get_or", [
      call("option.map", [
        call("regex.find", [whole.emit(), pattern]),
        lambda([slot], () => {
          const head = call("option.unwrap", [
            call("list.first", [call("regex.split", [whole.emit(), pattern])]),
          ]);
          const length = call("int.add", [
            call("string.length", [
              call("option.unwrap", [call("list.first", [call("regex.split", [whole.emit(), pattern])])]),
            ]),
            call("string.length", [slot.use()]),
          ]);
          return call("string.concat", [
            call("string.concat", [head, textExpr(by)]),
            call("string.drop", [whole.emit(), length]),
          ]);
        }),
      ]),
      whole.emit(),
    ]),
  );
}

/** A group's text; one that took no part is empty, as in what findall gives. */
function groupText(groups: Expr, index: number): Expr {
  return call("option.get_or", [call("list.get", [groups, intExpr(index)]), textExpr("")]);
}

/** The pattern in the syntax of RE2, with the same meaning on ASCII. */
function translated(
  low: Lowering,
  source: string,
  anchored: "none" | "start" | "both",
  isRepeated: boolean,
  at: Place,
): string {
  if (/\\[1-9]|\(\?[=!<](?!P)|\(\?P=|\(\?\(|\{,/.test(source.replace(/\(\?P<\w+>/g, "("))) {
    refuse("pattern", at, `"${source}" has back references or looks around`);
  }
  let pattern = source.replace(/\\Z/g, "\\z").replace(/\(\?P<\w+>/g, "(");
  const dollars =
    pattern
      .replace(/\\./g, "")
      .replace(/\[[^\]]*\]/g, "")
      .match(/\$/g)?.length ?? 0;
  const isMulti = /^\(\?[a-z]*m/.test(pattern);
  if (dollars > 0 && !isMulti) {
    // In Python $ also stands before a last line end.
    if (dollars > 1 || !pattern.endsWith("$") || isRepeated) {
      if (isRepeated) low.note("$ in a pattern means the end of the text alone");
      else refuse("pattern", at, `"${source}" has a $ inside`);
    } else pattern = `${pattern.slice(0, -1)}\\n?\\z`;
  }
  const flags = /^\(\?[ims]+\)/.exec(pattern)?.[0] ?? "";
  const body = pattern.slice(flags.length);
  if (anchored === "start") pattern = `${flags}\\A(?:${body})`;
  if (anchored === "both") pattern = `${flags}\\A(?:${body})\\z`;
  if (anchored === "start" && body.startsWith("^") && !body.includes("|")) pattern = flags + body;
  const compiled = compileRegex(pattern);
  if (compiled instanceof PatternProblem) refuse("pattern", at, `"${source}": ${compiled.message}`);
  if (isRepeated && matchesNothing(pattern))
    refuse("pattern", at, `"${source}" matches the empty text, again and again`);
  return pattern;
}

function matchesNothing(pattern: string): boolean {
  try {
    const plain = pattern
      .replace(/^\(\?([ims]+)\)/, "")
      .replace(/\\A/g, "^")
      .replace(/\\z/g, "$");
    return new RegExp(plain, "u").test("");
  } catch {
    return false;
  }
}

function groupsOf(pattern: string, at: Place): number {
  const compiled = compileRegex(pattern);
  return compiled instanceof PatternProblem ? refuse("pattern", at, compiled.message) : compiled.groups;
}

/** A method of a match. */
export function matchMethod({ target, name, args, at }: MethodCall): Val {
  const [first] = args;
  switch (name) {
    case "group": {
      const index = first?.literal ?? 0n;
      if (typeof index !== "bigint" || args.length > 1)
        return refuse("pattern", at, "a group by name, or several at once");
      const found = (): Expr => call("list.get", [target.emit(), intExpr(index)]);
      if (index === 0n) return val(TEXT, () => call("option.unwrap", [found()]));
      return val(option(TEXT), found);
    }
    case "groups":
      return val(list(option(TEXT), "tuple"), () => call("list.drop", [target.emit(), intExpr(1)]));
    default:
      return refuse("pattern", at, `the method ${name} of a match`);
  }
}
