import { openProgram, type Program, type ProgramFunction } from "#anrf/program/program.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import { valueFromProto } from "#anrf/program/value-proto.ts";
import { layOut } from "#anrf/text/layout.ts";
import { localNames } from "#anrf/text/print-names.ts";
import { valueDoc } from "#anrf/text/print-value.ts";
import type { Shown } from "#anrf/view/shown.ts";
import type { Example, FunctionAnnotations, Value } from "#gen/anrf/v1/artifact_pb.ts";
import type { CodeFunction, Language } from "./code.ts";
import { type Block, Lowering } from "./lower.ts";
import { type CaseNaming, type ModuleNames, moduleNames, Scope } from "./names.ts";
import { hasHostPatterns } from "./regex-source.ts";

/** A program as functions of a language. */
export interface CodeModule {
  readonly program: Program;
  readonly names: ModuleNames;
  /** What the program is for, line by line; hostile text. */
  readonly intent: readonly string[];
  /** What readers must know of this program in this view. */
  readonly remarks: readonly string[];
  /** Callees first, the entry last. */
  readonly functions: readonly CodeFunction[];
}

const HOST_PATTERNS =
  "A pattern repeats groups or repetitions: the matcher of the host may take long on it, or fill such groups otherwise.";

/** Lowers every function of a checked program for a language. */
export function codeModule(
  { module, annotations, spec }: Shown,
  language: Language,
  cases: CaseNaming,
): CodeModule {
  const program = openProgram(module);
  const names = moduleNames(program, language, cases);
  const outer = new Set([...language.reserved, ...names.taken]);
  const examples = (spec?.examples ?? []).flatMap((one) => exampleLine(program, one));
  const functions = program.functions.map((fn) => {
    const isEntry = fn === program.entry;
    return functionOf(
      program,
      fn,
      names,
      language,
      outer,
      annotations?.functions[fn.index],
      isEntry ? examples : [],
    );
  });
  const intent = (spec?.intentText ?? "").split("\n").filter((line) => line.trim() !== "");
  const remarks = hasHostPatterns(program) ? [HOST_PATTERNS] : [];
  return {
    program,
    names,
    intent,
    remarks,
    functions: [...functions.slice(1).toReversed(), ...functions.slice(0, 1)],
  };
}

function functionOf(
  program: Program,
  fn: ProgramFunction,
  names: ModuleNames,
  language: Language,
  outer: Set<string>,
  notes: FunctionAnnotations | undefined,
  examples: readonly string[],
): CodeFunction {
  const { def } = fn;
  const written = localNames(
    fn,
    notes?.localNames ?? [],
    new Set(program.functions.map((one) => one.def.name)),
  );
  const scope = new Scope(outer);
  const lowering = new Lowering(program, fn, written, names, language, commentsOf(notes));
  const params = fn.params.map((_, index) => lowering.param(index, scope));
  const resultName = def.ensures.length > 0 ? scope.claim("result") : "";
  if (def.resultLocal !== undefined) lowering.call(def.resultLocal, resultName);
  const block = (): Block => ({ steps: [], scope, depth: 1 });
  const what = (label: string, word: string): string => (label === "" ? `${word} of ${def.name}` : label);
  const requires = block();
  for (const clause of def.requires)
    lowering.promise(clause.root, what(clause.label, "a requires"), requires);
  const measured = block();
  const measure =
    def.decreases === undefined
      ? undefined
      : { before: measured.steps, value: lowering.expr(def.decreases, measured, 0) };
  const body = block();
  lowering.into(
    def.body,
    body,
    def.ensures.length > 0 ? { kind: "set", name: resultName } : { kind: "return" },
  );
  const ensures = block();
  for (const clause of def.ensures) lowering.promise(clause.root, what(clause.label, "an ensures"), ensures);
  return {
    name: names.functions[fn.index] ?? "",
    params,
    result: fn.result,
    isEntry: fn === program.entry,
    isRecursive: isRecursive(program, fn.index),
    doc: [...(notes?.doc ?? "").split("\n").filter((line) => line !== ""), ...examples],
    requires: requires.steps,
    measure,
    body: body.steps,
    ensures: ensures.steps,
    resultName,
    lifted: lowering.lifted,
  };
}

/** True for a function that can be reached from itself. */
function isRecursive({ functions }: Program, start: number): boolean {
  const seen = new Set<number>();
  const pending = [start];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    for (const { kind } of functions[index]?.nodes ?? []) {
      if (kind.case !== "functionCall") continue;
      if (kind.value.function === start) return true;
      if (seen.has(kind.value.function)) continue;
      seen.add(kind.value.function);
      pending.push(kind.value.function);
    }
  }
  return false;
}

function commentsOf(notes: FunctionAnnotations | undefined): ReadonlyMap<number, string> {
  const comments = new Map<number, string>();
  notes?.nodeComment.forEach((number, node) => {
    const comment = notes.comments[number - 1];
    if (comment !== undefined) comments.set(node, comment);
  });
  return comments;
}

/** `Example: (1, 2) -> 3`, in the text of the language; nothing for values that have not the types of the entry. */
function exampleLine({ entry, nominals }: Program, { args, expected }: Example): string[] {
  const text = (message: Value, type: Type | undefined): string | undefined => {
    const reading = type === undefined ? undefined : valueFromProto(message, type, nominals);
    if (type === undefined || reading === undefined || reading.problem !== undefined) return undefined;
    return layOut(valueDoc(reading.value, type, nominals)).replace(/\s*\n\s*/g, " ");
  };
  const given = args.map((arg, index) => text(arg, entry.params[index]));
  const result =
    expected.case === "trap"
      ? `trap ${trapName(expected.value)}`
      : expected.case === "result"
        ? text(expected.value, entry.result)
        : undefined;
  if (result === undefined || given.includes(undefined) || given.length !== entry.params.length) return [];
  return [`Example: (${given.join(", ")}) -> ${result}`];
}
