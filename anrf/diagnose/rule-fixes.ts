import { create } from "@bufbuild/protobuf";
import type { Positions } from "#anrf/program/positions.ts";
import { type Program, resolveTypes } from "#anrf/program/program.ts";
import { trapName } from "#anrf/program/trap.ts";
import { layOut } from "#anrf/text/layout.ts";
import type { ProgramPlaces } from "#anrf/text/parse.ts";
import { valueDoc } from "#anrf/text/print-value.ts";
import type { Place } from "#anrf/text/problems.ts";
import { nameText } from "#anrf/text/words.ts";
import type { Counterexample } from "#anrf/verify/result.ts";
import { type Diagnostic, type Fix, FixSafety, FixSchema } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";

/** Patches of the text for what the checker found: V12 gets the missing arms, V16 a measure. */
export function ruleFixes(
  diagnostic: Diagnostic,
  module: Module,
  places: ProgramPlaces,
  positions: Positions,
  text: string,
): Fix[] {
  const index = diagnostic.function;
  const fn = index === undefined ? undefined : places.functions[index];
  if (fn === undefined || index === undefined) return [];
  const match = diagnostic.node === undefined ? undefined : fn.nodes[diagnostic.node];
  if (diagnostic.code === "V12" && diagnostic.candidates.length > 0 && match !== undefined) {
    const close = text.lastIndexOf("}", match.end - 1);
    const arms = diagnostic.candidates.map(
      (one) => `${pattern(one, module, index, diagnostic.node)} => hole("${one}")`,
    );
    const before = text.slice(match.start, close).trimEnd();
    const comma = before.endsWith(",") || before.endsWith("{") ? "" : ",";
    const at = match.start + before.length;
    const title = "add the missing arms, each with a hole";
    return close < match.start
      ? []
      : [fixOf(title, { start: at, end: at }, `${comma} ${arms.join(", ")}`, positions)];
  }
  const measure = diagnostic.code === "V16" ? measureOf(module, index, places) : undefined;
  if (measure === undefined) return [];
  const at = { start: fn.head.end, end: fn.head.end };
  return [fixOf("say what decreases", at, `\n  decreases ${measure}`, positions)];
}

/** A patch that expects what came out; undefined values are left to people. */
export function wrongResultFix(
  got: Counterexample["got"] | undefined,
  { entry, nominals }: Program,
  place: Place,
  positions: Positions,
): Fix[] {
  if (got === undefined) return [];
  const text =
    "trap" in got ? `trap ${trapName(got.trap)}` : layOut(valueDoc(got.value, entry.result, nominals));
  return [fixOf("expect what came out", place, text, positions)];
}

/** A pattern for a case by its name: one `_` for each value that it carries. */
function pattern(name: string, module: Module, index: number, node: number | undefined): string {
  if (name === "some") return "some(_)";
  const nodes = module.functions[index]?.nodes ?? [];
  const match = node === undefined ? undefined : nodes[node]?.kind;
  const subject = match?.case === "matchOn" ? nodes[match.value.subject] : undefined;
  const type = subject === undefined ? undefined : module.types[subject.type]?.kind;
  const cases = type?.case === "variantRef" ? (module.variants[type.value]?.cases ?? []) : [];
  const count = cases.find((one) => one.name === name)?.payload.length ?? 0;
  return count === 0 ? name : `${name}(${Array.from({ length: count }, () => "_").join(", ")})`;
}

/** The first int among the parameters, else the length of the first list or string. */
function measureOf(module: Module, index: number, places: ProgramPlaces): string | undefined {
  const fn = module.functions[index];
  const names = places.functions[index]?.params ?? [];
  const types = resolveTypes(module);
  const params = fn?.locals.slice(0, fn.paramCount).map((local) => types[local.type]?.kind) ?? [];
  const at = (...kinds: string[]): string | undefined => {
    const found = params.findIndex((kind) => kind !== undefined && kinds.includes(kind));
    const name = names[found];
    return name === undefined || name === "_" ? undefined : nameText(name);
  };
  const int = at("int");
  if (int !== undefined) return int;
  const list = at("list", "string");
  return list === undefined ? undefined : `${list}.length()`;
}

function fixOf(title: string, place: Place, text: string, positions: Positions): Fix {
  const value = positions.range(place);
  return create(FixSchema, {
    title,
    edits: [{ target: { case: "range", value }, text }],
    safety: FixSafety.NEEDS_REVIEW,
  });
}
