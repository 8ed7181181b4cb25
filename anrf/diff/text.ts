import type { ProgramFunction } from "#anrf/program/program.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import { valueFromProto } from "#anrf/program/value-proto.ts";
import { layOut } from "#anrf/text/layout.ts";
import { nodePrinter } from "#anrf/text/print-expr.ts";
import { type LocalName, localNames } from "#anrf/text/print-names.ts";
import { valueDoc } from "#anrf/text/print-value.ts";
import { nameText } from "#anrf/text/words.ts";
import type { Annotations, Example, Value } from "#gen/anrf/v1/artifact_pb.ts";
import type { Side } from "./nodes.ts";

/** Names of a function's locals as its text writes them. */
export function namesOf({ program, fn }: Side, annotations: Annotations | undefined): readonly LocalName[] {
  const functions = new Set(program.functions.map((one) => one.def.name));
  return localNames(fn, annotations?.functions[fn.index]?.localNames ?? [], functions);
}

/** A sub-term as canonical text. */
export function termText({ program, fn }: Side, annotations: Annotations | undefined, id: number): string {
  return layOut(nodePrinter(program, fn, namesOf({ program, fn }, annotations), new Map()).node(id, false));
}

/** `fn name(x: int) -> int`, with the names of the parameters. */
export function signatureText(side: Side, annotations: Annotations | undefined): string {
  const names = namesOf(side, annotations);
  const params = side.fn.params.map((type, index) => `${String(names[index])}: ${type.text}`);
  return `fn ${nameText(side.fn.def.name)}(${params.join(", ")}) -> ${side.fn.result.text}`;
}

/** Parameter types and result type: what callers depend on. */
export function shapeOf({ params, result }: ProgramFunction): string {
  return `(${params.map((type) => type.text).join(", ")}) -> ${result.text}`;
}

/** An example in two parts: its arguments and what is expected; undefined for values that have not the types. */
export function exampleText(
  { program, fn }: Side,
  example: Example,
): { readonly args: string; readonly expected: string } | undefined {
  const text = (message: Value, type: Type | undefined): string | undefined => {
    const reading = type === undefined ? undefined : valueFromProto(message, type, program.nominals);
    if (type === undefined || reading === undefined || reading.problem !== undefined) return undefined;
    return layOut(valueDoc(reading.value, type, program.nominals)).replace(/\s*\n\s*/g, " ");
  };
  const args = example.args.map((arg, index) => text(arg, fn.params[index]));
  const { case: kind, value } = example.expected;
  const expected =
    kind === "trap" ? `trap ${trapName(value)}` : kind === "result" ? text(value, fn.result) : undefined;
  if (expected === undefined || args.includes(undefined)) return undefined;
  const within = [example.absTolerance, example.relTolerance].map((one) =>
    one === undefined ? "" : ` within ${one}`,
  );
  return {
    args: `(${args.join(", ")})`,
    expected: expected + (within[0] ?? "") + (within[1] ? `${within[1]} relative` : ""),
  };
}
