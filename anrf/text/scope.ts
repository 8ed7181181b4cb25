import type { Expr, Local } from "#anrf/build/expr.ts";
import { type Type, UNIT } from "#anrf/program/type.ts";
import { refuse, refuseQuietly } from "./problems.ts";
import type { Binder } from "./syntax.ts";
import { freshName, isChosenName } from "./words.ts";

/** The names that can be used at one place, innermost first; a scope is never changed. */
export interface Scope {
  readonly outer: Scope | undefined;
  /** As the text spells it. */
  readonly source: string;
  /** As the program spells it: unique among the names in scope. */
  readonly name: string;
  readonly local: Local;
  /** The part of the tuple that the name stands for. */
  readonly part?: number;
  /** Its value is refused already: whatever uses the name is refused quietly. */
  readonly isUnknown?: boolean;
}

/** A binder resolved: its local and the scope in which it can be used. */
export interface Bound {
  readonly local: Local;
  readonly scope: Scope | undefined;
}

/** Binds a name, or the names of a tuple's parts. Names that are taken get a suffix. */
export function bind(
  binder: Binder,
  type: Type,
  outer: Scope | undefined,
  functions: ReadonlyMap<string, unknown>,
): Bound {
  const { names } = binder;
  const isTaken = (name: string): boolean => functions.has(name) || isBound(outer, name);
  if (typeof names === "string") {
    const name = isChosenName(names) ? freshName(names, isTaken) : "";
    const local = { name, type };
    return { local, scope: { outer, source: names, name, local } };
  }
  if (type.kind !== "tuple" || type.items.length !== names.length) {
    refuse(
      "P13",
      binder,
      `a pattern of ${names.length} names cannot take apart a value of type ${type.text}`,
    );
  }
  const fresh: string[] = [];
  for (const name of names) {
    fresh.push(isChosenName(name) ? freshName(name, (one) => isTaken(one) || fresh.includes(one)) : "_");
  }
  const local = { name: `(${fresh.join(", ")})`, type };
  let scope = outer;
  names.forEach((source, part) => {
    const name = fresh[part] ?? "_";
    if (name !== "_") scope = { outer: scope, source, name, local, part };
  });
  return { local, scope };
}

/** Binds names whose value is refused: what stands beside their uses can still be judged. */
export function bindUnknown({ names }: Binder, outer: Scope | undefined): Scope | undefined {
  let scope = outer;
  for (const source of typeof names === "string" ? [names] : names)
    scope = { outer: scope, source, name: "", local: { name: "", type: UNIT }, isUnknown: true };
  return scope;
}

/** The expression that a name stands for, or undefined where it is not in scope; `_` never is. */
export function lookUp(scope: Scope | undefined, source: string): Expr | undefined {
  if (source === "_") return undefined;
  for (let at = scope; at !== undefined; at = at.outer) {
    if (at.source !== source) continue;
    if (at.isUnknown === true) refuseQuietly();
    const whole: Expr = { kind: "local", local: at.local, type: at.local.type };
    const part =
      at.local.type.kind === "tuple" && at.part !== undefined ? at.local.type.items[at.part] : undefined;
    return part === undefined || at.part === undefined
      ? whole
      : { kind: "field", target: whole, field: at.part, type: part };
  }
  return undefined;
}

/** The names in scope as the text spells them, innermost first. */
export function namesIn(scope: Scope | undefined): readonly string[] {
  const names: string[] = [];
  for (let at = scope; at !== undefined; at = at.outer) if (at.source !== "_") names.push(at.source);
  return names;
}

function isBound(scope: Scope | undefined, name: string): boolean {
  for (let at = scope; at !== undefined; at = at.outer) if (at.name === name) return true;
  return false;
}
