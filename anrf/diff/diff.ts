import { create } from "@bufbuild/protobuf";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { moduleDigest } from "#anrf/program/digest.ts";
import { openProgram, type Program } from "#anrf/program/program.ts";
import { type Annotations, AnnotationsSchema, type Spec, SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";
import { type ClauseChange, clauseChanges, type ExampleChange, exampleChanges } from "./contract.ts";
import { matchFunctions, renamedTo } from "./functions.ts";
import { diffNodes, type Side } from "./nodes.ts";
import { namesOf, shapeOf, signatureText, termText } from "./text.ts";

/** A program with what goes with it. */
export interface Compared {
  readonly module: Module;
  readonly annotations?: Annotations | undefined;
  readonly spec?: Spec | undefined;
}

/** What happened to a part of a body, in canonical text. */
export interface TermChange {
  readonly kind: "changed" | "wrapped" | "unwrapped" | "moved" | "removed" | "added";
  readonly from?: string;
  readonly to?: string;
}

/** A name and its successor. */
export interface Renamed {
  readonly from: string;
  readonly to: string;
}

/** What happened to a function that both programs have. */
export interface FunctionChange {
  /** Its name in the newer program. */
  readonly name: string;
  readonly isEntry: boolean;
  readonly renamed?: Renamed;
  /** Where types of parameters or result changed. */
  readonly signature?: Renamed;
  readonly locals: readonly Renamed[];
  readonly clauses: readonly ClauseChange[];
  readonly terms: readonly TermChange[];
  readonly isDocChanged: boolean;
}

/** What changed between two programs. */
export interface ProgramDiff {
  /** Nothing at all differs: neither module nor intent, examples, docs or names. */
  readonly isSame: boolean;
  /** The digests are equal: both programs do the same by construction. */
  readonly isSameModule: boolean;
  /** Callers or their expectations may break: signature, a new demand, or a promise that is gone. */
  readonly isBreaking: boolean;
  readonly types: readonly { readonly name: string; readonly from?: string; readonly to?: string }[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Functions with a difference. */
  readonly functions: readonly FunctionChange[];
  /** How many functions have none. */
  readonly unchanged: number;
  readonly intent?: Renamed;
  readonly examples: readonly ExampleChange[];
}

/**
 * What changed by meaning. Functions are paired by being the entry, by name, then by the hash of their body; calls of a
 * function that only has another name are no change. Both modules have passed the rules of structure.
 */
export function diffPrograms(older: Compared, newer: Compared): ProgramDiff {
  const [a, b] = [openProgram(older.module), openProgram(newer.module)];
  const isSameModule = moduleDigest(moduleBytes(older.module)) === moduleDigest(moduleBytes(newer.module));
  const matched = matchFunctions(a, b);
  const aligned = openProgram(renamedTo(a, b, matched.pairs));
  const functions = matched.pairs.map(([x, y]) => functionChange(a, aligned, b, older, newer, x, y));
  const changed = functions.filter(isChanged);
  const types = typeChanges(a, b);
  const examples = exampleChanges(
    { program: a, fn: a.entry },
    { program: b, fn: b.entry },
    older.spec ?? create(SpecSchema),
    newer.spec ?? create(SpecSchema),
  );
  const [was, is] = [older.spec?.intentText ?? "", newer.spec?.intentText ?? ""];
  const isSame =
    isSameModule &&
    changed.length === 0 &&
    examples.length === 0 &&
    was === is &&
    matched.added.length === 0 &&
    matched.removed.length === 0;
  return {
    isSame,
    isSameModule,
    isBreaking: isBreaking(changed, types, a, b),
    types,
    added: matched.added.map((index) => signatureText(sideOf(b, index), newer.annotations)),
    removed: matched.removed.map((index) => signatureText(sideOf(a, index), older.annotations)),
    functions: changed,
    unchanged: functions.length - changed.length,
    ...(was === is ? {} : { intent: { from: was, to: is } }),
    examples,
  };
}

function sideOf(program: Program, index: number): Side {
  const fn = program.functions[index];
  if (fn === undefined) throw new Error(`function ${index} is out of range`);
  return { program, fn };
}

function functionChange(
  a: Program,
  aligned: Program,
  b: Program,
  older: Compared,
  newer: Compared,
  x: number,
  y: number,
): FunctionChange {
  const [from, to] = [sideOf(aligned, x), sideOf(b, y)];
  const [was, is] = [sideOf(a, x).fn.def.name, to.fn.def.name];
  const params = new Map(
    Array.from({ length: Math.min(from.fn.params.length, to.fn.params.length) }, (_, index) => [
      index,
      index,
    ]),
  );
  const body = diffNodes(from, to, from.fn.def.body, to.fn.def.body, params);
  const texts = {
    from: (id: number): string => termText(from, older.annotations, id),
    to: (id: number): string => termText(to, newer.annotations, id),
  };
  const locals = new Map([...params, ...body.locals]);
  const { resultLocal } = from.fn.def;
  if (resultLocal !== undefined && to.fn.def.resultLocal !== undefined)
    locals.set(resultLocal, to.fn.def.resultLocal);
  const clauses = clauseChanges(from, to, locals, texts);
  const isReshaped = shapeOf(from.fn) !== shapeOf(to.fn);
  return {
    name: is,
    isEntry: to.fn === b.entry,
    ...(was === is ? {} : { renamed: { from: was, to: is } }),
    ...(isReshaped
      ? {
          signature: {
            from: signatureText(sideOf(a, x), older.annotations),
            to: signatureText(to, newer.annotations),
          },
        }
      : {}),
    locals: renamedLocals(from, to, older, newer, locals),
    clauses,
    terms: body.changes.map((change) => ({
      kind: change.kind,
      ...("from" in change ? { from: texts.from(change.from) } : {}),
      ...("to" in change ? { to: texts.to(change.to) } : {}),
    })),
    isDocChanged: docOf(older, x) !== docOf(newer, y),
  };
}

function docOf({ annotations }: Compared, index: number): string {
  return (annotations ?? create(AnnotationsSchema)).functions[index]?.doc ?? "";
}

/** Locals that stand for each other and are called otherwise. */
function renamedLocals(
  from: Side,
  to: Side,
  older: Compared,
  newer: Compared,
  locals: ReadonlyMap<number, number>,
): readonly Renamed[] {
  const [a, b] = [namesOf(from, older.annotations), namesOf(to, newer.annotations)];
  const renames = [...locals].flatMap(([x, y]) => {
    const [was, is] = [a[x], b[y]].map((name) =>
      name === undefined || typeof name === "string" ? (name ?? "_") : `(${name.join(", ")})`,
    );
    const isNamed = !/^_\d*$/.test(was ?? "_") || !/^_\d*$/.test(is ?? "_");
    return was === is || !isNamed || x === from.fn.def.resultLocal ? [] : [{ from: was ?? "", to: is ?? "" }];
  });
  return renames.filter(
    (one, index) => renames.findIndex((other) => other.from === one.from && other.to === one.to) === index,
  );
}

function isChanged(one: FunctionChange): boolean {
  return (
    one.renamed !== undefined ||
    one.signature !== undefined ||
    one.locals.length > 0 ||
    one.clauses.length > 0 ||
    one.terms.length > 0 ||
    one.isDocChanged
  );
}

function typeChanges(
  { module: older, types: a }: Program,
  { module: newer, types: b }: Program,
): ProgramDiff["types"] {
  const texts = (module: Module, types: Program["types"]): ReadonlyMap<string, string> =>
    new Map([
      ...module.records.map(
        (one) =>
          [
            one.name,
            `record ${one.name} { ${one.fields.map((field) => `${field.name}: ${types[field.type]?.text}`).join(", ")} }`,
          ] as const,
      ),
      ...module.variants.map(
        (one) =>
          [
            one.name,
            `variant ${one.name} { ${one.cases.map(({ name, payload }) => (payload.length === 0 ? name : `${name}(${payload.map((part) => types[part]?.text).join(", ")})`)).join(", ")} }`,
          ] as const,
      ),
    ]);
  const [was, is] = [texts(older, a), texts(newer, b)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    const [from, to] = [was.get(name), is.get(name)];
    if (from === to) return [];
    return [{ name, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
  });
}

/** Only the entry has callers: its name, its shape, what it asks for and what it promises. */
function isBreaking(
  changed: readonly FunctionChange[],
  types: ProgramDiff["types"],
  a: Program,
  b: Program,
): boolean {
  if (a.entry.def.name !== b.entry.def.name) return true;
  const entry = changed.find((one) => one.isEntry);
  const isPromiseLost = (entry?.clauses ?? []).some((one) =>
    one.clause === "requires"
      ? one.kind !== "removed" && one.kind !== "relabelled"
      : one.clause === "ensures" && one.kind !== "added" && one.kind !== "relabelled",
  );
  const shape = shapeOf(a.entry);
  return (
    entry?.signature !== undefined ||
    isPromiseLost ||
    types.some((one) => one.from !== undefined && new RegExp(`\\b${one.name}\\b`, "u").test(shape))
  );
}
