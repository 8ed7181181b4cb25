import { openProgram } from "#anrf/program/program.ts";
import { quoted } from "#anrf/program/show.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import { valueFromProto } from "#anrf/program/value-proto.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { localNames } from "#anrf/text/print-names.ts";
import type { Example, Value } from "#gen/anrf/v1/artifact_pb.ts";
import type { LoopWhile } from "#gen/anrf/v1/ir_pb.ts";
import { aType, listed, wrapped } from "./english.ts";
import { plainLine } from "./escape.ts";
import { armWords, phrase, valuePhrase } from "./phrase.ts";
import { plainValue } from "./plain-value.ts";
import type { Shown } from "./shown.ts";
import { nameOf, nodeOf, type Telling } from "./telling.ts";

/** The program in structured English: what it is for, what it needs and promises, and its steps. */
export function pseudocode({ module, annotations, spec }: Shown): string {
  const program = openProgram(module);
  const functions = new Set(module.functions.map((fn) => fn.name));
  const blocks = program.functions.map((fn) => {
    const notes = annotations?.functions[fn.index];
    const names = localNames(fn, notes?.localNames ?? [], functions);
    const telling = { program, fn, names, told: new Map() };
    const isEntry = fn === program.entry;
    const purpose = [notes?.doc ?? "", isEntry ? (spec?.intentText ?? "") : ""].map(plainLine);
    // The doc of a program that was generated is its intent.
    const told = [...new Set(purpose)].filter((line) => line !== "");
    return functionLines(telling, told, isEntry ? (spec?.examples ?? []) : []);
  });
  const lines = [
    ...typeLines(telledTypes(program.nominals)),
    ...blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block])),
  ];
  const hasPlaces = blocks.some((block) =>
    block.some((line) => /\b(?:at|from|the) places?\b/.test(line) && !line.startsWith("  Purpose: ")),
  );
  if (hasPlaces) lines.push("", "Places are counted from 0.");
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
  return plainValue(reading.value, type, program.nominals);
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
      if (!hasSteps(telling, id) && level > 1) break;
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
    case "loopWhile":
      return [
        ...loopLines(telling, kind.value, level),
        `${indent}${lead} ${nameOf(telling, kind.value.state)}.`,
      ];
    case "getField": {
      const loop = nodeOf(telling, kind.value.target).kind;
      if (loop.case !== "loopWhile") break;
      const names = telling.names[loop.value.state];
      const part = typeof names === "object" ? names[kind.value.field] : undefined;
      if (part === undefined || part === "_") break;
      return [...loopLines(telling, loop.value, level), `${indent}${lead} ${part.replaceAll("`", "")}.`];
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
  return [`${indent}${lead} ${valuePhrase(telling, id)}.`];
}

/** A loop up to its last state. */
function loopLines(telling: Telling, { state, init, condition, step }: LoopWhile, level: number): string[] {
  const indent = "  ".repeat(level);
  const name = nameOf(telling, state);
  const names = telling.names[state];
  const together = (id: number, word: string, between: string): string | undefined => {
    const { kind } = nodeOf(telling, id);
    if (typeof names !== "object" || names.includes("_") || kind.case !== "makeTuple") return undefined;
    const parts = kind.value.items.map(
      (item, index) => `${names[index]?.replaceAll("`", "")} ${word} ${valuePhrase(telling, item)}`,
    );
    return parts.join(between);
  };
  const start = together(init, "as", " and ") ?? `${name} as ${valuePhrase(telling, init)}`;
  const next = together(step, "become", ", and at the same time ");
  return [
    `${indent}Start with ${start}.`,
    `${indent}While ${phrase(telling, condition).text}:`,
    ...(next === undefined
      ? steps(telling, step, level + 1, `Let ${name} become`)
      : [`${indent}  Let ${next}.`]),
  ];
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
  const parts = loopParts(telling, local, value);
  const loop = nodeOf(telling, value).kind;
  if (parts !== undefined && loop.case === "loopWhile")
    return [
      ...loopLines(telling, loop.value, level),
      ...parts.map(([to, from]) => `${indent}Let ${to} be ${from}.`),
    ];
  if (!hasSteps(telling, value)) return [`${indent}Let ${name} be ${valuePhrase(telling, value)}.`];
  return [`${indent}Find ${name}:`, ...steps(telling, value, level + 1, `Let ${name} be`)];
}

/** The parts of a loop's last state that a let takes, each with its name; undefined where it takes the whole. */
function loopParts(
  telling: Telling,
  local: number,
  value: number,
): (readonly [to: string, from: string])[] | undefined {
  const { kind } = nodeOf(telling, value);
  const to = telling.names[local];
  const from = kind.case === "loopWhile" ? telling.names[kind.value.state] : undefined;
  if (typeof to !== "object" || typeof from !== "object") return undefined;
  const plain = (name: string | undefined): string => (name ?? "_").replaceAll("`", "");
  const parts = to
    .map((name, index) => [plain(name), plain(from[index])] as const)
    .filter(([name]) => name !== "_");
  return parts.length > 0 && parts.every(([, name]) => name !== "_") ? parts : undefined;
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

/** Longest choice that is told on one line, in characters. */
const LONGEST_CHOICE = 90;

/** True for a node that is told in several lines. */
function hasSteps(telling: Telling, id: number): boolean {
  const { kind } = nodeOf(telling, id);
  if (foldOf(telling, id) !== undefined) return true;
  if (kind.case === "branch") {
    const isLong = phrase(telling, id).text.length > LONGEST_CHOICE;
    return isLong || hasSteps(telling, kind.value.whenTrue) || hasSteps(telling, kind.value.whenFalse);
  }
  return kind.case === "letIn" || kind.case === "matchOn" || kind.case === "loopWhile";
}

function lowered(line: string): string {
  return line.slice(0, 1).toLowerCase() + line.slice(1);
}
