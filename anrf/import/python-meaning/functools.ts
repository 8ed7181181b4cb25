import type { Expr } from "#anrf/build/expr.ts";
import { applyFunction } from "#anrf/import/expressions/call.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { emitAs, once } from "#anrf/import/lowering/lets.ts";
import type { KnownCall, Lowering } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, FUNCTION } from "#anrf/import/lowering/types.ts";
import { call, intExpr, lambda, Slot, tupleVal, type Val, val } from "#anrf/import/lowering/value.ts";
import { items } from "#anrf/import/python-collections/items.ts";
import { index } from "#anrf/import/python-collections/lists.ts";
import { contains } from "#anrf/import/python-collections/sets.ts";
import { unusable } from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import { insideLambda } from "#anrf/import/statements/comprehension.ts";
import { first, second } from "./base.ts";
import { compare } from "./compare.ts";
import { itemTy } from "./itertools.ts";
import { binary, truth, unary } from "./operators.ts";

const OPERATORS: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  truediv: "/",
  floordiv: "//",
  mod: "%",
  pow: "**",
  and_: "&",
  or_: "|",
  xor: "^",
  lshift: "<<",
  rshift: ">>",
  concat: "+",
};

const COMPARISONS: Readonly<Record<string, string>> = {
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  eq: "==",
  ne: "!=",
};

/** Calls of the module operator. */
export function operatorCall(low: Lowering, fn: string, asked: KnownCall): Val {
  const { at, args } = asked;
  const op = OPERATORS[fn];
  if (op !== undefined) return binary(low, op, first(asked), second(asked), at);
  const order = COMPARISONS[fn];
  if (order !== undefined) return compare(low, order, first(asked), second(asked), at);
  switch (fn) {
    case "neg":
      return unary(low, "-", first(asked), at);
    case "not_": {
      const value = truth(low, first(asked), at);
      return val(BOOLEAN, () => call("bool.not", [value.emit()]));
    }
    case "contains":
      return contains(low, second(asked), first(asked), at);
    case "getitem":
      return index(low, first(asked), second(asked), at);
    case "itemgetter": {
      const keys = [...args];
      return val(FUNCTION, unusable, {
        fn: {
          kind: "wrapped",
          apply: (value) => {
            const whole = once(low, value);
            const parts = keys.map((key) => index(low, whole, key, at));
            const [only] = parts;
            return parts.length === 1 && only !== undefined ? only : tupleVal(parts);
          },
        },
      });
    }
    default:
      return refuse("call", at, `operator.${fn} is not supported`);
  }
}

/** Calls of the module functools. */
export function functoolsCall(low: Lowering, fn: string, asked: KnownCall): Val {
  const { at, args, site } = asked;
  switch (fn) {
    case "reduce": {
      const called = first(asked).fn;
      if (called === undefined) return refuse("call", at, "reduce takes a function");
      const source = items(low, second(asked), at);
      low.observe(source, at);
      const item = itemTy(low, source, at);
      const start = args[2];
      const whole = start === undefined ? once(low, source) : source;
      const siteTy = `${site}state`;
      let stateTy = low.memory.type(siteTy) ?? start?.ty ?? item;
      if (start !== undefined) stateTy = low.join(stateTy, start.ty, at);
      const names = called.kind === "lambda" ? called.params.map((param) => param.name) : ["total", "item"];
      const [state, one] = [new Slot(names[0] ?? "total", stateTy), new Slot(names[1] ?? "item", item)];
      const body = insideLambda(low, one, source, undefined, at, (value) =>
        applyFunction(low, called, [state.val(), value], new Map(), { at, site }),
      );
      const joined = low.join(stateTy, body.ty, at);
      low.memory.learn(siteTy, joined);
      const made = coerce(low, body, joined, at);
      const init =
        start === undefined
          ? coerce(
              low,
              val(item, () => call("list.get", [whole.emit(), intExpr(0)])),
              joined,
              at,
            )
          : coerce(low, start, joined, at);
      const rest = (): Expr =>
        start === undefined ? call("list.drop", [whole.emit(), intExpr(1)]) : source.emit();
      return val(
        joined,
        () => call("list.fold", [rest(), init.emit(), lambda([state, one], () => emitAs(made, joined))]),
        { inner: source.inner },
      );
    }
    case "partial": {
      const called = first(asked).fn;
      if (called === undefined || asked.named.size > 0)
        return refuse("call", at, "partial takes a function and plain arguments");
      return val(FUNCTION, unusable, {
        fn: { kind: "partial", fn: called, args: args.slice(1).map((one) => once(low, one)) },
      });
    }
    case "cmp_to_key":
      return refuse("call", at, "cmp_to_key is not supported: write a key");
    default:
      return refuse("call", at, `functools.${fn} is not supported`);
  }
}
