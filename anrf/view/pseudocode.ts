import { openProgram } from "#anrf/program/program.ts";
import { quoted } from "#anrf/program/show.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import { valueFromProto } from "#anrf/program/value-proto.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { layOut } from "#anrf/text/layout.ts";
import { localNames } from "#anrf/text/print-names.ts";
import { valueDoc } from "#anrf/text/print-value.ts";
import type { Example, Value } from "#gen/anrf/v1/artifact_pb.ts";
import { aType, listed, wrapped } from "./english.ts";
import { plainLine } from "./escape.ts";
import { armWords, nameOf, nodeOf, phrase, type Telling } from "./phrase.ts";
import type { Shown } from "./shown.ts";

/** The program in structured English: what it is for, what it needs and promises, and its steps. */
export function pseudocode({ module, annotations, spec }: Shown): string {
  const program = openProgram(module);
  const functions = new Set(module.functions.map((fn) => fn.name));
  const blocks = program.functions.map((fn) => {
    const notes = annotations?.functions[fn.index];
    const names = localNames(fn, notes?.localNames ?? [], functions);
    const telling = { program, fn, names, told: new Map() };
    const isEntry = fn === program.entry;
    const purpose = [notes?.doc ?? "", isEntry ? (spec?.intentText ?? "") : ""]
      .map(plainLine)
      .filter((line) => line !== "");
    return functionLines(telling, purpose, isEntry ? (spec?.examples ?? []) : []);
  });
  const lines = [
    ...typeLines(telledTypes(program.nominals)),
    ...blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block])),
  ];
  return `${lines.flatMap((line) => (line === "" ? [""] : wrapped(line))).join("\n")}\n`;
}

function telledTypes({ records, variants }: Telling["program"]["nominals"]): string[] {
  const recordLines = [...records].map(
    ([name, fields]) =>
      `${name} holds ${listed(fields.map((field) => `${field.name} (${aType(field.type)})`))}.`,
  );
  const variantLines = [...variants].map(([name, cases]) => {
    const told = cases.map((one) =>
      one.payload.length === 0 ? one.name : `${one.name} with ${listed(one.payload.map(aType))}`,
    );
    return `${name} is one of: ${told.join("; ")}.`;
  });
  return [...recordLines, ...variantLines];
}

function typeLines(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, ""];
}

function functionLines(telling: Telling, purpose: readonly string[], examples: readonly Example[]): string[] {
  const { fn } = telling;
  const { def } = fn;
  const params = fn.params.map((type, index) => `${nameOf(telling, index)} (${aType(type)})`);
  const from = params.length === 0 ? "" : ` from ${listed(params)}`;
  const lines = [`To find ${def.name}, ${aType(fn.result)},${from}:`.replace(",:", ":")];
  for (const line of purpose) lines.push(`  Purpose: ${line}`);
  for (const clause of def.requires)
    lines.push(`  Needs: ${clauseWords(telling, clause.root, clause.label)}`);
  for (const clause of def.ensures)
    lines.push(`  Promises: ${clauseWords(telling, clause.root, clause.label)}`);
  if (def.decreases !== undefined)
    lines.push(`  Each call of itself makes this smaller: ${phrase(telling, def.decreases).text}.`);
  for (const example of examples) lines.push(...exampleLines(telling, example));
  return [...lines, ...steps(telling, def.body, 1, "The result is")];
}

function clauseWords(telling: Telling, root: number, label: string): string {
  const told = phrase(telling, root).text;
  return label === "" ? `${told}.` : `${plainLine(label)} (${told}).`;
}

function exampleLines(telling: Telling, example: Example): string[] {
  const { fn } = telling;
  const args = example.args.map((arg, index) => valueWords(telling, arg, fn.params[index]));
  const { expected } = example;
  const shown = expected.case === "result" ? valueWords(telling, expected.value, fn.result) : undefined;
  const result = expected.case === "trap" ? `the failure ${trapName(expected.value)}` : shown;
  if (result === undefined || args.length !== fn.params.length) return [];
  const given = args.flatMap((arg) => (arg === undefined ? [] : [arg]));
  if (given.length !== args.length) return [];
  return [
    given.length === 0 ? `  For example: ${result}.` : `  For example: ${listed(given)} gives ${result}.`,
  ];
}

function valueWords({ program }: Telling, message: Value, type: Type | undefined): string | undefined {
  const reading = type === undefined ? undefined : valueFromProto(message, type, program.nominals);
  if (type === undefined || reading === undefined || reading.problem !== undefined) return undefined;
  return layOut(valueDoc(reading.value, type, program.nominals)).replace(/\s*\n\s*/g, " ");
}

/** Steps of a block, one a line; `lead` begins the line that tells its value. */
function steps(telling: Telling, id: number, level: number, lead: string): string[] {
  const { kind } = nodeOf(telling, id);
  const indent = "  ".repeat(level);
  switch (kind.case) {
    case "letIn":
      return [
        ...letLines(telling, kind.value.local, kind.value.value, level),
        ...steps(telling, kind.value.body, level, lead),
      ];
    case "branch":
      if (!hasSteps(telling, kind.value.whenTrue) && !hasSteps(telling, kind.value.whenFalse) && level > 1)
        break;
      return branchLines(telling, id, level, lead);
    case "matchOn": {
      const lines = [`${indent}Depending on ${phrase(telling, kind.value.subject).text}:`];
      for (const arm of kind.value.arms) {
        const inner = steps(telling, arm.body, level + 2, lead);
        const [only = ""] = inner;
        const head = `${indent}  For ${armWords(telling, arm, kind.value.subject)}:`;
        if (inner.length === 1) lines.push(`${head} ${lowered(only.trim())}`);
        else lines.push(head, ...inner);
      }
      return lines;
    }
    case "loopWhile": {
      const name = nameOf(telling, kind.value.state);
      const start = `${indent}Start with ${name} as ${phrase(telling, kind.value.init).text}.`;
      const head = `${indent}While ${phrase(telling, kind.value.condition).text}:`;
      return [
        start,
        head,
        ...steps(telling, kind.value.step, level + 1, `Let ${name} become`),
        `${indent}${lead} ${name}.`,
      ];
    }
    case "failWith":
      return [`${indent}Stop with the failure ${quoted(kind.value.message)}.`];
    case "builtinCall": {
      const fold = foldOf(telling, id);
      if (fold !== undefined) return foldLines(telling, fold, level, lead);
      break;
    }
    default:
      break;
  }
  return [`${indent}${lead} ${phrase(telling, id).text}.`];
}

interface Fold {
  readonly items: number;
  readonly start: number;
  readonly state: string;
  readonly item: string;
  readonly body: number;
}

/** A fold whose function is written out: it is told as a loop over the items. */
function foldOf(telling: Telling, id: number): Fold | undefined {
  const { kind } = nodeOf(telling, id);
  if (kind.case !== "builtinCall" || builtinByNumber(kind.value.builtin)?.id !== "list.fold")
    return undefined;
  const [items, start, step] = kind.value.args;
  if (items === undefined || start === undefined || step === undefined) return undefined;
  const lambda = nodeOf(telling, step).kind;
  if (lambda.case !== "lambdaExpr") return undefined;
  const [state = "state", item = "item"] = lambda.value.params.map((param) => nameOf(telling, param));
  return { items, start, state, item, body: lambda.value.body };
}

function foldLines(
  telling: Telling,
  { items, start, state, item, body }: Fold,
  level: number,
  lead: string,
): string[] {
  const indent = "  ".repeat(level);
  const inner = steps(telling, body, level + 1, `Let ${state} become`);
  const head = [
    `${indent}Start with ${state} as ${phrase(telling, start).text}.`,
    `${indent}For each ${item} of ${phrase(telling, items).text}:`,
  ];
  return [...head, ...inner, `${indent}${lead} ${state}.`];
}

function letLines(telling: Telling, local: number, value: number, level: number): string[] {
  const indent = "  ".repeat(level);
  const name = nameOf(telling, local);
  if (!hasSteps(telling, value)) return [`${indent}Let ${name} be ${phrase(telling, value).text}.`];
  return [`${indent}Find ${name}:`, ...steps(telling, value, level + 1, `Let ${name} be`)];
}

function branchLines(telling: Telling, id: number, level: number, lead: string): string[] {
  const indent = "  ".repeat(level);
  const lines: string[] = [];
  let word = "If";
  let at = id;
  for (;;) {
    const { kind } = nodeOf(telling, at);
    if (kind.case !== "branch") break;
    lines.push(`${indent}${word} ${phrase(telling, kind.value.condition).text}:`);
    lines.push(...steps(telling, kind.value.whenTrue, level + 1, lead));
    word = "Otherwise, if";
    at = kind.value.whenFalse;
  }
  return [...lines, `${indent}Otherwise:`, ...steps(telling, at, level + 1, lead)];
}

/** True for a node that is told in several lines. */
function hasSteps(telling: Telling, id: number): boolean {
  const { kind } = nodeOf(telling, id);
  if (foldOf(telling, id) !== undefined) return true;
  if (kind.case === "branch")
    return hasSteps(telling, kind.value.whenTrue) || hasSteps(telling, kind.value.whenFalse);
  return kind.case === "letIn" || kind.case === "matchOn" || kind.case === "loopWhile";
}

function lowered(line: string): string {
  return line.slice(0, 1).toLowerCase() + line.slice(1);
}
