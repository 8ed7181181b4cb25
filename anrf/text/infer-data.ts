import type { Expr } from "#anrf/build/expr.ts";
import { recordOf, type Type, variantOf } from "#anrf/program/type.ts";
import { attempt, type Context } from "./context.ts";
import { nearest } from "./nearest.ts";
import { type Place, refuse, refuseName, refuseQuietly } from "./problems.ts";
import type { Scope } from "./scope.ts";
import type { FieldSyntax, Syntax, SyntaxOf } from "./syntax.ts";

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
  const fields = namedFields(context, syntax, declared);
  for (const field of fields) {
    if (!declared.some((one) => one.name === field.name)) {
      const names = declared.map((one) => one.name);
      refuseName(field, `${syntax.name} has no field "${field.name}"`, nearest(field.name, names), names);
    }
    if (given.has(field.name)) refuse("P21", field, `the field "${field.name}" is given twice`);
    given.set(field.name, field.value);
  }
  const inOrder = fields.every((field, index) => field.name === declared[index]?.name);
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

/** Values without names belong to the fields in declared order. */
function namedFields(
  context: Context,
  syntax: SyntaxOf<"record">,
  declared: readonly { readonly name: string }[],
): readonly FieldSyntax[] {
  const isByPlace = syntax.fields.length > 0 && syntax.fields.every((field) => field.name === "");
  if (!isByPlace) return syntax.fields;
  if (syntax.fields.length !== declared.length)
    refuse("P13", syntax, `${syntax.name} has ${declared.length} fields, not ${syntax.fields.length}`);
  const named = syntax.fields.map((field, index) => ({ ...field, name: declared[index]?.name ?? "" }));
  const edits = named.map(({ start, name }) => ({ start, end: start, text: `${name}=` }));
  context.remark("P50", syntax, "the fields of a record are written with their names", edits);
  return named;
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
    const names = cases.map((one) => one.name);
    return refuse("P10", syntax, `${syntax.type} has no case "${syntax.name}"`, names);
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
  const made = args.flatMap(
    (arg, index) => attempt(context, () => context.infer(arg, scope, types[index])) ?? [],
  );
  return made.length < args.length ? refuseQuietly() : made;
}
