import { coerce } from "#anrf/import/lowering/coerce.ts";
import type { FunctionValue } from "#anrf/import/lowering/frame.ts";
import { once, packedType, unpacked } from "#anrf/import/lowering/lets.ts";
import type { Instance, Lowering } from "#anrf/import/lowering/lower.ts";
import { languageType, prune } from "#anrf/import/lowering/types.ts";
import { isSpread, noneVal, Slot, union, type Val, val } from "#anrf/import/lowering/value.ts";
import { freeNames, readsOf } from "#anrf/import/source/live.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Param, Place, Source } from "#anrf/import/source/source.ts";
import { instanceOf } from "./instance.ts";
import { evalPlace, storeObject } from "./place.ts";

/** Where a function is applied. */
export interface Applying {
  readonly at: Place;
  readonly site: string;
  /** The arguments as they are written, where they are; a function may change what they name. */
  readonly sources?: readonly Source[];
}

const MAX_DEPTH = 40;

/** The value of a function at those arguments. */
export function applyFunction(
  low: Lowering,
  fn: FunctionValue,
  args: readonly Val[],
  named: ReadonlyMap<string, Val>,
  where: Applying,
): Val {
  switch (fn.kind) {
    case "known":
      return low.meaning.call(low, {
        name: fn.name,
        args,
        named,
        at: where.at,
        site: where.site,
        store: (index, value) => storeArgument(low, where, index, value),
      });
    case "wrapped": {
      const [first] = args;
      if (first === undefined) return refuse("call", where.at, "a function gets no argument");
      return fn.apply(first, where);
    }
    case "partial":
      return applyFunction(low, fn.fn, [...fn.args, ...args], named, { at: where.at, site: where.site });
    case "method": {
      const made = low.meaning.method(low, {
        target: fn.target,
        name: fn.name,
        args,
        named,
        at: where.at,
        site: where.site,
      });
      if (made.changed !== undefined)
        refuse("effect", where.at, `the method ${fn.name} changes its object here`);
      return made.result;
    }
    case "lambda":
      return applyLambda(low, fn, args, named, where);
    case "source":
      return callSource(low, fn, args, named, where);
    default:
      throw new Error(`unreachable: ${fn satisfies never}`);
  }
}

function storeArgument(low: Lowering, where: Applying, index: number, value: Val): void {
  const source = where.sources?.[index];
  if (source === undefined) refuse("effect", where.at, "an argument is changed where it has no name");
  storeObject(low, evalPlace(low, source), value, where.at);
}

/** A lambda is put in where it is applied, its parameters bound to the arguments. */
function applyLambda(
  low: Lowering,
  fn: FunctionValue & { kind: "lambda" },
  args: readonly Val[],
  named: ReadonlyMap<string, Val>,
  where: Applying,
): Val {
  const { frame } = low;
  const bound = bindParams(low, fn.params, args, named, where, "the lambda");
  if (fn.home !== frame) {
    const free = new Set<string>();
    readsOf(fn.body, free);
    for (const name of free) {
      if (!bound.has(name) && fn.home.env.has(name)) {
        refuse("expression", where.at, `a lambda that uses ${name} is passed to another function`);
      }
    }
  }
  if (frame.depth > MAX_DEPTH) refuse("size", where.at, "lambdas nest too deeply");
  const outer = frame.env;
  frame.env = new Map(outer);
  frame.depth++;
  for (const [name, value] of bound) {
    frame.env.set(name, { val: value.fn === undefined ? once(low, value, name) : value });
  }
  try {
    return low.walk.expression(low, fn.body);
  } finally {
    for (const name of bound.keys()) {
      const before = outer.get(name);
      if (before === undefined) frame.env.delete(name);
      else frame.env.set(name, before);
    }
    frame.depth--;
  }
}

/** Which argument each parameter gets; defaults are evaluated here. */
export function bindParams(
  low: Lowering,
  params: readonly Param[],
  args: readonly Val[],
  named: ReadonlyMap<string, Val>,
  where: Applying,
  called: string,
): Map<string, Val> {
  if (args.some(isSpread)) {
    refuse("call", where.at, "star arguments are not supported here");
  }
  if (args.length > params.length) {
    refuse("call", where.at, `${called} takes ${params.length} arguments, not ${args.length}`);
  }
  const bound = new Map<string, Val>();
  params.forEach((param, index) => {
    const given = args[index] ?? named.get(param.name);
    if (given !== undefined) bound.set(param.name, given);
    else if (param.fallback !== undefined) bound.set(param.name, low.walk.expression(low, param.fallback));
    else refuse("call", where.at, `${called} gets no argument for ${param.name}`);
  });
  for (const name of named.keys()) {
    if (!params.some((param) => param.name === name))
      refuse("call", where.at, `${called} has no parameter ${name}`);
  }
  return bound;
}

function callSource(
  low: Lowering,
  value: FunctionValue & { kind: "source" },
  args: readonly Val[],
  named: ReadonlyMap<string, Val>,
  where: Applying,
): Val {
  const { fn, home } = value;
  const bound = bindParams(low, fn.params, args, named, where, fn.name);
  const captured = capturedBy(low, value);
  const values = new Map<string, Val>();
  const functions = new Map<string, FunctionValue>();
  for (const [name, one] of bound) {
    if (one.fn === undefined) {
      low.observe(one, where.at);
      values.set(name, once(low, one));
    } else functions.set(name, one.fn);
  }
  for (const name of captured) {
    const entry = low.frame.env.get(name);
    if (entry === undefined) refuse("name", where.at, `${fn.name} uses ${name}, which has no value here`);
    if (entry.val.fn !== undefined) functions.set(name, entry.val.fn);
    else if (entry.maybe === true)
      refuse("name", where.at, `${fn.name} uses ${name}, which may have no value here`);
    else values.set(name, entry.val);
  }
  for (const name of captured) {
    const entry = low.frame.env.get(name);
    if (entry?.val.sole !== true) continue;
    const { sole: _, ...held } = entry.val;
    low.frame.env.set(name, { ...entry, val: held });
  }
  const instance = instanceOf(low, { fn, home, values, functions, captured, at: where.at });
  return finishCall(low, instance, values, where);
}

/** Outer names that a nested function needs, with those of the nested functions that it calls. */
function capturedBy(low: Lowering, { fn, home }: FunctionValue & { kind: "source" }): string[] {
  if (home === undefined) return [];
  const found = new Set<string>();
  const seen = new Set<string>();
  const pending = [fn];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next.name)) continue;
    seen.add(next.name);
    for (const name of freeNames(next)) {
      const inner = nestedIn(home, name);
      if (inner !== undefined) pending.push(inner);
      else if (low.frame.env.has(name) && !low.module.constants.some((one) => isNamed(one.targets, name)))
        found.add(name);
      else if (low.frame.env.has(name) && home.env.has(name)) found.add(name);
    }
  }
  return [...found];
}

function nestedIn(home: import("#anrf/import/lowering/frame.ts").Frame | undefined, name: string) {
  for (let at = home; at !== undefined; at = at.home) {
    const fn = at.nested.get(name);
    if (fn !== undefined) return fn;
  }
  return undefined;
}

const isNamed = (targets: readonly Source[], name: string): boolean =>
  targets.some((one) => one.kind === "name" && one.name === name);

/** The call itself: its result, and what the function has made of the objects that it changes. */
function finishCall(
  low: Lowering,
  instance: Instance,
  values: ReadonlyMap<string, Val>,
  where: Applying,
): Val {
  const given = instance.params.map((param) => {
    const value = values.get(param.name);
    if (value === undefined) throw new Error(`${instance.name} gets no ${param.name}`);
    return coerce(low, value, param.ty, where.at);
  });
  const ids = ownIds(low, instance, values, where.site);
  const facts = low.memory.facts(`ret:${instance.key}`, EMPTY);
  const isNone = prune(instance.result).k === "none";
  const outTypes = instance.outs.map((name) => outType(low, instance, name));
  const isBare = isNone && outTypes.length > 0;
  const types = isBare ? outTypes : [instance.result, ...outTypes];
  const result = packedType(types);
  const made = val(result, () => ({
    kind: "call",
    function: instance.name,
    args: given.map((one) => one.emit()),
    type: languageType(result),
  }));
  const retFacts = {
    top: ids(facts.top),
    inner: ids(facts.inner),
    ...(facts.shared ? { shared: true } : {}),
  };
  if (prune(instance.result).k === "never" && outTypes.length === 0) {
    if (low.blocked === undefined && instance.made !== undefined)
      return { ...made, as: (type) => ({ ...made.emit(), type }) };
    throw low.notYet(where.at);
  }
  if (outTypes.length === 0) return { ...made, ...retFacts };
  const names = [...(isBare ? [] : ["_"]), ...instance.outs];
  const slot = new Slot(names.length === 1 ? (names[0] ?? "") : `(${names.join(", ")})`, result);
  low.frame.lets.push({ slot, value: made });
  const outs = unpacked(slot, types).slice(isBare ? 0 : 1);
  instance.outs.forEach((name, index) => {
    const out = outs[index];
    if (out !== undefined) takeBack(low, instance, name, out, values, where, ids);
  });
  return isBare ? noneVal : { ...(unpacked(slot, types)[0] ?? noneVal), ...retFacts };
}

const EMPTY = {
  nonneg: false,
  small: false,
  shared: false,
  sole: false,
  maybe: false,
  top: new Set<string>(),
  inner: new Set<string>(),
};

function outType(low: Lowering, instance: Instance, name: string) {
  return (
    low.memory.type(`out:${instance.key}:${name}`) ??
    instance.params.find((one) => one.name === name)?.ty ?? { k: "none" as const }
  );
}

/** An object that the function has changed gets its new value in the caller too. */
function takeBack(
  low: Lowering,
  instance: Instance,
  name: string,
  out: Val,
  values: ReadonlyMap<string, Val>,
  where: Applying,
  ids: (set: ReadonlySet<string>) => ReadonlySet<string>,
): void {
  const before = values.get(name);
  const facts = low.memory.facts(`out:${instance.key}:${name}`, EMPTY);
  const after: Val = {
    ...out,
    top: before?.top ?? new Set(),
    inner: union(before?.inner ?? new Set<string>(), ids(facts.inner)),
    ...(facts.shared || before?.shared === true ? { shared: true } : {}),
  };
  if (instance.captured.includes(name)) {
    const isObject = before !== undefined && before.top.size > 0;
    if (isObject) storeObject(low, { kind: "name", name }, after, where.at);
    else {
      low.memory.addName(`outs:${low.frame.key}`, name);
      low.frame.env.set(name, { val: after });
    }
    return;
  }
  const index = instance.fn.params.findIndex((param) => param.name === name);
  const source = where.sources?.[index];
  if (source !== undefined) storeObject(low, evalPlace(low, source), after, where.at);
  else if (instance.fn.params[index]?.fallback !== undefined && where.sources !== undefined) {
    refuse("alias", where.at, `${instance.name} changes the default value of its parameter ${name}`);
  }
}

/** Objects of the called function as the caller names them: its arguments', or new ones. */
function ownIds(
  low: Lowering,
  instance: Instance,
  values: ReadonlyMap<string, Val>,
  site: string,
): (set: ReadonlySet<string>) => ReadonlySet<string> {
  const prefix = `p:${instance.key}:`;
  let fresh: ReadonlySet<string> | undefined;
  return (set) => {
    const parts: ReadonlySet<string>[] = [];
    for (const id of set) {
      if (id.startsWith(prefix)) {
        const name = id.slice(prefix.length);
        const value = values.get(name.replace(/\/in$/, ""));
        if (value !== undefined) parts.push(name.endsWith("/in") ? value.inner : value.top);
      } else {
        fresh ??= low.newObject(site);
        parts.push(fresh);
      }
    }
    return union(...parts);
  };
}
