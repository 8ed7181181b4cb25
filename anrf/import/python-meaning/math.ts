import type { KnownCall, Lowering } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, INTEGER, isReal, REAL, tyText } from "#anrf/import/lowering/types.ts";
import {
  b,
  call,
  floatExpr,
  floatVal,
  intVal,
  lambda,
  Slot,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { items } from "#anrf/import/python-collections/items.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import { first, intArgument, LIBRARY, POWER, preludeVal, realArgument, second, unwrapped } from "./base.ts";

/** Calls of the module math. */
export function mathCall(low: Lowering, fn: string, asked: KnownCall): Val {
  const { at } = asked;
  return (
    commonMath(low, fn, asked) ??
    rareMath(low, fn, asked) ??
    refuse("call", at, `math.${fn} is not supported`)
  );
}

function commonMath(low: Lowering, fn: string, asked: KnownCall): Val | undefined {
  const { at, args } = asked;
  const real = (): Val => realArgument(low, first(asked), at);
  const floatOf = (id: string, ...args: readonly Val[]): Val => preludeVal(low, id, REAL, ...args);
  const count = (id: string, ...args: readonly Val[]): Val => ({
    ...preludeVal(low, id, INTEGER, ...args),
    nonneg: true,
  });
  const int = (one: Val): Val => intArgument(low, one, at);
  const isInt = (one: Val): boolean => ["int", "bool"].includes(low.need(unwrapped(one).ty, at).k);
  switch (fn) {
    case "sqrt":
      return floatOf("checked_sqrt", real());
    case "floor":
    case "ceil":
    case "trunc":
      return isInt(first(asked)) ? int(first(asked)) : b(`float.${fn}`, INTEGER, real());
    case "fabs":
      return b("float.abs", REAL, real());
    case "exp":
      return floatOf("checked_exp", real());
    case "log":
      if (args[1] !== undefined) {
        return floatOf(
          "float_div",
          floatOf("checked_ln", real()),
          floatOf("checked_ln", realArgument(low, second(asked), at)),
        );
      }
      return floatOf("checked_ln", real());
    case "pow":
      low.note(POWER);
      return floatOf("float_pow", real(), realArgument(low, second(asked), at));
    case "gcd":
    case "lcm": {
      const all = args.map(int);
      const [head, ...tail] = all;
      if (head === undefined) return intVal(fn === "gcd" ? 0 : 1);
      const made = tail.reduce(
        (a, c) => (fn === "gcd" ? b("int.gcd", INTEGER, a, c) : count("least_multiple", a, c)),
        tail.length === 0 ? b("int.abs", INTEGER, head) : head,
      );
      return { ...made, nonneg: true };
    }
    case "factorial":
      return count("factorial", int(first(asked)));
    case "comb":
    case "perm":
      if (fn === "perm" && args[1] === undefined) return count("factorial", int(first(asked)));
      return count(fn === "comb" ? "choose" : "arrange", int(first(asked)), int(second(asked)));
    case "isqrt":
      return { ...b("int.isqrt", INTEGER, int(first(asked))), nonneg: true };
    default:
      return undefined;
  }
}

function rareMath(low: Lowering, fn: string, asked: KnownCall): Val | undefined {
  const { at, args } = asked;
  const real = (): Val => realArgument(low, first(asked), at);
  const floatOf = (id: string, ...args: readonly Val[]): Val => preludeVal(low, id, REAL, ...args);
  const other = (): Val => realArgument(low, second(asked), at);
  switch (fn) {
    case "prod": {
      const source = items(low, first(asked), at);
      const ty = low.need(source.ty, at);
      const item = ty.k === "list" ? low.need(ty.item, at) : ty;
      if (item.k === "int") return b("list.product_int", INTEGER, source);
      if (!isReal(item)) return refuse("types", at, `a product of ${tyText(item)}`);
      low.observe(source, at);
      const [state, one] = [new Slot("product", REAL), new Slot("item", REAL)];
      return val(REAL, () =>
        call("list.fold", [
          source.emit(),
          floatExpr(1),
          lambda([state, one], () => call("float.mul", [state.use(), one.use()])),
        ]),
      );
    }
    case "isnan":
      return b("float.is_nan", BOOLEAN, real());
    case "isinf":
      return preludeVal(low, "is_infinite", BOOLEAN, real());
    case "isfinite":
      return b("float.is_finite", BOOLEAN, real());
    case "degrees":
      return b("float.mul", REAL, real(), floatVal(180 / Math.PI));
    case "radians":
      return b("float.mul", REAL, real(), floatVal(Math.PI / 180));
    case "fmod":
      return floatOf("float_rem", real(), other());
    case "sin":
    case "cos":
      low.note(LIBRARY);
      return b(`float.${fn}`, REAL, floatOf("angle", real()));
    case "tan":
      low.note(LIBRARY);
      return floatOf("tangent", real());
    case "atan2":
      low.note(LIBRARY);
      return b("float.atan2", REAL, real(), other());
    case "log2":
    case "log10":
      low.note(LIBRARY);
      return floatOf("log_of_base", real(), floatVal(fn === "log2" ? 2 : 10));
    case "hypot": {
      if (args.length !== 2) return refuse("call", at, "math.hypot takes two numbers here");
      low.note(LIBRARY);
      return floatOf("hypotenuse", real(), other());
    }
    case "fsum":
    case "dist":
    case "isclose":
    case "copysign":
      return refuse("call", at, `math.${fn} is not supported`);
    default:
      return undefined;
  }
}
