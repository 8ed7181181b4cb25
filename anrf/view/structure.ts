import { children } from "#anrf/program/children.ts";
import { openProgram, type Program, type ProgramFunction } from "#anrf/program/program.ts";
import { quoted } from "#anrf/program/show.ts";
import type { Type } from "#anrf/program/type.ts";
import { literalValue } from "#anrf/program/value-proto.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { type LocalName, localNames } from "#anrf/text/print-names.ts";
import { scalarText } from "#anrf/text/print-value.ts";
import type { MatchArm, Node } from "#gen/anrf/v1/ir_pb.ts";
import { plainLine } from "./escape.ts";
import type { Shown } from "./shown.ts";

/** The node table as an indented tree: one node a line, with its id, what it is, and its type. */
export function structure({ module, annotations }: Shown): string {
  const program = openProgram(module);
  const functions = new Set(module.functions.map((fn) => fn.name));
  const lines: string[] = [...typeLines(program)];
  for (const fn of program.functions) {
    const names = localNames(fn, annotations?.functions[fn.index]?.localNames ?? [], functions);
    for (const line of functionLines(program, fn, names)) lines.push(line);
  }
  return `${lines.join("\n")}\n`;
}

function typeLines({ module, types }: Program): string[] {
  const text = (id: number): string => types[id]?.text ?? "?";
  return [
    ...module.records.map(
      (one) => `record ${one.name}: ${one.fields.map((f) => `${f.name} ${text(f.type)}`).join(", ")}`,
    ),
    ...module.variants.map((one) => {
      const cases = one.cases.map(({ name, payload }) =>
        payload.length === 0 ? name : `${name}(${payload.map(text).join(", ")})`,
      );
      return `variant ${one.name}: ${cases.join(" | ")}`;
    }),
    ...module.extensions.map((one) => `extension ${one.name} ${quoted(one.urn)} ${quoted(one.version)}`),
  ];
}

function functionLines(program: Program, fn: ProgramFunction, names: readonly LocalName[]): string[] {
  const { def } = fn;
  const params = fn.params.map((type, index) => `${nameOf(names, index)}: ${type.text}`).join(", ");
  const isEntry = fn.index === program.module.entry ? ", entry" : "";
  const lines = [
    `function ${fn.index} ${def.name}(${params}) -> ${fn.result.text}, ${def.nodes.length} nodes${isEntry}`,
  ];
  const root = (title: string, id: number): void => {
    lines.push(`  ${title}`, ...treeLines(program, fn, names, id));
  };
  for (const clause of def.requires) root(labelled("requires", clause.label), clause.root);
  for (const clause of def.ensures) root(labelled("ensures", clause.label), clause.root);
  if (def.decreases !== undefined) root("decreases", def.decreases);
  root("body", def.body);
  return lines;
}

function labelled(word: string, label: string): string {
  return label === "" ? word : `${word}: ${plainLine(label)}`;
}

function treeLines(
  program: Program,
  fn: ProgramFunction,
  names: readonly LocalName[],
  root: number,
): string[] {
  const lines: string[] = [];
  const pending = [{ id: root, depth: 2, role: "" }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const node = fn.nodes[next.id];
    if (node === undefined) throw new Error(`node ${next.id} is out of range`);
    const type = program.types[node.type];
    if (type === undefined) throw new Error(`type ${node.type} is out of range`);
    const role = next.role === "" ? "" : `${next.role}: `;
    lines.push(
      `${"  ".repeat(next.depth)}${next.id} ${role}${describe(program, fn, names, node, type)} : ${type.text}`,
    );
    const roles = rolesOf(program, fn, names, node);
    for (const [index, id] of [...children(node).entries()].toReversed())
      pending.push({ id, depth: next.depth + 1, role: roles[index] ?? "" });
  }
  return lines;
}

/** What each operand is for, where its place alone does not tell. */
function rolesOf(
  program: Program,
  fn: ProgramFunction,
  names: readonly LocalName[],
  { kind }: Node,
): readonly string[] {
  switch (kind.case) {
    case "letIn":
      return ["is", "in"];
    case "branch":
      return ["when", "then", "else"];
    case "matchOn":
      return [
        "on",
        ...kind.value.arms.map((arm) => `case ${armText(program, fn, names, arm, kind.value.subject)}`),
      ];
    case "lambdaExpr":
      return ["gives"];
    case "loopWhile":
      return ["start", "while", "next", ...kind.value.invariants.map(() => "invariant"), "decreases"];
    default:
      return [];
  }
}

function describe(
  program: Program,
  fn: ProgramFunction,
  names: readonly LocalName[],
  node: Node,
  type: Type,
): string {
  const kind = node.kind;
  switch (kind.case) {
    case "literal":
      return `literal ${scalarText(literalValue(kind.value), type)}`;
    case "localRef":
      return kind.value.local === fn.def.resultLocal ? "result" : `local ${nameOf(names, kind.value.local)}`;
    case "letIn":
      return `let ${nameOf(names, kind.value.local)}`;
    case "branch":
      return "if";
    case "matchOn":
      return "match";
    case "lambdaExpr":
      return `lambda (${kind.value.params.map((param) => nameOf(names, param)).join(", ")})`;
    case "builtinCall":
      return builtinByNumber(kind.value.builtin)?.id ?? `builtin ${kind.value.builtin}`;
    case "valueCall":
      return "call of a value";
    case "functionCall":
      return `call ${program.functions[kind.value.function]?.def.name ?? kind.value.function}`;
    case "makeList":
      return "list";
    case "makeMap":
      return "map";
    case "makeTuple":
      return "tuple";
    case "makeRecord":
      return "record";
    case "makeVariant":
      return `case ${caseName(program, type, kind.value.caseIndex)}`;
    case "makeOption":
      return kind.value.some === undefined ? "none" : "some";
    case "getField":
      return `field ${fieldName(program, fn, names, kind.value.target, kind.value.field)}`;
    case "loopWhile":
      return `loop ${nameOf(names, kind.value.state)}`;
    case "failWith":
      return `fail ${quoted(kind.value.message)}`;
    case "hole":
      return `hole ${quoted(kind.value.goal)}`;
    case "extensionCall":
      return `extension ${program.module.extensions[kind.value.extension]?.name ?? kind.value.extension}`;
    case undefined:
      return "unknown";
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

function armText(
  program: Program,
  fn: ProgramFunction,
  names: readonly LocalName[],
  arm: MatchArm,
  subject: number,
): string {
  const type = program.types[fn.nodes[subject]?.type ?? -1];
  const binders =
    arm.binders.length === 0 ? "" : `(${arm.binders.map((one) => nameOf(names, one)).join(", ")})`;
  const kind = arm.pattern?.kind;
  switch (kind?.case) {
    case "variantCase":
      return `${type === undefined ? kind.value : caseName(program, type, kind.value)}${binders}`;
    case "optionSome":
      return kind.value ? `some${binders}` : "none";
    case "literal":
      return type === undefined ? "literal" : scalarText(literalValue(kind.value), type);
    case "wildcard":
    case undefined:
      return "_";
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

function caseName(program: Program, type: Type, index: number): string {
  const cases = type.kind === "variant" ? program.nominals.variants.get(type.name) : undefined;
  return cases?.[index]?.name ?? String(index);
}

function fieldName(
  program: Program,
  fn: ProgramFunction,
  names: readonly LocalName[],
  target: number,
  field: number,
): string {
  const node = fn.nodes[target];
  const type = program.types[node?.type ?? -1];
  const fields = type?.kind === "record" ? program.nominals.records.get(type.name) : undefined;
  const pattern = node?.kind.case === "localRef" ? names[node.kind.value.local] : undefined;
  const own = typeof pattern === "object" ? pattern[field] : undefined;
  return fields?.[field]?.name ?? (own === undefined || own === "_" ? String(field) : `${field} (${own})`);
}

function nameOf(names: readonly LocalName[], local: number): string {
  const name = names[local] ?? "_";
  return typeof name === "string" ? name : `(${name.join(", ")})`;
}
