import type { Expr } from "#anrf/build/expr.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Lowering, MethodCall } from "#anrf/import/lowering/lower.ts";
import { isReal, languageType, prune, TEXT, type Ty, tyText } from "#anrf/import/lowering/types.ts";
import {
  b,
  call,
  ifExpr,
  intExpr,
  lambda,
  part,
  Slot,
  textExpr,
  textVal,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { concatenated } from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { asFloat, asNumber, unwrapped } from "./base.ts";

/** str(value). */
export function textOf(low: Lowering, value: Val, at: Place): Val {
  const ty = low.need(value.ty, at);
  if (ty.k === "str") return value;
  if (ty.k === "option" && low.need(ty.item, at).k === "str") {
    return val(TEXT, () => call("option.get_or", [value.emit(), textExpr("None")]));
  }
  return representation(low, value, at);
}

/** repr(value). */
export function representation(low: Lowering, value: Val, at: Place): Val {
  low.observe(value, at);
  const ty = low.need(value.ty, at);
  if (typeof value.literal === "bigint") return textVal(String(value.literal));
  return val(TEXT, reprOf(low, ty, value, at));
}

function reprOf(low: Lowering, type: Ty, value: Val, at: Place): () => Expr {
  const ty = low.need(type, at);
  switch (ty.k) {
    case "str":
      return () => low.prelude("quoted", [value.emit()]);
    case "int":
      if (ty.mixed === true) return refuse("format", at, "the text of a value that may be an int or a bool");
      return () => call("int.to_string", [value.emit()]);
    case "bool":
      return () => ifExpr(value.emit(), textExpr("True"), textExpr("False"));
    case "float":
      return () => low.prelude("float_text", [value.emit()]);
    case "number":
      return refuse("format", at, "the text of a value that may be an int or a float");
    case "none":
      return () => textExpr("None");
    case "option": {
      const slot = new Slot("value", ty.item);
      const inner = reprOf(low, ty.item, slot.val(), at);
      return () =>
        call("option.get_or", [call("option.map", [value.emit(), lambda([slot], inner)]), textExpr("None")]);
    }
    case "list": {
      if (ty.flavour === "tuple") return refuse("format", at, "the text of a tuple of any length");
      if (ty.flavour !== "list" && ty.flavour !== "seq")
        return refuse("format", at, `the text of a ${ty.flavour}`);
      const slot = new Slot("item", ty.item);
      const inner = reprOf(low, ty.item, slot.val(), at);
      return () => {
        const parts = call("list.map", [value.emit(), lambda([slot], inner)]);
        return around("[", call("string.join", [parts, textExpr(", ")]), "]");
      };
    }
    case "tuple": {
      const whole = once(low, value);
      const parts = ty.items.map((item, i) =>
        reprOf(
          low,
          item,
          val(item, () => part(whole.emit, i), { simple: true }),
          at,
        ),
      );
      return () =>
        around(
          "(",
          parts.map((one) => one()).reduce((a, c) => around("", a, ", ", c)),
          ")",
        );
    }
    default:
      return refuse("format", at, `the text of ${tyText(ty)}`);
  }
}

function around(before: string, text: Expr, after: string, last?: Expr): Expr {
  const head = before === "" ? text : call("string.concat", [textExpr(before), text]);
  const made = call("string.concat", [head, textExpr(after)]);
  return last === undefined ? made : call("string.concat", [made, last]);
}

interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly width: number;
  readonly group: string;
  readonly precision: number | undefined;
  readonly type: string;
}

function readSpec(spec: string, at: Place): Spec {
  const match = /^(?:(.)?([<>^=]))?([+\- ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([a-zA-Z%]?)$/su.exec(spec);
  if (match === null) return refuse("format", at, `the format "${spec}"`);
  const [, fill, align, sign = "", alternate, zero, width, group = "", precision, type = ""] = match;
  if (alternate === "#") refuse("format", at, "the # form");
  const isZero = zero === "0" && align === undefined;
  return {
    fill: fill ?? (isZero ? "0" : " "),
    align: align ?? (isZero ? "=" : ""),
    sign,
    width: width === undefined || width === "" ? 0 : Number(width),
    group,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  };
}

/** format(value, spec), with !r and !s before it. */
export function format(low: Lowering, given: Val, conversion: string, spec: string, at: Place): Val {
  if (conversion === "r") return format(low, representation(low, given, at), "", spec, at);
  if (conversion === "s") return format(low, textOf(low, given, at), "", spec, at);
  if (conversion !== "") return refuse("format", at, `the conversion !${conversion}`);
  if (spec === "") return textOf(low, given, at);
  const read = readSpec(spec, at);
  const value = unwrapped(given);
  const ty = low.need(value.ty, at);
  if (ty.k === "str") return textWith(low, value, read, at);
  if (ty.k === "int" || ty.k === "bool" || isReal(ty)) return numberWith(low, value, ty, read, at);
  return refuse("format", at, `${tyText(ty)} with the format "${spec}"`);
}

function textWith(low: Lowering, value: Val, spec: Spec, at: Place): Val {
  if (spec.sign !== "" || spec.group !== "" || !["", "s"].includes(spec.type) || spec.align === "=") {
    refuse("format", at, "a number's format for a text");
  }
  const cut =
    spec.precision === undefined
      ? value
      : b(
          "string.take",
          TEXT,
          value,
          val({ k: "int" }, () => intExpr(spec.precision ?? 0)),
        );
  return padded(low, cut, spec, "<");
}

function padded(low: Lowering, text: Val, spec: Spec, fallback: string): Val {
  if (spec.width === 0) return text;
  const width = intExpr(spec.width);
  const fill = textExpr(spec.fill);
  switch (spec.align === "" ? fallback : spec.align) {
    case "<":
      return val(TEXT, () => call("string.pad_end", [text.emit(), width, fill]));
    case ">":
      return val(TEXT, () => call("string.pad_start", [text.emit(), width, fill]));
    case "^":
      return val(TEXT, () => low.prelude("pad_middle", [text.emit(), width, fill]));
    default: {
      const whole = once(low, text);
      if (spec.fill === "0") return val(TEXT, () => low.prelude("zero_fill", [whole.emit(), width]));
      return refuse("format", low.at, "a fill after the sign");
    }
  }
}

function numberWith(low: Lowering, value: Val, ty: Ty, spec: Spec, at: Place): Val {
  const { type, precision } = spec;
  let text: Val;
  if (type === "f" || type === "F" || type === "%") {
    const number =
      type === "%"
        ? val({ k: "float" }, () =>
            call("float.mul", [
              asFloat(value).emit(),
              { kind: "literal", value: 100, type: languageType({ k: "float" }) },
            ]),
          )
        : asFloat(value);
    const digits = precision ?? 6;
    if (digits > 18) refuse("format", at, "more than 18 digits");
    // Python keeps the sign of -0.0, and writes inf and nan in small letters.
    const signed = val(TEXT, () => low.prelude("fixed_text", [number.emit(), intExpr(digits)]));
    text = type === "%" ? val(TEXT, () => around("", signed.emit(), "%")) : signed;
  } else if (isReal(ty)) {
    if (type !== "" || precision !== undefined)
      return refuse("format", at, `floats as ${type === "" ? "a precision alone" : type}`);
    text = textOf(low, value, at);
  } else {
    if (precision !== undefined) return refuse("format", at, "an int with a precision");
    text = intText(low, asNumber(value), type, at);
  }
  if (spec.group !== "")
    text = val(
      TEXT,
      (
        (before) => () =>
          low.prelude("group_digits", [before.emit(), textExpr(spec.group)])
      )(text),
    );
  if (spec.sign === "+" || spec.sign === " ") {
    const whole = once(low, text);
    text = val(TEXT, () =>
      ifExpr(
        call("string.starts_with", [whole.emit(), textExpr("-")]),
        whole.emit(),
        call("string.concat", [textExpr(spec.sign), whole.emit()]),
      ),
    );
  }
  if (spec.group !== "" && spec.align === "=" && spec.width > 0)
    refuse("format", at, "groups of digits with zeros before them");
  return padded(low, text, spec, ">");
}

function intText(low: Lowering, value: Val, type: string, at: Place): Val {
  const base = { b: 2, o: 8, x: 16, X: 16 }[type];
  if (base !== undefined) {
    const made = b(
      "int.to_base",
      TEXT,
      value,
      val({ k: "int" }, () => intExpr(base)),
    );
    return type === "X" ? b("string.to_upper", TEXT, made) : made;
  }
  if (type === "c")
    return val(TEXT, () =>
      call("string.from_code_points", [
        {
          kind: "list",
          items: [value.emit()],
          type: languageType({ k: "list", item: { k: "int" }, flavour: "list" }),
        },
      ]),
    );
  if (type !== "" && type !== "d" && type !== "n") return refuse("format", at, `ints as ${type}`);
  return textOf(low, value, at);
}

/** `"{} and {1:>3}".format(a, b)`. */
export function formatted(low: Lowering, { target, args, named, at }: MethodCall): Val {
  const { literal } = target;
  if (typeof literal !== "string") return refuse("format", at, "a format that is not a constant");
  const texts: Val[] = [];
  let next = 0;
  const pattern = /\{\{|\}\}|\{([^{}:!]*)(?:!([rs]))?(?::([^{}]*))?\}/gu;
  let from = 0;
  for (const match of literal.matchAll(pattern)) {
    texts.push(textVal(literal.slice(from, match.index)));
    from = match.index + match[0].length;
    if (match[0] === "{{" || match[0] === "}}") {
      texts.push(textVal(match[0].charAt(0)));
      continue;
    }
    const [, field = "", conversion = "", spec = ""] = match;
    const value = field === "" ? args[next++] : /^\d+$/.test(field) ? args[Number(field)] : named.get(field);
    if (value === undefined) return refuse("format", at, `the field {${field}}`);
    texts.push(format(low, once(low, value), conversion, spec, at));
  }
  const tail = literal.slice(from);
  if (/[{}]/.test(tail)) return refuse("format", at, "a format with braces inside");
  texts.push(textVal(tail));
  return concatenated(texts.filter((one) => one.literal !== ""));
}

/** `"%d of %s" % (a, b)`. */
export function percent(low: Lowering, pattern: Val, given: Val, at: Place): Val {
  const { literal } = pattern;
  if (typeof literal !== "string") return refuse("format", at, "a format that is not a constant");
  const ty = prune(given.ty);
  const whole = ty.k === "tuple" ? once(low, given) : given;
  const values =
    ty.k === "tuple"
      ? ty.items.map((item, i) => whole.items?.[i] ?? val(item, () => part(whole.emit, i), { simple: true }))
      : [given];
  const texts: Val[] = [];
  let next = 0;
  let from = 0;
  for (const match of literal.matchAll(/%(%|([-0+ ]*)(\d*)(?:\.(\d+))?([a-zA-Z]))/gu)) {
    texts.push(textVal(literal.slice(from, match.index)));
    from = match.index + match[0].length;
    if (match[1] === "%") {
      texts.push(textVal("%"));
      continue;
    }
    const [, , flags = "", width = "", precision, kind = ""] = match;
    const value = values[next++];
    if (value === undefined) return refuse("format", at, "fewer values than the format has fields");
    texts.push(percentField(low, value, { flags, width, precision, kind }, at));
  }
  if (next !== values.length) return refuse("format", at, "more values than the format has fields");
  texts.push(textVal(literal.slice(from)));
  return concatenated(texts.filter((one) => one.literal !== ""));
}

function percentField(
  low: Lowering,
  value: Val,
  field: { flags: string; width: string; precision: string | undefined; kind: string },
  at: Place,
): Val {
  const { flags, width, precision, kind } = field;
  const isNumber = "dioxXfF".includes(kind);
  const align = flags.includes("-") ? "<" : flags.includes("0") && isNumber ? "" : ">";
  const zero = flags.includes("0") && isNumber && align === "" ? "0" : "";
  const sign = flags.includes("+") ? "+" : "";
  const body = `${align}${sign}${zero}${width}${precision === undefined ? "" : `.${precision}`}`;
  switch (kind) {
    case "s":
      return format(low, textOf(low, value, at), "", body === ">" ? "" : body, at);
    case "r":
      return format(low, representation(low, value, at), "", body === ">" ? "" : body, at);
    case "d":
    case "i": {
      if (isReal(prune(value.ty))) return refuse("format", at, "a float as %d");
      return format(low, value, "", `${body === ">" ? "" : body}d`, at);
    }
    case "x":
    case "X":
    case "o":
    case "f":
    case "F":
      return format(low, value, "", `${body === ">" ? "" : body}${kind}`, at);
    default:
      return refuse("format", at, `%${kind}`);
  }
}
