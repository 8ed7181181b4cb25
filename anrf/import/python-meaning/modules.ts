import type { KnownCall, Lowering } from "#anrf/import/lowering/lower.ts";
import type { Val } from "#anrf/import/lowering/value.ts";
import {
  bisectCall,
  collectionCall,
  fromKeys,
  heapCall,
} from "#anrf/import/python-collections/collections.ts";
import { textMethod } from "#anrf/import/python-collections/strings.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import { first } from "./base.ts";
import { functoolsCall, operatorCall } from "./functools.ts";
import { itertoolsCall } from "./itertools.ts";
import { mathCall } from "./math.ts";
import { regexCall } from "./regex.ts";

/** A call of a function of a known module. */
export function moduleCall(low: Lowering, asked: KnownCall): Val {
  const { name, at } = asked;
  const [module = "", ...rest] = name.split(".");
  const fn = rest.join(".");
  switch (module) {
    case "math":
      return mathCall(low, fn, asked);
    case "operator":
      return operatorCall(low, fn, asked);
    case "collections":
      return collectionCall(low, fn, asked);
    case "itertools":
      return itertoolsCall(low, fn, asked);
    case "heapq":
      return heapCall(low, fn, asked);
    case "bisect":
      return bisectCall(low, fn, asked);
    case "functools":
      return functoolsCall(low, fn, asked);
    case "re":
      return regexCall(low, asked) ?? refuse("pattern", at, `${name} is not supported`);
    case "copy":
      return copied(low, asked);
    case "str": {
      const [target, ...args] = asked.args;
      if (target === undefined) break;
      return textMethod(low, { target, name: fn, args, named: asked.named, at, site: asked.site });
    }
    case "dict":
      if (fn === "fromkeys") return fromKeys(low, asked);
      break;
    case "list":
    case "set":
    case "int":
    case "float":
      break;
    default:
      if (rest.length > 0) return refuse("import", at, `${name} is in a module that is not known`);
  }
  return refuse("call", at, `${name} is not known`);
}

function copied(low: Lowering, asked: KnownCall): Val {
  const value = first(asked);
  const isDeep = asked.name === "copy.deepcopy";
  if (!isDeep && asked.name !== "copy.copy")
    return refuse("call", asked.at, `${asked.name} is not supported`);
  const top = value.top.size > 0 ? low.newObject(asked.site) : value.top;
  if (!isDeep) return { ...value, top };
  if (value.shared === true)
    return refuse("alias", asked.at, "a deep copy of a value that holds one object twice");
  return { ...value, top, inner: value.inner.size > 0 ? new Set([`o:${asked.site}in~`]) : value.inner };
}
