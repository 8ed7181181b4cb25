import type { Entry, Frame } from "#anrf/import/lowering/frame.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, FUNCTION, prune, TEXT, type Ty } from "#anrf/import/lowering/types.ts";
import { boolVal, call, textVal, type Val, val } from "#anrf/import/lowering/value.ts";
import { childrenOf } from "./live.ts";
import { refuse } from "./refusal.ts";
import type { Source, SourceOf } from "./source.ts";

/** Whether evaluating the expression changes nothing, so that it can be moved or done again. */
export function isPure(source: Source): boolean {
  return source.kind !== "call" && source.kind !== "walrus" && childrenOf(source).every(isPure);
}

/** The names that are still read, as a test for what has to be kept. */
export function isLive(low: Lowering): (name: string) => boolean {
  const { live } = low.frame;
  return (name) => live.has(name);
}

/** `not a`. */
export function negated(value: Val): Val {
  if (typeof value.literal === "boolean") return boolVal(!value.literal);
  return val(BOOLEAN, () => {
    const made = value.emit();
    return call("bool.not", [made]);
  });
}

/** The value behind a name; what may have none traps when it has none. */
export function entryValue(entry: Entry): Val {
  if (entry.maybe !== true) return entry.val;
  const ty = prune(entry.val.ty);
  const item: Ty = ty.k === "option" ? ty.item : ty;
  return { ...entry.val, ty: item, simple: true, emit: () => call("option.unwrap", [entry.val.emit()]) };
}

/** The function of that name: of this function, of those around it, or of the file. */
export function functionNamed(low: Lowering, frame: Frame | undefined, name: string): Val | undefined {
  for (let at = frame; at !== undefined; at = at.home) {
    const fn = at.nested.get(name);
    if (fn !== undefined) return val(FUNCTION, unusable, { fn: { kind: "source", fn, home: at } });
  }
  const fn = low.module.functions.findLast((one) => one.name === name);
  return fn === undefined
    ? undefined
    : val(FUNCTION, unusable, { fn: { kind: "source", fn, home: undefined } });
}

/** Functions are applied while a program is imported; as values they do not exist. */
export function unusable(): never {
  return refuse("expression", { line: 1, column: 1 }, "a function is used as a value");
}

/** Gives a name a value, as an assignment does. */
export function setName(low: Lowering, name: string, value: Val): void {
  low.observe(value, low.at);
  low.frame.env.set(name, { val: value });
}

/** The bounds of a slice; an absent one and None are the same. */
export function bounds(low: Lowering, source: SourceOf<"slice">): { from?: Val; to?: Val; step?: Val } {
  const read = (one: Source | undefined): Val | undefined => {
    if (one === undefined) return undefined;
    const value = low.walk.expression(low, one);
    return prune(value.ty).k === "none" ? undefined : value;
  };
  const [from, to, step] = [read(source.from), read(source.to), read(source.step)];
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(step === undefined ? {} : { step }),
  };
}

/** The full name of `math.pi` where `math` is an imported module, or undefined. */
export function moduleName(low: Lowering, source: Source): string | undefined {
  if (source.kind === "name") {
    return low.frame.env.has(source.name) ? undefined : low.module.imports.get(source.name);
  }
  if (source.kind !== "attr") return undefined;
  const target = moduleName(low, source.target);
  if (target !== undefined) return `${target}.${source.name}`;
  const isType =
    source.target.kind === "name" &&
    ["str", "int", "list", "dict", "float", "set"].includes(source.target.name);
  return isType && source.target.kind === "name" && !low.frame.env.has(source.target.name)
    ? `${source.target.name}.${source.name}`
    : undefined;
}

/** The texts one after another. */
export function concatenated(texts: readonly Val[]): Val {
  const [first, ...rest] = texts;
  if (first === undefined) return textVal("");
  return rest.reduce((a, c) => val(TEXT, () => call("string.concat", [a.emit(), c.emit()])), first);
}
