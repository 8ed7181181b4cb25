import type { Expr } from "#anrf/build/expr.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Lowering, MethodCall } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, INTEGER, list, prune, TEXT, type Ty, tuple, tyText } from "#anrf/import/lowering/types.ts";
import {
  b,
  call,
  ifExpr,
  intExpr,
  lambda,
  Slot,
  textExpr,
  textVal,
  tupleExpr,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import {
  asTupleList,
  intArgument,
  preludeVal,
  textArgument,
  unwrapped,
} from "#anrf/import/python-meaning/base.ts";
import { formatted } from "#anrf/import/python-meaning/format.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import { items } from "./items.ts";
import { slice } from "./slices.ts";

const ASCII =
  "case and class of characters (upper, isalpha, …) are known in ASCII; a text outside it ends the program";

const BLANKS = "strip and split take Unicode's blanks; Python takes U+001C to U+001F too";

/** The text itself where it is ASCII; another one ends the program. */
export function ascii(low: Lowering, text: Val): Val {
  low.note(ASCII);
  const isPlain =
    typeof text.literal === "string" && [...text.literal].every((c) => (c.codePointAt(0) ?? 0) < 128);
  return isPlain ? text : val(TEXT, () => low.prelude("ascii", [text.emit()]));
}

/** The methods of texts. */
export function textMethod(low: Lowering, asked: MethodCall): Val {
  const { name, at } = asked;
  return (
    caseMethod(low, asked) ??
    partsMethod(low, asked) ??
    layoutMethod(low, asked) ??
    absentMethod(low, asked) ??
    refuse("call", at, `texts have no method ${name} here`)
  );
}

function caseMethod(low: Lowering, asked: MethodCall): Val | undefined {
  const { target, name } = asked;
  switch (name) {
    case "upper":
    case "lower":
    case "casefold":
    case "title":
    case "capitalize":
    case "swapcase": {
      const ids = {
        upper: "to_upper",
        lower: "to_lower",
        casefold: "to_lower",
        title: "title",
        capitalize: "capitalize",
        swapcase: "swap_case",
      };
      return b(`string.${ids[name]}`, TEXT, ascii(low, target));
    }
    case "isdigit":
    case "isnumeric":
    case "isdecimal":
    case "isalpha":
    case "isalnum":
    case "isspace": {
      const ids = {
        isdigit: "is_digit",
        isnumeric: "is_digit",
        isdecimal: "is_digit",
        isalpha: "is_alpha",
        isalnum: "is_alnum",
        isspace: "is_space",
      };
      return b(`string.${ids[name]}`, BOOLEAN, ascii(low, target));
    }
    case "isupper":
    case "islower": {
      const whole = once(low, ascii(low, target));
      const [same, other] = name === "isupper" ? ["to_upper", "to_lower"] : ["to_lower", "to_upper"];
      return val(BOOLEAN, () =>
        call("bool.and", [
          call("eq", [whole.emit(), call(`string.${same}`, [whole.emit()])]),
          call("ne", [whole.emit(), call(`string.${other}`, [whole.emit()])]),
        ]),
      );
    }
    case "istitle": {
      const whole = once(low, ascii(low, target));
      return val(BOOLEAN, () =>
        call("bool.and", [
          call("eq", [whole.emit(), call("string.title", [whole.emit()])]),
          call("ne", [call("string.to_lower", [whole.emit()]), call("string.to_upper", [whole.emit()])]),
        ]),
      );
    }
    case "isascii": {
      const slot = new Slot("code", INTEGER);
      return val(BOOLEAN, () =>
        call("list.all", [
          call("string.code_points", [target.emit()]),
          lambda([slot], () => call("lt", [slot.use(), intExpr(128)])),
        ]),
      );
    }
    default:
      return undefined;
  }
}

/** What every method of a text needs: its arguments, texts among them, and functions of the prelude. */
function asking(low: Lowering, { name, at }: MethodCall) {
  const need = (value: Val | undefined): Val => value ?? refuse("call", at, `${name} takes more arguments`);
  const asText = (value: Val | undefined): Val => textArgument(low, need(value), at);
  const asInt = (value: Val | undefined): Val => intArgument(low, need(value), at);
  const prelude = (id: string, ty: Ty, ...given: readonly Val[]): Val => preludeVal(low, id, ty, ...given);
  return { need, asText, asInt, prelude };
}

const BLANK_BY_NONE = new Set(["strip", "lstrip", "rstrip", "split", "rsplit"]);

function partsMethod(low: Lowering, asked: MethodCall): Val | undefined {
  const { target, name, args, at, named } = asked;
  if (BLANK_BY_NONE.has(name) && args.some((one) => prune(one.ty).k === "option"))
    refuse("types", at, `${name} by what may be None, which stands for blanks`);
  const [first, second, third] = args.map((one) => unwrapped(one));
  const { need, asText, asInt, prelude } = asking(low, asked);
  const isNone = (value: Val | undefined): boolean => value === undefined || prune(value.ty).k === "none";
  if (/^(l|r)?strip$/.test(name) && isNone(first)) low.note(BLANKS);
  if (/^r?split$/.test(name) && isNone(first ?? named.get("sep"))) low.note(BLANKS);
  switch (name) {
    case "isidentifier":
      return refuse("call", at, "isidentifier is not supported");
    case "strip":
      return isNone(first)
        ? b("string.trim", TEXT, target)
        : b("string.trim_chars", TEXT, target, asText(first));
    case "lstrip":
      return isNone(first)
        ? b("string.trim_start", TEXT, target)
        : prelude("trim_left_chars", TEXT, target, asText(first));
    case "rstrip":
      return isNone(first)
        ? b("string.trim_end", TEXT, target)
        : prelude("trim_right_chars", TEXT, target, asText(first));
    case "split":
    case "rsplit": {
      const limit = second ?? named.get("maxsplit");
      const separator = first ?? named.get("sep");
      const isRight = name === "rsplit";
      if (isNone(separator)) {
        if (limit === undefined) return b("string.split_whitespace", list(TEXT), target);
        if (isRight) return refuse("call", at, "rsplit on blanks with a limit is not supported");
        return prelude("split_blank_limit", list(TEXT), target, asInt(limit));
      }
      const by = asText(separator);
      if (limit !== undefined)
        return prelude(isRight ? "split_last" : "split_limit", list(TEXT), target, by, asInt(limit));
      const isPlain = typeof by.literal === "string" && by.literal !== "";
      return isPlain
        ? b("string.split", list(TEXT), target, by)
        : prelude("split_on", list(TEXT), target, by);
    }
    case "splitlines":
      if (first !== undefined) return refuse("call", at, "splitlines that keeps its ends is not supported");
      return prelude("text_lines", list(TEXT), target);
    case "join": {
      const parts = items(low, need(first), at);
      low.observe(parts, at);
      const item = prune(parts.ty);
      if (item.k === "list" && low.isSettling) low.tryJoin(item.item, TEXT);
      if (item.k === "list" && low.need(item.item, at).k !== "str")
        refuse("types", at, `join takes texts, not ${tyText(item.item)}`);
      const chars = need(first);
      if (prune(chars.ty).k === "str" && target.literal === "") return chars;
      return val(TEXT, () => call("string.join", [parts.emit(), target.emit()]));
    }
    case "replace": {
      const [from, to] = [asText(first), asText(second)];
      if (third === undefined) return b("string.replace", TEXT, target, from, to);
      const isOne = third.literal === 1n && typeof from.literal === "string" && from.literal !== "";
      return isOne
        ? b("string.replace_first", TEXT, target, from, to)
        : prelude("replace_first_n", TEXT, target, from, to, asInt(third));
    }
    case "find":
    case "rfind":
    case "index":
    case "rindex":
      return found(low, asked, asText(first), second, third);
    default:
      return undefined;
  }
}

function layoutMethod(low: Lowering, asked: MethodCall): Val | undefined {
  const { target, name, args, at } = asked;
  const [first, second, third] = args.map((one) => unwrapped(one));
  const { need, asText, asInt, prelude } = asking(low, asked);
  switch (name) {
    case "count": {
      if (second !== undefined) {
        const ends = { from: second, ...(third === undefined ? {} : { to: third }) };
        return textMethod(low, { ...asked, target: slice(low, target, ends, at), args: [need(first)] });
      }
      const part = asText(first);
      const facts = { nonneg: true, small: true };
      const isPlain = typeof part.literal === "string" && part.literal !== "";
      return {
        ...(isPlain
          ? b("string.count", INTEGER, target, part)
          : prelude("count_text", INTEGER, target, part)),
        ...facts,
      };
    }
    case "startswith":
    case "endswith": {
      const isStart = name === "startswith";
      const source =
        second === undefined
          ? target
          : slice(low, target, { from: second, ...(third === undefined ? {} : { to: third }) }, at);
      const id = isStart ? "string.starts_with" : "string.ends_with";
      const part = need(first);
      if (prune(part.ty).k === "str") return b(id, BOOLEAN, source, part);
      const whole = once(low, source);
      const all = coerce(low, asTupleList(low, part, at), list(TEXT, "tuple"), at);
      const slot = new Slot("part", TEXT);
      return val(BOOLEAN, () =>
        call("list.any", [all.emit(), lambda([slot], () => call(id, [whole.emit(), slot.use()]))]),
      );
    }
    case "removeprefix":
    case "removesuffix": {
      const [whole, part] = [once(low, target), once(low, asText(first))];
      const isStart = name === "removeprefix";
      return val(TEXT, () =>
        ifExpr(
          call(isStart ? "string.starts_with" : "string.ends_with", [whole.emit(), part.emit()]),
          call(isStart ? "string.drop" : "string.drop_end", [
            whole.emit(),
            call("string.length", [part.emit()]),
          ]),
          whole.emit(),
        ),
      );
    }
    case "zfill":
      return prelude("zero_fill", TEXT, target, asInt(first));
    case "ljust":
      return b("string.pad_end", TEXT, target, asInt(first), asText(second ?? textVal(" ")));
    case "rjust":
      return b("string.pad_start", TEXT, target, asInt(first), asText(second ?? textVal(" ")));
    case "center":
      return prelude("center_text", TEXT, target, asInt(first), asText(second ?? textVal(" ")));
    case "partition":
    case "rpartition":
      return partition(low, target, asText(first), name === "partition");
    case "format":
      return formatted(low, asked);
    default:
      return undefined;
  }
}

function absentMethod(_low: Lowering, asked: MethodCall): Val | undefined {
  const { name, at } = asked;
  switch (name) {
    case "translate":
    case "maketrans":
    case "encode":
    case "expandtabs":
      return refuse("call", at, `${name} is not supported`);
    default:
      return undefined;
  }
}

function found(
  low: Lowering,
  { target, name, at }: MethodCall,
  part: Val,
  from: Val | undefined,
  to: Val | undefined,
): Val {
  const isLast = name.startsWith("r");
  const traps = name.endsWith("index");
  if (from !== undefined) {
    if (isLast) return refuse("call", at, `${name} with a start is not supported`);
    const end = to ?? val(INTEGER, () => intExpr(2n ** 62n));
    const place = val(INTEGER, () =>
      low.prelude("find_from", [target.emit(), part.emit(), from.emit(), end.emit()]),
    );
    if (!traps) return place;
    const whole = once(low, place);
    return val(
      INTEGER,
      () =>
        ifExpr(
          call("lt", [whole.emit(), intExpr(0)]),
          { kind: "fail", message: "the text is not found", type: whole.emit().type },
          whole.emit(),
        ),
      { nonneg: true },
    );
  }
  const option = (): Expr =>
    call(isLast ? "string.last_index_of" : "string.index_of", [target.emit(), part.emit()]);
  if (traps) return val(INTEGER, () => call("option.unwrap", [option()]), { nonneg: true, small: true });
  return val(INTEGER, () => call("option.get_or", [option(), intExpr(-1)]), { small: true });
}

function partition(low: Lowering, target: Val, separator: Val, isFirst: boolean): Val {
  const [whole, part] = [once(low, target), once(low, separator)];
  const ty = tuple([TEXT, TEXT, TEXT]);
  return val(ty, () => {
    const slot = new Slot("i", INTEGER);
    const local = slot.local();
    const before = call("string.take", [whole.emit(), slot.use()]);
    const after = call("string.drop", [
      whole.emit(),
      call("int.add", [slot.use(), call("string.length", [part.emit()])]),
    ]);
    const found0 = tupleExpr([before, part.emit(), after]);
    const none = isFirst
      ? tupleExpr([whole.emit(), textExpr(""), textExpr("")])
      : tupleExpr([textExpr(""), textExpr(""), whole.emit()]);
    const subject = call(isFirst ? "string.index_of" : "string.last_index_of", [whole.emit(), part.emit()]);
    const arms = [
      { pattern: { kind: "some" as const }, binders: [local], body: found0 },
      { pattern: { kind: "none" as const }, binders: [], body: none },
    ];
    return { kind: "match", subject, arms, type: found0.type };
  });
}
