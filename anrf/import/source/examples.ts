import { BOOL, FLOAT, INT, listOf, mapOf, optionOf, STRING, type Type } from "#anrf/program/type.ts";

/** Types that hold the values of all examples, as JSON writes them; undefined where there are none. */
export function typeFromExamples(
  examples: readonly { readonly args: readonly unknown[]; readonly result: unknown }[],
): { params: { type: Type }[]; returns: Type } | undefined {
  const [first] = examples;
  if (first === undefined) return undefined;
  const params = first.args.map((_, index) => ({ type: typeOfAll(examples.map((one) => one.args[index])) }));
  const returns = typeOfAll(examples.map((one) => one.result));
  const isKnown = params.every((one) => one.type !== undefined) && returns !== undefined;
  return isKnown ? { params: params as { type: Type }[], returns } : undefined;
}

function typeOfAll(values: readonly unknown[]): Type | undefined {
  const known = values.filter((one) => one !== null && one !== undefined);
  const hasNone = known.length < values.length;
  const type = plainType(known);
  return type !== undefined && hasNone ? optionOf(type) : type;
}

function plainType(values: readonly unknown[]): Type | undefined {
  if (values.length === 0) return undefined;
  if (values.every((one) => typeof one === "boolean")) return BOOL;
  if (values.every((one) => typeof one === "string")) return STRING;
  if (values.every((one) => typeof one === "number" || typeof one === "bigint")) {
    return values.every((one) => typeof one === "bigint" || Number.isInteger(one)) ? INT : FLOAT;
  }
  if (values.every((one) => Array.isArray(one))) {
    const item = typeOfAll(values.flat(1));
    return item === undefined && values.every((one) => one.length === 0) ? listOf(INT) : item && listOf(item);
  }
  if (values.every((one) => typeof one === "object")) {
    const item = typeOfAll(values.flatMap((one) => Object.values(one as object)));
    return item && mapOf(STRING, item);
  }
  return undefined;
}
