import type { Expr } from "#anrf/build/expr.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Lowering, MethodCall } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, INTEGER, list, option, TEXT, type Ty, tyText } from "#anrf/import/lowering/types.ts";
import {
  b,
  call,
  ifExpr,
  intExpr,
  intVal,
  textExpr,
  textVal,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { slice } from "#anrf/import/python-collections/slices.ts";
import { textMethod } from "#anrf/import/python-collections/strings.ts";
import { unwrapped } from "#anrf/import/python-meaning/base.ts";
import { refuse } from "#anrf/import/source/refusal.ts";

const UNITS =
  "strings are counted and indexed by characters, where TypeScript counts a character beyond the basic plane twice";

/** Methods that mean the same as one of Python's. */
const SAME: Readonly<Record<string, string>> = {
  toUpperCase: "upper",
  toLowerCase: "lower",
  trim: "strip",
  trimStart: "lstrip",
  trimEnd: "rstrip",
  startsWith: "startswith",
  endsWith: "endswith",
};

/** What a method of strings is given, read as what it has to be. */
interface Given {
  readonly first: Val | undefined;
  readonly second: Val | undefined;
  readonly text: (value: Val | undefined) => Val;
  readonly place: (value: Val | undefined) => Val;
}

/** The methods of strings. */
export function scriptTextMethod(low: Lowering, asked: MethodCall): Val {
  const { name, args, at } = asked;
  const values = args.map((one) => unwrapped(one));
  const same = SAME[name];
  if (same !== undefined) {
    if (args.length > (name.endsWith("With") ? 1 : 0)) return refuse("call", at, `${name} from a place`);
    return textMethod(low, { ...asked, name: same, args: values });
  }
  const of =
    (kind: "str" | "int") =>
    (value: Val | undefined): Val => {
      const known = value ?? refuse("call", at, `${name} takes more arguments`);
      const ty = low.need(known.ty, at);
      return ty.k === kind
        ? known
        : refuse("types", at, `${name} takes ${kind === "str" ? "texts" : "ints"}, not ${tyText(ty)}`);
    };
  const [first, second] = values;
  const given: Given = { first, second, text: of("str"), place: of("int") };
  return byPlace(low, asked, given) ?? whole(low, asked, given, values);
}

/** Methods that count characters. */
function byPlace(low: Lowering, { target, name, at }: MethodCall, given: Given): Val | undefined {
  const { first, second, text: asText, place } = given;
  switch (name) {
    case "charAt":
      low.note(UNITS);
      return val(TEXT, () =>
        call("option.get_or", [call("string.at", [target.emit(), place(first).emit()]), textExpr("")]),
      );
    case "at": {
      const whole = once(low, target);
      const where = (): Expr =>
        place(first).nonneg === true
          ? place(first).emit()
          : low.prelude("wrap", [place(first).emit(), call("string.length", [whole.emit()])]);
      return val(option(TEXT), () => call("string.at", [whole.emit(), where()]));
    }
    case "charCodeAt":
    case "codePointAt": {
      low.note(UNITS);
      const index = place(first ?? intVal(0));
      const char = (): Expr => call("option.unwrap", [call("string.at", [target.emit(), index.emit()])]);
      return val(INTEGER, () => call("list.get", [call("string.code_points", [char()]), intExpr(0)]), {
        nonneg: true,
        small: true,
      });
    }
    case "includes":
      if (second !== undefined) return refuse("call", at, "includes from a place");
      return b("string.contains", BOOLEAN, target, asText(first));
    case "indexOf": {
      low.note(UNITS);
      const found = (): Expr =>
        second === undefined
          ? call("string.index_of", [target.emit(), asText(first).emit()])
          : call("string.index_of_from", [target.emit(), asText(first).emit(), place(second).emit()]);
      return val(INTEGER, () => call("option.get_or", [found(), intExpr(-1)]), { small: true });
    }
    case "lastIndexOf":
      if (second !== undefined) return refuse("call", at, "lastIndexOf from a place");
      low.note(UNITS);
      return val(
        INTEGER,
        () =>
          call("option.get_or", [
            call("string.last_index_of", [target.emit(), asText(first).emit()]),
            intExpr(-1),
          ]),
        { small: true },
      );
    case "slice": {
      low.note(UNITS);
      const ends = { ...(first && { from: place(first) }), ...(second && { to: place(second) }) };
      return slice(low, target, ends, at);
    }
    case "substring":
      low.note(UNITS);
      return substring(low, target, place(first), second === undefined ? undefined : place(second));
    default:
      return undefined;
  }
}

/** Methods on the whole of a text. */
function whole(low: Lowering, asked: MethodCall, given: Given, values: readonly Val[]): Val {
  const { target, name, at } = asked;
  const { first, second, text: asText, place } = given;
  switch (name) {
    case "split":
      return split(low, target, first, second, asked);
    case "padStart":
    case "padEnd": {
      const fill = second ?? textVal(" ");
      if (typeof fill.literal !== "string" || [...fill.literal].length !== 1)
        return refuse("call", at, `${name} with more than one character`);
      return b(name === "padStart" ? "string.pad_start" : "string.pad_end", TEXT, target, place(first), fill);
    }
    case "repeat":
      return b("string.repeat", TEXT, target, place(first));
    case "replace":
    case "replaceAll": {
      const by = asText(second);
      if (typeof by.literal !== "string" || by.literal.includes("$"))
        return refuse("call", at, "a replacement that is not a constant without $");
      return b(
        name === "replace" ? "string.replace_first" : "string.replace",
        TEXT,
        target,
        asText(first),
        by,
      );
    }
    case "concat":
      return values.reduce((a, c) => b("string.concat", TEXT, a, asText(c)), target);
    case "toString":
      return target;
    default:
      return refuse("call", at, `strings have no method ${name} here`);
  }
}

/** substring(a, b): ends below zero are zero, and the smaller one comes first. */
function substring(low: Lowering, target: Val, from: Val, to: Val | undefined): Val {
  const bound = (one: Val): Expr =>
    one.nonneg === true ? one.emit() : call("max", [one.emit(), intExpr(0)]);
  if (to === undefined) return val(TEXT, () => call("string.drop", [target.emit(), bound(from)]));
  const isOrdered =
    typeof from.literal === "bigint" && typeof to.literal === "bigint" && from.literal <= to.literal;
  if (isOrdered) return val(TEXT, () => call("string.slice", [target.emit(), bound(from), bound(to)]));
  const [a, z] = [once(low, from), once(low, to)];
  return val(TEXT, () =>
    call("string.slice", [
      target.emit(),
      call("min", [bound(a), bound(z)]),
      call("max", [bound(a), bound(z)]),
    ]),
  );
}

function split(
  low: Lowering,
  target: Val,
  separator: Val | undefined,
  limit: Val | undefined,
  { at }: MethodCall,
): Val {
  if (separator === undefined || limit !== undefined)
    return refuse("call", at, "split without a separator, or with a limit");
  if (low.need(separator.ty, at).k !== "str") return refuse("call", at, "split by what is no text");
  const ty: Ty = list(TEXT);
  const chars = (): Expr => call("string.chars", [target.emit()]);
  if (separator.literal === "") {
    low.note(UNITS);
    return val(ty, chars);
  }
  if (typeof separator.literal === "string") return b("string.split", ty, target, separator);
  const whole = once(low, separator);
  return val(ty, () =>
    ifExpr(
      call("eq", [whole.emit(), textExpr("")]),
      chars(),
      call("string.split", [target.emit(), whole.emit()]),
    ),
  );
}
