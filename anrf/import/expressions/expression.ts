import { branch } from "#anrf/import/lowering/block.ts";
import { changedNames, inBlock, once, wrapped } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, FUNCTION, prune, rootCell } from "#anrf/import/lowering/types.ts";
import {
  boolVal,
  call,
  floatVal,
  intVal,
  isInt64,
  noneVal,
  textVal,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import {
  bounds,
  concatenated,
  entryValue,
  functionNamed,
  isLive,
  isPure,
  moduleName,
  negated,
  setName,
  unusable,
} from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { FormatPart, Source, SourceOf } from "#anrf/import/source/source.ts";
import { comprehension, quantifier } from "#anrf/import/statements/comprehension.ts";
import { applyFunction } from "./call.ts";
import { dictLiteral, listLiteral, setLiteral, tupleLiteral } from "./literals.ts";
import { evalPlace, readPlace, storeObject } from "./place.ts";

/** The value of an expression; effects of its parts become lets and new values of names. */
export function expression(low: Lowering, source: Source): Val {
  switch (source.kind) {
    case "int":
      if (!isInt64(source.value)) refuse("range", source, `${source.value} does not fit 64 bits`);
      return intVal(source.value);
    case "float":
      return floatVal(source.value);
    case "str":
      return textVal(source.value);
    case "bool":
      return boolVal(source.value);
    case "none":
      return noneVal;
    case "name":
      return nameValue(low, source);
    case "list":
      return listLiteral(low, source, "list");
    case "tuple":
      return tupleLiteral(low, source);
    case "set":
      return setLiteral(low, source);
    case "dict":
      return dictLiteral(low, source);
    case "star":
      return refuse("expression", source, "a star is not supported here");
    case "unary":
      if (source.op === "not") return negated(condition(low, source.operand));
      return low.meaning.unary(low, source.op, expression(low, source.operand), source);
    case "binary": {
      const left = expression(low, source.left);
      const right = expression(low, source.right);
      return low.meaning.binary(low, source.op, left, right, source);
    }
    case "compare":
      return comparison(low, source);
    case "logic":
      return logic(low, source);
    case "if": {
      const test = condition(low, source.test);
      if (typeof test.literal === "boolean") return expression(low, test.literal ? source.yes : source.other);
      return branch(
        low,
        test,
        () => expression(low, source.yes),
        () => expression(low, source.other),
        source,
        isLive(low),
      );
    }
    case "call":
      return callValue(low, source);
    case "attr":
      return attribute(low, source);
    case "index": {
      const target = expression(low, source.target);
      const index = expression(low, source.index);
      noteRead(target, index, source);
      return low.meaning.index(low, target, index, source);
    }
    case "slice": {
      const target = expression(low, source.target);
      return low.meaning.slice(low, target, bounds(low, source), source);
    }
    case "lambda": {
      const home = low.frame;
      return val(FUNCTION, unusable, {
        fn: { kind: "lambda", params: source.params, body: source.body, home },
      });
    }
    case "comp":
      return comprehension(low, source);
    case "format":
      return joinParts(low, source.parts, source);
    case "walrus": {
      const value = once(low, expression(low, source.value), source.name);
      setName(low, source.name, value);
      return value;
    }
    default:
      throw new Error(`unreachable: ${source satisfies never}`);
  }
}

/** A truth value: the source's own rules say what counts as true. */
export function condition(low: Lowering, source: Source): Val {
  if (source.kind === "logic") {
    const left = condition(low, source.left);
    return lazyLogic(low, source.op, left, () => condition(low, source.right), source);
  }
  if (source.kind === "unary" && source.op === "not") return negated(condition(low, source.operand));
  return low.meaning.truth(low, expression(low, source), source);
}

/** A read of a dict that puts in what is missing, by a key that it may not have. */
function noteRead(target: Val, index: Val, at: Source): void {
  const ty = prune(target.ty);
  if (ty.k !== "dict" || rootCell(ty.cell).missing?.kind !== "default") return;
  if (index.keyOf === undefined || rootCell(index.keyOf) !== rootCell(ty.cell)) rootCell(ty.cell).read ??= at;
}

/** `a and b` on truth values, the second one only where it is needed. */
export function lazyLogic(
  low: Lowering,
  op: "and" | "or",
  left: Val,
  right: () => Val,
  at: SourceOf<"logic"> | SourceOf<"compare">,
): Val {
  if (typeof left.literal === "boolean") {
    return left.literal === (op === "and") ? right() : left;
  }
  const block = inBlock(low, right);
  const names = changedNames(low, block, block, isLive(low));
  if (names.length === 0 && prune(block.val.ty).k !== "never") {
    const made = wrapped(block);
    return val(BOOLEAN, () => call(`bool.${op}`, [left.emit(), made.emit()]));
  }
  const first = once(low, left);
  return op === "and"
    ? branch(low, first, right, () => boolVal(false), at, isLive(low))
    : branch(low, first, () => boolVal(true), right, at, isLive(low));
}

function logic(low: Lowering, source: SourceOf<"logic">): Val {
  const left = expression(low, source.left);
  if (prune(left.ty).k === "bool") {
    const right = inBlock(low, () => expression(low, source.right));
    if (["bool", "never"].includes(prune(right.val.ty).k)) {
      return lazyLogic(low, source.op, left, () => expression(low, source.right), source);
    }
  }
  const first = once(low, left);
  const truth = low.meaning.truth(low, first, source);
  const kept = (): Val => {
    const ty = prune(first.ty);
    // What counts as true is not None.
    if (source.op === "and" || ty.k !== "option") return first;
    return val(ty.item, () => call("option.unwrap", [first.emit()]), { top: first.top, inner: first.inner });
  };
  const right = (): Val => expression(low, source.right);
  return source.op === "or"
    ? branch(low, truth, kept, right, source, isLive(low))
    : branch(low, truth, right, kept, source, isLive(low));
}

function comparison(low: Lowering, source: SourceOf<"compare">): Val {
  let left = expression(low, source.first);
  let made: Val | undefined;
  source.rest.forEach(({ op, right }, index) => {
    const isLast = index === source.rest.length - 1;
    const one = (): Val => {
      const value = expression(low, right);
      const known = isLast ? value : once(low, value);
      const result = low.meaning.compare(low, op, left, known, source);
      left = known;
      return result;
    };
    if (made === undefined) made = one();
    // An operand in the middle is bound outside of the lazy part, where the next comparison sees it too.
    else if (isLast) made = lazyLogic(low, "and", made, one, source);
    else {
      const first = made;
      const second = one();
      made = val(BOOLEAN, () => call("bool.and", [first.emit(), second.emit()]));
    }
  });
  if (made === undefined) throw new Error("a comparison has no operand");
  return made;
}

function nameValue(low: Lowering, source: SourceOf<"name">): Val {
  const entry = low.frame.env.get(source.name);
  if (entry !== undefined) return entryValue(entry);
  const fn = functionNamed(low, low.frame, source.name);
  if (fn !== undefined) return fn;
  const full = low.module.imports.get(source.name);
  const known = low.meaning.name(low, full ?? source.name, source);
  return known ?? refuse("name", source, `${source.name} has no value here`);
}

function attribute(low: Lowering, source: SourceOf<"attr">): Val {
  const full = moduleName(low, source);
  if (full !== undefined) {
    const known = low.meaning.name(low, full, source);
    return known ?? refuse("name", source, `${full} is not known`);
  }
  const target = expression(low, source.target);
  const known = low.meaning.attribute(low, target, source.name, source);
  if (known !== undefined) return known;
  return val(FUNCTION, unusable, { fn: { kind: "method", target: once(low, target), name: source.name } });
}

function callValue(low: Lowering, source: SourceOf<"call">): Val {
  const { callee } = source;
  const full = callee.kind === "name" || callee.kind === "attr" ? moduleName(low, callee) : undefined;
  const isOwn =
    callee.kind === "name" &&
    (low.frame.env.has(callee.name) || functionNamed(low, low.frame, callee.name) !== undefined);
  const name = isOwn ? undefined : (full ?? (callee.kind === "name" ? callee.name : undefined));
  const [only] = source.args;
  if ((name === "any" || name === "all") && only?.kind === "comp" && only.shape !== "dict") {
    return quantifier(low, only, name === "all");
  }
  if (callee.kind === "attr" && full === undefined) return methodCall(low, source, callee);
  const fn = name === undefined ? expression(low, callee) : undefined;
  const args = argumentsOf(low, source);
  const named = new Map(source.named.map((one) => [one.name, expression(low, one.value)] as const));
  if (fn !== undefined && fn.fn === undefined)
    refuse("call", source, "a value that is no function is called");
  const value = fn?.fn ?? { kind: "known" as const, name: name ?? "" };
  return owned(
    low,
    source,
    applyFunction(low, value, args, named, { at: source, site: low.site(source), sources: source.args }),
  );
}

/** A list, dict or set that a call makes is an object, and no one else has it. */
function owned(low: Lowering, source: Source, value: Val): Val {
  const ty = prune(value.ty);
  const isList = ty.k === "list" && ty.flavour !== "tuple" && ty.flavour !== "iter";
  const isObject = isList || ty.k === "dict" || ty.k === "set";
  return isObject && value.top.size === 0
    ? { ...value, top: low.newObject(low.site(source, "made")) }
    : value;
}

function argumentsOf(low: Lowering, source: SourceOf<"call">): Val[] {
  return source.args.flatMap((one) => {
    if (one.kind !== "star") return [expression(low, one)];
    const spread = expression(low, one.value);
    const ty = prune(spread.ty);
    if (ty.k === "tuple") {
      const whole = once(low, spread);
      return ty.items.map((_, i) => low.meaning.index(low, whole, intVal(i), one));
    }
    if (spread.items !== undefined) return [...spread.items];
    // f(*xs): the callee decides whether it can take a list for its arguments.
    return [{ ...low.meaning.items(low, spread, one), literal: "*" }];
  });
}

function methodCall(low: Lowering, source: SourceOf<"call">, callee: SourceOf<"attr">): Val {
  // Arguments first where that changes nothing: they may change the target, as in xs.append(xs.pop()).
  const early = isPure(callee.target) ? undefined : evalPlace(low, callee.target);
  const args = argumentsOf(low, source);
  const named = new Map(source.named.map((one) => [one.name, expression(low, one.value)] as const));
  const place = early ?? evalPlace(low, callee.target);
  const now = readPlace(low, place, callee);
  const { result: given, changed } = low.meaning.method(low, {
    target: now,
    name: callee.name,
    args,
    named,
    at: source,
    site: low.site(source),
  });
  const result = changed === undefined ? owned(low, source, given) : given;
  if (changed === undefined) return result;
  const kept = prune(result.ty).k === "none" ? result : once(low, result);
  storeObject(low, place, changed, source);
  return kept;
}

function joinParts(low: Lowering, parts: readonly FormatPart[], at: Source): Val {
  const texts = parts.map((one): Val => {
    if (typeof one === "string") return textVal(one);
    const spec = one.spec.map((piece) => {
      if (typeof piece === "string") return piece;
      const { literal } = expression(low, piece.value);
      if (literal === undefined) return refuse("format", at, "a width that is not a constant");
      return String(literal);
    });
    return low.meaning.format(low, expression(low, one.value), one.conversion, spec.join(""), at);
  });
  return concatenated(texts);
}
