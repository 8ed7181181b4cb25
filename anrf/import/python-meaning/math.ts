import type { KnownCall, Lowering } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, INTEGER, isReal, REAL } from "#anrf/import/lowering/types.ts";
import { b, call, floatExpr, intVal, lambda, Slot, type Val, val } from "#anrf/import/lowering/value.ts";
import { items } from "#anrf/import/python-collections/items.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import { asFloat, asNumber, first, LIBRARY, POWER, second, unwrapped } from "./base.ts";

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
  const real = (): Val => asFloat(unwrapped(first(asked)));
  const int = (one: Val): Val => asNumber(unwrapped(one));
  const isInt = (one: Val): boolean => ["int", "bool"].includes(low.need(unwrapped(one).ty, at).k);
  switch (fn) {
    case "sqrt":
      return val(REAL, () => low.prelude("checked_sqrt", [real().emit()]));
    case "floor":
    case "ceil":
    case "trunc":
      return isInt(first(asked)) ? int(first(asked)) : b(`float.${fn}`, INTEGER, real());
    case "fabs":
      return b("float.abs", REAL, real());
    case "exp":
      return val(REAL, () => low.prelude("checked_exp", [real().emit()]));
    case "log":
      if (args[1] !== undefined) {
        const base = asFloat(unwrapped(second(asked)));
        return val(REAL, () =>
          low.prelude("float_div", [
            low.prelude("checked_ln", [real().emit()]),
            low.prelude("checked_ln", [base.emit()]),
          ]),
        );
      }
      return val(REAL, () => low.prelude("checked_ln", [real().emit()]));
    case "pow":
      low.note(POWER);
      return val(REAL, () =>
        low.prelude("float_pow", [real().emit(), asFloat(unwrapped(second(asked))).emit()]),
      );
    case "gcd":
    case "lcm": {
      const all = args.map(int);
      const [head, ...tail] = all;
      if (head === undefined) return intVal(fn === "gcd" ? 0 : 1);
      const made = tail.reduce(
        (a, c) =>
          fn === "gcd"
            ? b("int.gcd", INTEGER, a, c)
            : val(INTEGER, () => low.prelude("least_multiple", [a.emit(), c.emit()])),
        tail.length === 0 ? b("int.abs", INTEGER, head) : head,
      );
      return { ...made, nonneg: true };
    }
    case "factorial":
      return { ...val(INTEGER, () => low.prelude("factorial", [int(first(asked)).emit()])), nonneg: true };
    case "comb":
    case "perm":
      if (fn === "perm" && args[1] === undefined)
        return val(INTEGER, () => low.prelude("factorial", [int(first(asked)).emit()]), { nonneg: true });
      return val(
        INTEGER,
        () =>
          low.prelude(fn === "comb" ? "choose" : "arrange", [
            int(first(asked)).emit(),
            int(second(asked)).emit(),
          ]),
        { nonneg: true },
      );
    case "isqrt":
      return { ...b("int.isqrt", INTEGER, int(first(asked))), nonneg: true };
    default:
      return undefined;
  }
}

function rareMath(low: Lowering, fn: string, asked: KnownCall): Val | undefined {
  const { at, args } = asked;
  const real = (): Val => asFloat(unwrapped(first(asked)));
  const other = (): Val => asFloat(unwrapped(second(asked)));
  switch (fn) {
    case "prod": {
      const source = items(low, first(asked), at);
      const ty = low.need(source.ty, at);
      if (ty.k === "list" && !isReal(low.need(ty.item, at))) return b("list.product_int", INTEGER, source);
      low.observe(source, at);
      const [state, item] = [new Slot("product", REAL), new Slot("item", REAL)];
      return val(REAL, () =>
        call("list.fold", [
          source.emit(),
          floatExpr(1),
          lambda([state, item], () => call("float.mul", [state.use(), item.use()])),
        ]),
      );
    }
    case "isnan":
      return b("float.is_nan", BOOLEAN, real());
    case "isinf":
      return val(BOOLEAN, () => low.prelude("is_infinite", [real().emit()]));
    case "isfinite":
      return b("float.is_finite", BOOLEAN, real());
    case "degrees":
      return val(REAL, () => call("float.mul", [real().emit(), floatExpr(180 / Math.PI)]));
    case "radians":
      return val(REAL, () => call("float.mul", [real().emit(), floatExpr(Math.PI / 180)]));
    case "fmod":
      return val(REAL, () => low.prelude("float_rem", [real().emit(), other().emit()]));
    case "sin":
    case "cos":
      low.note(LIBRARY);
      return val(REAL, () => call(`float.${fn}`, [low.prelude("angle", [real().emit()])]));
    case "tan":
      low.note(LIBRARY);
      return val(REAL, () => low.prelude("tangent", [real().emit()]));
    case "atan2":
      low.note(LIBRARY);
      return b("float.atan2", REAL, real(), other());
    case "log2":
    case "log10":
      low.note(LIBRARY);
      return val(REAL, () => low.prelude("log_of_base", [real().emit(), floatExpr(fn === "log2" ? 2 : 10)]));
    case "hypot": {
      if (args.length !== 2) return refuse("call", at, "math.hypot takes two numbers here");
      low.note(LIBRARY);
      return val(REAL, () => low.prelude("hypotenuse", [real().emit(), other().emit()]));
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
