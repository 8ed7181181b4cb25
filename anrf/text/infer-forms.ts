import type { ArmExpr, Expr, Local, PatternExpr } from "#anrf/build/expr.ts";
import { functionOf, sameType, type Type } from "#anrf/program/type.ts";
import { attempt, type Context, commented, inferBool } from "./context.ts";
import { refuse, refuseQuietly } from "./problems.ts";
import { bind, bindUnknown, type Scope } from "./scope.ts";
import type { ArmSyntax, Binder, PatternSyntax, SyntaxOf } from "./syntax.ts";

/** `{ let …; value }`. */
export function inferBlock(
  context: Context,
  syntax: SyntaxOf<"block">,
  scope: Scope | undefined,
  expected?: Type,
): Expr {
  let inner = scope;
  let isBroken = false;
  const lets: { local: Local; value: Expr; comment: string | undefined }[] = [];
  for (const { binder, value: source, comment } of syntax.lets) {
    const made = attempt(context, () => {
      const value = context.infer(source, inner, binder.type);
      return { value, bound: bind(binder, value.type, inner, context.functions) };
    });
    inner = made === undefined ? bindUnknown(binder, inner) : made.bound.scope;
    if (made === undefined) isBroken = true;
    else lets.push({ local: made.bound.local, value: made.value, comment });
  }
  let result = context.infer(syntax.value, inner, expected);
  if (isBroken) refuseQuietly();
  for (const { local, value, comment } of lets.toReversed()) {
    result = commented({ kind: "let", local, value, body: result, type: result.type }, comment);
  }
  return result;
}

/** `if c { a } else { b }`. */
export function inferIf(
  context: Context,
  syntax: SyntaxOf<"if">,
  scope: Scope | undefined,
  expected?: Type,
): Expr {
  const condition = attempt(context, () => inferBool(context, syntax.condition, scope));
  const whenTrue = attempt(context, () => context.infer(syntax.whenTrue, scope, expected));
  const type = expected ?? whenTrue?.type;
  if (type === undefined) return refuseQuietly();
  const whenFalse = context.infer(syntax.whenFalse, scope, type);
  if (condition === undefined || whenTrue === undefined) return refuseQuietly();
  return { kind: "if", condition, whenTrue, whenFalse, type: whenTrue.type };
}

/**
 * `(a, b) => body` where a function of that type is expected; without one the parameters have types of their
 * own. Over one tuple the names may be those of its parts.
 */
export function inferLambda(
  context: Context,
  syntax: SyntaxOf<"lambda">,
  scope: Scope | undefined,
  expected: { readonly params: readonly Type[]; readonly result?: Type } | undefined,
): Expr {
  const types = expected?.params;
  const [only] = types ?? [];
  const isPattern =
    types?.length === 1 && only?.kind === "tuple" && syntax.params.length === only.items.length;
  const binders = isPattern ? [patternOf(syntax)] : syntax.params;
  if (types !== undefined && binders.length !== types.length) {
    refuse(
      "P13",
      syntax,
      `the function expected here takes ${types.length} arguments, not ${binders.length}`,
    );
  }
  let inner = scope;
  const params = binders.map((binder, index) => {
    const type = types?.[index] ?? binder.type;
    if (type === undefined) refuse("P15", binder, "the type of the parameter cannot be found here");
    if (binder.type !== undefined && !sameType(binder.type, type)) {
      refuse(
        "P12",
        binder,
        `expected a parameter of type ${type.text}, but it is declared as ${binder.type.text}`,
      );
    }
    const bound = bind(binder, type, inner, context.functions);
    inner = bound.scope;
    return bound.local;
  });
  const body = context.infer(syntax.body, inner, expected?.result);
  return {
    kind: "lambda",
    params,
    body,
    type: functionOf(
      params.map((one) => one.type),
      body.type,
    ),
  };
}

function patternOf(syntax: SyntaxOf<"lambda">): Binder {
  const names = syntax.params.map((param) => {
    if (typeof param.names !== "string") refuse("P13", param, "a pattern cannot stand inside a pattern");
    return param.names;
  });
  const chosen = names.filter((name) => name !== "_");
  if (new Set(chosen).size !== chosen.length) refuse("P21", syntax, "a pattern names two parts alike");
  return { names, start: syntax.start, end: syntax.end };
}

/** `match e { pattern => body, … }`. */
export function inferMatch(
  context: Context,
  syntax: SyntaxOf<"match">,
  scope: Scope | undefined,
  expected?: Type,
): Expr {
  const subject = context.infer(syntax.subject, scope);
  let type = expected;
  const arms: ArmExpr[] = [];
  for (const arm of syntax.arms) {
    const made = attempt(context, () => inferArm(context, arm, subject.type, scope, type));
    type ??= made?.body.type;
    if (made !== undefined) arms.push(made);
    else if (type === undefined) return refuseQuietly();
  }
  if (type === undefined || arms.length < syntax.arms.length) return refuseQuietly();
  return { kind: "match", subject, arms, type };
}

function inferArm(
  context: Context,
  arm: ArmSyntax,
  subject: Type,
  scope: Scope | undefined,
  expected?: Type,
): ArmExpr {
  const { pattern, types, binders } = inferPattern(context, arm, subject);
  if (binders.length !== types.length) {
    refuse("P13", arm.pattern, `the pattern takes ${types.length} names, not ${binders.length}`);
  }
  let inner = scope;
  const locals = binders.map((binder, index) => {
    const type = types[index];
    if (type === undefined) throw new Error(`binder ${index} has no type`);
    const bound = bind(binder, type, inner, context.functions);
    inner = bound.scope;
    return bound.local;
  });
  return { pattern, binders: locals, body: commented(context.infer(arm.body, inner, expected), arm.comment) };
}

const NATIVE: ReadonlyMap<string, string> = new Map([
  ["Just", "some"],
  ["Nothing", "none"],
  ["Null", "none"],
  ["Nil", "none"],
]);

interface Found {
  readonly pattern: PatternExpr;
  readonly types: readonly Type[];
  readonly binders: readonly Binder[];
}

/** `None`, `Some(x)`, `True` and `False` of other languages, where the subject has no such case. */
function nativePattern(context: Context, pattern: PatternSyntax, subject: Type): PatternSyntax {
  if (pattern.kind !== "case" || (subject.kind !== "option" && subject.kind !== "bool")) return pattern;
  const { name, binders, start, end } = pattern;
  const word = NATIVE.get(name) ?? name.toLowerCase();
  context.remark("P50", pattern, `"${name}" is read as "${word}"`, [
    { start, end: start + name.length, text: word },
  ]);
  if (word === "none") return { kind: "none", start, end };
  if (word === "some") return { kind: "some", binders, start, end };
  const value = name === "True" ? true : name === "False" ? false : undefined;
  if (value === undefined) return pattern;
  return { kind: "literal", value: { kind: "bool", value, start, end, depth: 1 }, start, end };
}

function inferPattern(context: Context, arm: ArmSyntax, subject: Type): Found {
  const pattern = nativePattern(context, arm.pattern, subject);
  switch (pattern.kind) {
    case "wildcard":
      return { pattern: { kind: "wildcard" }, types: [], binders: [] };
    case "none":
    case "some": {
      if (subject.kind !== "option")
        refuse("P22", pattern, `a value of type ${subject.text} is never ${pattern.kind}`);
      if (pattern.kind === "none") return { pattern: { kind: "none" }, types: [], binders: [] };
      return { pattern: { kind: "some" }, types: [subject.item], binders: pattern.binders };
    }
    case "case": {
      const cases = subject.kind === "variant" ? (context.nominals.variants.get(subject.name) ?? []) : [];
      const caseIndex = cases.findIndex((one) => one.name === pattern.name);
      const types = cases[caseIndex]?.payload;
      if (types === undefined) {
        refuse(
          "P22",
          pattern,
          `a value of type ${subject.text} is never ${pattern.name}`,
          cases.map((one) => one.name),
        );
      }
      return { pattern: { kind: "case", caseIndex }, types, binders: pattern.binders };
    }
    case "literal": {
      const { start, end } = pattern;
      const value = context.infer(pattern.value, undefined, subject);
      if (value.kind !== "literal") refuse("P20", { start, end }, "a pattern is a constant");
      return { pattern: { kind: "literal", value: value.value, type: subject }, types: [], binders: [] };
    }
    default:
      throw new Error(`unreachable: ${pattern satisfies never}`);
  }
}

/** `loop state = init while condition { step }`. */
export function inferLoop(context: Context, syntax: SyntaxOf<"loop">, scope: Scope | undefined): Expr {
  const init = context.infer(syntax.init, scope, syntax.binder.type);
  const { local: state, scope: inner } = bind(syntax.binder, init.type, scope, context.functions);
  const condition = inferBool(context, syntax.condition, inner);
  const invariants = syntax.invariants.map((one) => inferBool(context, one, inner));
  const measure = syntax.decreases === undefined ? {} : { decreases: context.infer(syntax.decreases, inner) };
  const step = context.infer(syntax.step, inner, init.type);
  return { kind: "loop", state, init, condition, step, invariants, ...measure, type: init.type };
}
