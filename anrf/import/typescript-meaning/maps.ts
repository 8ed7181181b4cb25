import { coerce } from "#anrf/import/lowering/coerce.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Changed, Lowering, MethodCall } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, isMutable, option, prune, type Ty, tuple } from "#anrf/import/lowering/types.ts";
import { noneVal, type Val, val } from "#anrf/import/lowering/value.ts";
import { entriesAs } from "#anrf/import/python-collections/items.ts";
import { hasKey, lookUp } from "#anrf/import/python-collections/keys.ts";
import { keep } from "#anrf/import/python-collections/lists.ts";
import { method as pythonMethod } from "#anrf/import/python-collections/methods.ts";
import { contains, setMethod } from "#anrf/import/python-collections/sets.ts";
import { refuse } from "#anrf/import/source/refusal.ts";

/** The methods of maps. */
export function mapMethod(low: Lowering, asked: MethodCall, ty: Ty & { k: "dict" }): Changed {
  const { target, name, args, at } = asked;
  const [first, second] = args;
  const need = (value: Val | undefined): Val => value ?? refuse("call", at, `${name} takes more arguments`);
  const python = (method: string, given: readonly Val[]): Changed =>
    pythonMethod(low, { ...asked, name: method, args: given });
  switch (name) {
    case "get": {
      if (prune(ty.value).k === "option") return python("get", [need(first)]);
      const key = coerce(low, need(first), keep(ty.key, low.join(ty.key, need(first).ty, at)), at);
      const facts = {
        top: isMutable(ty.value) ? target.inner : new Set<string>(),
        inner: target.inner,
        ...(target.shared === true ? { shared: true } : {}),
      };
      return { result: val(option(ty.value), () => lookUp(low, target, ty, key, at), facts) };
    }
    case "%set":
      return { result: noneVal, changed: low.meaning.setItem(low, target, need(first), need(second), at) };
    case "has":
      return { result: contains(low, need(first), target, at) };
    case "delete": {
      const [whole, key] = [once(low, target), once(low, need(first))];
      const result = val(BOOLEAN, () => hasKey(low, whole, ty, key, at));
      const { changed } = pythonMethod(low, { ...asked, target: whole, name: "pop", args: [key, noneVal] });
      return { result, ...(changed === undefined ? {} : { changed }) };
    }
    case "clear":
      return python("clear", []);
    case "keys":
      return python("keys", []);
    case "values":
    case "%each":
      return python("values", []);
    case "entries":
    case "%indexed":
      return { result: entriesAs(low, target, "entries", tuple([ty.key, ty.value]), at) };
    default:
      return refuse("call", at, `maps have no method ${name} here`);
  }
}

/** The methods of sets. */
export function scriptSetMethod(low: Lowering, asked: MethodCall): Changed {
  const { target, name, args, at } = asked;
  const [first] = args;
  if (first === undefined && name !== "clear" && name !== "values" && name !== "%each") {
    return refuse("call", at, `${name} is not supported`);
  }
  switch (name) {
    case "has":
      return { result: contains(low, first ?? noneVal, target, at) };
    case "%add":
      return setMethod(low, { ...asked, name: "add" });
    case "clear":
      return setMethod(low, asked);
    case "delete": {
      const [whole, item] = [once(low, target), once(low, first ?? noneVal)];
      const { changed } = setMethod(low, { ...asked, target: whole, name: "discard", args: [item] });
      return { result: contains(low, item, whole, at), ...(changed === undefined ? {} : { changed }) };
    }
    case "values":
    case "%each":
      return { result: low.meaning.items(low, target, at) };
    default:
      return refuse("call", at, `sets have no method ${name} here`);
  }
}
