import type { FunctionExpr } from "#anrf/build/expr.ts";
import type { Frame, FunctionValue } from "#anrf/import/lowering/frame.ts";
import { wrapped } from "#anrf/import/lowering/lets.ts";
import type { Instance, Lowering } from "#anrf/import/lowering/lower.ts";
import {
  holdsObjects,
  isMutable,
  languageType,
  NEVER,
  prune,
  type Ty,
  tyText,
} from "#anrf/import/lowering/types.ts";
import { Slot, type Val } from "#anrf/import/lowering/value.ts";
import { allReads, assignedIn, livenessOf } from "#anrf/import/source/live.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { FunctionSource, Place } from "#anrf/import/source/source.ts";
import { factsOf } from "#anrf/import/statements/exits.ts";

const MAX_INSTANCES = 60;

/** What a function is asked for. */
export interface Asking {
  readonly fn: FunctionSource;
  readonly home: Frame | undefined;
  readonly values: ReadonlyMap<string, Val>;
  readonly functions: ReadonlyMap<string, FunctionValue>;
  readonly captured: readonly string[];
  readonly at: Place;
}

/** The function at the types of its arguments, lowered where it is not known yet. */
export function instanceOf(low: Lowering, asking: Asking): Instance {
  const { fn, values, functions } = asking;
  const types = [...values].map(([name, value]) => `${name}: ${tyText(value.ty)}`);
  const given = [...functions].map(([name, one]) => `${name}=${functionText(one)}`);
  const key = `${fn.name}#${fn.id}(${[...types, ...given].join(", ")})`;
  const facts = paramFacts(low, key, values);
  const known = low.instances.get(key);
  if (known !== undefined) {
    for (const param of known.params) {
      const value = values.get(param.name);
      if (value !== undefined) low.join(param.ty, value.ty, asking.at);
    }
    return known;
  }
  if (low.instances.size > MAX_INSTANCES) refuse("size", asking.at, "a function is used at too many types");
  const instance: Instance = {
    key,
    name: low.functionName(fn.name),
    fn,
    params: [...values].map(([name, value]) => ({ name, ty: value.ty })),
    captured: asking.captured,
    functions,
    outs: low.memory.names(`outs:${key}`),
    result: low.memory.type(`ret:${key}`) ?? NEVER,
  };
  low.instances.set(key, instance);
  lowerInstance(low, instance, asking.home, facts, undefined);
  instance.result = low.memory.type(`ret:${key}`) ?? instance.result;
  return instance;
}

/** What holds of a parameter in all calls, as far as the passes have seen them. */
function paramFacts(
  low: Lowering,
  key: string,
  values: ReadonlyMap<string, Val>,
): ReadonlyMap<string, Partial<Val>> {
  const facts = new Map<string, Partial<Val>>();
  for (const [name, value] of values) {
    const none = new Set<string>();
    const now = { ...factsOf(value), sole: false, top: none, inner: none };
    const { nonneg, shared } = low.memory.facts(`arg:${key}:${name}`, now);
    facts.set(name, { nonneg, shared });
  }
  return facts;
}

function functionText(fn: FunctionValue): string {
  switch (fn.kind) {
    case "known":
      return fn.name;
    case "source":
      return `${fn.fn.name}#${fn.fn.id}`;
    case "lambda":
      return `lambda#${fn.body.id}`;
    case "method":
      return `.${fn.name}`;
    case "wrapped":
      return "wrapped";
    case "partial":
      return `partial(${functionText(fn.fn)})`;
    default:
      throw new Error(`unreachable: ${fn satisfies never}`);
  }
}

/** Lowers the body of an instance in a frame of its own. */
export function lowerInstance(
  low: Lowering,
  instance: Instance,
  home: Frame | undefined,
  values: ReadonlyMap<string, Partial<Val>>,
  declared: Ty | undefined,
): void {
  const { fn, key } = instance;
  const outer = low.frame;
  const slots = instance.params.map((param) => new Slot(param.name, param.ty));
  const frame: Frame = {
    key,
    fn,
    home,
    nested: new Map(),
    env: new Map(),
    around: [],
    lets: [],
    live: new Set(),
    declared,
    outs: instance.outs,
    depth: 0,
  };
  low.frame = frame;
  try {
    slots.forEach((slot) => {
      const isObject = isMutable(slot.ty);
      const like = values.get(slot.name) ?? {};
      const own: Partial<Val> = {
        ...(like.nonneg === true ? { nonneg: true } : {}),
        ...(like.shared === true ? { shared: true } : {}),
        ...(isObject
          ? {
              top: objectsOf(slot.ty, `p:${key}:${slot.name}`),
              inner: holdsObjects(slot.ty) ? new Set([`p:${key}:${slot.name}/in`]) : new Set(),
            }
          : {}),
      };
      const value = slot.val(own);
      frame.env.set(slot.name, { val: value });
      if (instance.outs.includes(slot.name) && !instance.captured.includes(slot.name)) {
        frame.env.set(`%obj:${slot.name}`, { val: value });
      }
    });
    for (const [name, one] of instance.functions) {
      frame.env.set(name, {
        val: { ty: { k: "fn" }, emit: noEmit, top: new Set(), inner: new Set(), fn: one },
      });
    }
    bindConstants(low, fn);
    const atEnd = new Set(instance.captured);
    const body = low.walk.body(low, fn, livenessOf(fn, atEnd));
    const block = wrapped({ lets: frame.lets, val: body });
    instance.made = (): FunctionExpr => ({
      name: instance.name,
      ...(fn.doc === "" ? {} : { doc: fn.doc }),
      params: slots.map((slot) => slot.local()),
      result: languageType(body.ty),
      body:
        prune(body.ty).k === "never" && block.as !== undefined
          ? block.as(languageType(body.ty))
          : block.emit(),
    });
  } finally {
    low.frame = outer;
  }
}

function noEmit(): never {
  throw new Error("a function is no value of the program");
}

function objectsOf(ty: Ty, id: string): ReadonlySet<string> {
  const { k } = prune(ty);
  return k === "list" || k === "dict" || k === "set" ? new Set([id]) : new Set();
}

/** The constants of the file that the function reads, bound at its start. */
function bindConstants(low: Lowering, fn: FunctionSource): void {
  const wanted = allReads(fn.body);
  const own = assignedIn(fn.body);
  const needed = new Set<(typeof low.module.constants)[number]>();
  for (const constant of low.module.constants.toReversed()) {
    const names = constant.targets.flatMap((one) => (one.kind === "name" ? [one.name] : []));
    if (!names.some((name) => wanted.has(name) && !own.has(name) && !low.frame.env.has(name))) continue;
    needed.add(constant);
    for (const name of allReads([{ ...constant, kind: "expr", value: constant.value }])) wanted.add(name);
  }
  for (const constant of low.module.constants) {
    if (!needed.has(constant)) continue;
    for (const target of constant.targets) {
      if (target.kind !== "name") continue;
      const value = low.walk.expression(low, constant.value);
      if (value.fn === undefined && value.simple !== true) {
        const slot = new Slot(target.name, value.ty);
        low.frame.lets.push({ slot, value });
        low.frame.env.set(target.name, {
          val: { ...slot.val(value), ...(value.literal === undefined ? {} : { literal: value.literal }) },
        });
      } else low.frame.env.set(target.name, { val: value });
    }
  }
}
