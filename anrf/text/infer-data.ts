import type { Expr } from "#anrf/build/expr.ts";
import { recordOf, type Type, variantOf } from "#anrf/program/type.ts";
import type { Context } from "./context.ts";
import { nearest } from "./nearest.ts";
import { type Place, refuse } from "./problems.ts";
import type { Scope } from "./scope.ts";
import type { Syntax, SyntaxOf } from "./syntax.ts";

/** `Name(field = value, …)`; fields may stand in any order, an absent option is none. */
export function inferRecord(context: Context, syntax: SyntaxOf<"record">, scope: Scope | undefined): Expr {
  const declared = context.nominals.records.get(syntax.name);
  if (declared === undefined) {
    return refuse(
      "P09",
      syntax,
      `unknown record "${syntax.name}"`,
      nearest(syntax.name, context.nominals.records.keys()),
    );
  }
  const given = new Map<string, Syntax>();
  for (const field of syntax.fields) {
    if (!declared.some((one) => one.name === field.name)) {
      refuse(
        "P10",
        field,
        `${syntax.name} has no field "${field.name}"`,
        declared.map((one) => one.name),
      );
    }
    if (given.has(field.name)) refuse("P21", field, `the field "${field.name}" is given twice`);
    given.set(field.name, field.value);
  }
  const inOrder = syntax.fields.every((field, index) => field.name === declared[index]?.name);
  if (!inOrder) context.remark("P50", syntax, "the fields of a record are written in declared order");
  const items = declared.map(({ name, type }): Expr => {
    const value = given.get(name);
    if (value !== undefined) return context.infer(value, scope, type);
    if (type.kind !== "option") refuse("P13", syntax, `the field "${name}" of ${syntax.name} is missing`);
    context.remark("P50", syntax, `the missing field "${name}" is read as none`);
    return { kind: "option", type };
  });
  return { kind: "record", items, type: recordOf(syntax.name) };
}

/** `Name.Case(args)`. */
export function inferCase(context: Context, syntax: SyntaxOf<"case">, scope: Scope | undefined): Expr {
  const cases = context.nominals.variants.get(syntax.type);
  if (cases === undefined) {
    return refuse(
      "P09",
      syntax,
      `unknown variant "${syntax.type}"`,
      nearest(syntax.type, context.nominals.variants.keys()),
    );
  }
  const caseIndex = cases.findIndex((one) => one.name === syntax.name);
  const payload = cases[caseIndex]?.payload;
  if (payload === undefined) {
    return refuse(
      "P10",
      syntax,
      `${syntax.type} has no case "${syntax.name}"`,
      cases.map((one) => one.name),
    );
  }
  const args = inferArgs(context, syntax.args, payload, scope, syntax, `${syntax.type}.${syntax.name}`);
  return { kind: "variant", caseIndex, args, type: variantOf(syntax.type) };
}

/** `x.0`. */
export function inferPart(context: Context, syntax: SyntaxOf<"part">, scope: Scope | undefined): Expr {
  const target = context.infer(syntax.target, scope);
  const type = target.type.kind === "tuple" ? target.type.items[syntax.index] : undefined;
  if (type === undefined)
    refuse("P11", syntax, `a value of type ${target.type.text} has no part ${syntax.index}`);
  return { kind: "field", target, field: syntax.index, type };
}

/** Arguments against declared types; refuses a wrong number of them. */
export function inferArgs(
  context: Context,
  args: readonly Syntax[],
  types: readonly Type[],
  scope: Scope | undefined,
  at: Place,
  called: string,
): Expr[] {
  if (args.length !== types.length)
    refuse("P13", at, `${called} takes ${types.length} arguments, not ${args.length}`);
  return args.map((arg, index) => context.infer(arg, scope, types[index]));
}
