import { openProgram, type Program, type ProgramFunction } from "#anrf/program/program.ts";
import { floatText, quoted } from "#anrf/program/show.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import { valueFromProto } from "#anrf/program/value-proto.ts";
import type { Annotations, Example, FunctionAnnotations, Spec, Value } from "#gen/anrf/v1/artifact_pb.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";
import { bracketed, type Doc, HARD, join, layOut, nest } from "./layout.ts";
import { nodePrinter } from "./print-expr.ts";
import { blockDoc, commentDocs } from "./print-forms.ts";
import { localNames } from "./print-names.ts";
import { valueDoc } from "./print-value.ts";
import type { Printing } from "./printing.ts";
import { nameText } from "./words.ts";

/** What a text shows; the module has passed the rules of structure (V01 to V14). */
export interface Printable {
  readonly module: Module;
  readonly annotations?: Annotations | undefined;
  readonly spec?: Spec | undefined;
}

/**
 * The canonical text (anrf.md §5): `parse` gives the same module, byte for byte, the same names, docs, comments, intent
 * and examples. An example whose values do not have the entry's types is left out.
 */
export function print({ module, annotations, spec }: Printable): string {
  const program = openProgram(module);
  const names = new Set(module.functions.map((fn) => fn.name));
  const parts: Doc[] = [["anrf 1", ...(spec?.intentText ? [HARD, `intent ${quoted(spec.intentText)}`] : [])]];
  parts.push(...typeDocs(program));
  const announced = new Set<number>();
  const written = new Set<number>();
  for (const index of calleesFirst(program)) {
    const fn = program.functions[index];
    if (fn === undefined) throw new Error(`function ${index} is out of range`);
    const notes = annotations?.functions[index];
    const printing = nodePrinter(
      program,
      fn,
      localNames(fn, notes?.localNames ?? [], names),
      commentsOf(notes),
    );
    for (const callee of calleesOf(fn)) {
      if (callee === index || written.has(callee) || announced.has(callee)) continue;
      announced.add(callee);
      parts.push([...headerOf(program, callee, annotations, names), ";"]);
    }
    written.add(index);
    parts.push(functionDoc(printing, notes, index === module.entry ? (spec?.examples ?? []) : []));
  }
  return `${layOut(join(parts, [HARD, HARD]))}\n`;
}

function headerOf(
  program: Program,
  index: number,
  annotations: Annotations | undefined,
  names: ReadonlySet<string>,
): Doc[] {
  const fn = program.functions[index];
  if (fn === undefined) throw new Error(`function ${index} is out of range`);
  return headerDoc(fn, localNames(fn, annotations?.functions[index]?.localNames ?? [], names));
}

function typeDocs({ module, types }: Program): Doc[] {
  const text = (id: number): string => (types[id] as Type).text;
  const records = module.records.map((one) =>
    bracketed(
      `record ${one.name} {`,
      one.fields.map((field) => `${nameText(field.name)}: ${text(field.type)}`),
      "}",
      " ",
    ),
  );
  const variants = module.variants.map((one) => {
    const cases = one.cases.map(({ name, payload }) =>
      payload.length === 0 ? name : `${name}(${payload.map(text).join(", ")})`,
    );
    return bracketed(`variant ${one.name} {`, cases, "}", " ");
  });
  const extensions = module.extensions.map((one) => {
    const type = `(${one.params.map(text).join(", ")}) -> ${text(one.result)}`;
    return `extension ${nameText(one.name)}: ${type} = ${quoted(one.urn)} ${quoted(one.version)};`;
  });
  return [...records, ...variants, ...extensions];
}

/** Indices of functions, callees first, in order of first call; the entry comes last. */
function calleesFirst({ module, functions }: Program): readonly number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  const stack: { readonly index: number; readonly todo: number[] }[] = [];
  const enter = (index: number): void => {
    const fn = functions[index];
    if (fn === undefined || seen.has(index)) return;
    seen.add(index);
    stack.push({ index, todo: calleesOf(fn).toReversed() });
  };
  enter(module.entry);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.todo.pop();
    if (next !== undefined) enter(next);
    else {
      order.push(top.index);
      stack.pop();
    }
  }
  return order;
}

function calleesOf(fn: ProgramFunction): number[] {
  const called = fn.nodes.flatMap(({ kind }) => (kind.case === "functionCall" ? [kind.value.function] : []));
  return [...new Set(called)];
}

function commentsOf(notes: FunctionAnnotations | undefined): ReadonlyMap<number, string> {
  const comments = new Map<number, string>();
  notes?.nodeComment.forEach((number, node) => {
    const comment = notes.comments[number - 1];
    if (comment !== undefined) comments.set(node, comment);
  });
  return comments;
}

function headerDoc(fn: ProgramFunction, names: Printing["names"]): Doc[] {
  const params = fn.params.map((type, index) => `${String(names[index])}: ${type.text}`);
  return [bracketed(`fn ${nameText(fn.def.name)}(`, params, ")"), ` -> ${fn.result.text}`];
}

function functionDoc(
  printing: Printing,
  notes: FunctionAnnotations | undefined,
  examples: readonly Example[],
): Doc {
  const { def } = printing.fn;
  const doc = commentDocs(notes?.doc === "" ? undefined : notes?.doc).map((line): Doc => [line, HARD]);
  const clauses = [...clauseDocs(printing), ...examples.flatMap((one) => exampleDoc(printing, one))];
  const header = headerDoc(printing.fn, printing.names);
  const body = blockDoc(printing, def.body, true, true);
  if (clauses.length === 0) return [...doc, ...header, " ", body];
  return [...doc, ...header, nest(clauses.map((one) => [HARD, one])), HARD, body];
}

function clauseDocs(printing: Printing): Doc[] {
  const { requires, ensures, decreases } = printing.fn.def;
  const line = (word: string, root: number, label: string, isExpected: boolean): Doc[] => {
    const comment = commentDocs(printing.comment(root));
    return [
      ...comment,
      [`${word} `, nest(printing.node(root, isExpected)), label === "" ? "" : `, ${quoted(label)}`],
    ];
  };
  return [
    ...requires.flatMap((one) => line("requires", one.root, one.label, true)),
    ...ensures.flatMap((one) => line("ensures", one.root, one.label, true)),
    ...(decreases === undefined ? [] : line("decreases", decreases, "", false)),
  ];
}

function exampleDoc({ program, fn }: Printing, example: Example): Doc[] {
  const value = (message: Value | undefined, type: Type | undefined): Doc | undefined => {
    if (message === undefined || type === undefined) return undefined;
    const reading = valueFromProto(message, type, program.nominals);
    return "problem" in reading && reading.problem !== undefined
      ? undefined
      : valueDoc(reading.value, type, program.nominals);
  };
  const args = example.args.map((arg, index) => value(arg, fn.params[index]));
  const { expected } = example;
  const result =
    expected.case === "trap"
      ? `trap ${trapName(expected.value)}`
      : expected.case === "result"
        ? value(expected.value, fn.result)
        : undefined;
  if (result === undefined || args.length !== fn.params.length || args.includes(undefined)) return [];
  const tolerances: string[] = [];
  if (example.absTolerance !== undefined) tolerances.push(` within ${floatText(example.absTolerance)}`);
  if (example.relTolerance !== undefined)
    tolerances.push(` within ${floatText(example.relTolerance)} relative`);
  const shown = args.flatMap((arg) => (arg === undefined ? [] : [arg]));
  return [["example ", bracketed("(", shown, ")"), " -> ", result, ...tolerances]];
}
