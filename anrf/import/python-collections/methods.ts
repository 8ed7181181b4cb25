import { once } from "#anrf/import/lowering/lets.ts";
import type { Changed, Lowering, MethodCall } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, tyText } from "#anrf/import/lowering/types.ts";
import { call, val } from "#anrf/import/lowering/value.ts";
import { asTupleList, unwrapped } from "#anrf/import/python-meaning/base.ts";
import { matchMethod } from "#anrf/import/python-meaning/regex.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import { dictMethod } from "./dict-methods.ts";
import { listMethod, tupleAsList } from "./list-methods.ts";
import { setMethod } from "./sets.ts";
import { textMethod } from "./strings.ts";

/** How many arguments a method takes at most; pop and update differ by the type of their target. */
const AT_MOST: Readonly<Record<string, number>> = {
  ...atMost(
    0,
    "clear copy elements isalnum isalpha isascii isdecimal isdigit islower isnumeric isspace istitle isupper",
  ),
  ...atMost(
    0,
    "capitalize casefold is_integer items keys lower popleft reverse sort swapcase title upper values",
  ),
  ...atMost(
    1,
    "add append appendleft discard extend extendleft issubset issuperset isdisjoint join lstrip most_common",
  ),
  ...atMost(
    1,
    "partition popitem remove removeprefix removesuffix rotate rpartition rstrip splitlines strip zfill",
  ),
  ...atMost(2, "center get insert ljust rjust rsplit setdefault split"),
  ...atMost(3, "count endswith find index replace rfind rindex startswith"),
};

function atMost(count: number, names: string): Record<string, number> {
  return Object.fromEntries(names.split(" ").map((name) => [name, count]));
}

/** A method of Python, by the type of its target. */
export function method(low: Lowering, asked: MethodCall): Changed {
  const target = unwrapped(asked.target);
  const ty = low.need(target.ty, asked.at);
  const most = AT_MOST[asked.name];
  if (most !== undefined && asked.args.length > most)
    return refuse("call", asked.at, `${asked.name} takes at most ${most} arguments`);
  const given = { ...asked, target };
  switch (ty.k) {
    case "str":
      return { result: textMethod(low, given) };
    case "list":
      return listMethod(low, given, ty);
    case "tuple":
      return listMethod(
        low,
        { ...given, target: asTupleList(low, target, asked.at) },
        tupleAsList(low, ty, asked.at),
      );
    case "dict":
      return dictMethod(low, given, ty);
    case "set":
      return setMethod(low, given);
    case "match":
      return { result: matchMethod(given) };
    case "float":
    case "number":
      if (asked.name === "is_integer") {
        const whole = once(low, target);
        return {
          result: val(BOOLEAN, () => call("eq", [low.prelude("float_floor", [whole.emit()]), whole.emit()])),
        };
      }
      return refuse("call", asked.at, `floats have no method ${asked.name} here`);
    default:
      return refuse("call", asked.at, `${tyText(ty)} has no method ${asked.name} here`);
  }
}
