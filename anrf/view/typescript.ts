import type { Arm, Code, CodeFunction, Language, Step } from "./code/code.ts";
import { type CodeModule, codeModule } from "./code/module.ts";
import { plainLine } from "./escape.ts";
import type { Shown } from "./shown.ts";
import { codeText, indented, stringText, type Writing } from "./typescript/expressions.ts";
import { helpersOf } from "./typescript/prelude.ts";
import { boundText, paramText, typeText } from "./typescript/types.ts";

/** Words of TypeScript, what the module uses of the host, and the types of the helpers, whose functions begin with `$`. */
const RESERVED =
  "abstract any arguments as asserts async await bigint boolean break case catch class const constructor continue debugger declare default delete do else enum eval export extends false finally for from function get global globalThis if implements import in infer instanceof interface is keyof let module namespace never new null number object of out override package private protected public readonly require return satisfies set static string super switch symbol this throw true try type typeof undefined unique unknown using var void while with yield Array BigInt Date Day Decimal Dict Error Infinity Map Math NaN Number Object Option RegExp RegExpExecArray Set String Trap";

/** What the lowering has to know of TypeScript. */
export const TYPESCRIPT: Language = {
  reserved: new Set(RESERVED.split(" ")),
  members: new Set(),
  hasBlockLambdas: true,
  hasPatternParams: true,
};

/**
 * The program as a module of TypeScript that stands alone and runs on Node as it is. Ints are BigInts that trap where
 * they leave 64 bits, maps are their entries in key order, a trap is thrown. Contracts are asked at run time. Fuel,
 * memory and depth are not metered: the limits are those of the host.
 */
export function typescript(shown: Shown): string {
  const module = codeModule(shown, TYPESCRIPT, "local");
  const writing: Writing = { names: module.names, steps: (steps) => stepLines(writing, steps) };
  const body = [
    ...typeLines(module),
    ...module.functions.flatMap((fn) => ["", ...functionLines(writing, fn)]),
  ];
  const helpers = helpersOf(body.join("\n"));
  const head = [
    "// Written from an ANRF program. Ints are BigInts of at most 64 bits; a run without a value throws a Trap.",
  ];
  const intent = [...module.intent, ...module.remarks].map((line) => `// ${plainLine(line)}`);
  const prelude =
    helpers.length === 0
      ? []
      : ["", "// What the program uses of the language.", ...helpers.flatMap((one) => ["", one])];
  return `${[...head, ...intent, ...body, ...prelude].join("\n")}\n`;
}

function typeLines({ program: { nominals }, names }: CodeModule): string[] {
  const lines: string[] = [];
  for (const [raw, fields] of nominals.records) {
    const record = names.records.get(raw);
    lines.push("", `export type ${record?.name} = {`);
    fields.forEach((field, index) => {
      lines.push(`  readonly ${record?.fields[index]}: ${typeText(field.type, names)};`);
    });
    lines.push("};");
  }
  for (const [raw, cases] of nominals.variants) {
    const variant = names.variants.get(raw);
    const payload = (index: number): string[] =>
      (cases[index]?.payload ?? []).map((type) => typeText(type, names));
    lines.push("", `export type ${variant?.name} =`);
    cases.forEach((_, index) => {
      const end = index === cases.length - 1 ? ";" : "";
      lines.push(
        `  | { readonly order: ${index}; readonly case: ${stringText(variant?.cases[index] ?? "")}; readonly values: readonly [${payload(index).join(", ")}] }${end}`,
      );
    });
    lines.push("", `export const ${variant?.name} = {`);
    cases.forEach((_, index) => {
      const name = variant?.cases[index] ?? "";
      const letters = payload(index).map(
        (type, place) => [`${"abcdefghijklmnop"[place] ?? "p"}${place > 15 ? place : ""}`, type] as const,
      );
      const made = `{ order: ${index}, case: ${stringText(name)}, values: [${letters.map(([letter]) => letter).join(", ")}] }`;
      lines.push(
        letters.length === 0
          ? `  ${name}: ${made} as ${variant?.name},`
          : `  ${name}: (${letters.map(([letter, type]) => `${letter}: ${type}`).join(", ")}): ${variant?.name} => (${made}),`,
      );
    });
    lines.push("};");
  }
  return lines;
}

function functionLines(writing: Writing, fn: CodeFunction): string[] {
  const { names } = writing;
  const head = `${fn.isEntry ? "export " : ""}function ${fn.name}(${fn.params.map((one) => paramText(one, names)).join(", ")}): ${typeText(fn.result, names)} {`;
  const body = [...stepLines(writing, fn.body)];
  const result = fn.ensures.length === 0 ? [] : [`let ${fn.resultName}: ${typeText(fn.result, names)};`];
  const after =
    fn.ensures.length === 0 ? [] : [...stepLines(writing, fn.ensures), `return ${fn.resultName};`];
  const checked = [...stepLines(writing, fn.requires), ...result, ...body, ...after];
  return [
    ...fn.lifted.flatMap((step) => [...stepLines(writing, [step]), ""]),
    ...docLines(fn.doc),
    head,
    ...indented(fn.measure === undefined ? checked : measured(writing, fn.name, fn.measure, checked)),
    "}",
  ];
}

function measured(
  writing: Writing,
  name: string,
  measure: NonNullable<CodeFunction["measure"]>,
  lines: readonly string[],
): string[] {
  const key = stringText(name);
  return [
    ...stepLines(writing, measure.before),
    `const $open = $enter(${key}, () => ${thunk(writing, measure.value)});`,
    "try {",
    ...indented(lines),
    "} finally {",
    `  $leave(${key}, $open);`,
    "}",
  ];
}

function docLines(doc: readonly string[]): string[] {
  const lines = doc.map((line) => plainLine(line).replaceAll("*/", "*\\/"));
  if (lines.length === 0) return [];
  return lines.length === 1
    ? [`/** ${lines[0]} */`]
    : ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"];
}

/** An expression behind an arrow. */
function thunk(writing: Writing, code: Code): string {
  const text = codeText(writing, code);
  return text.startsWith("{") ? `(${text})` : text;
}

function stepLines(writing: Writing, steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => stepText(writing, step));
}

function stepText(writing: Writing, step: Step): readonly string[] {
  const { names } = writing;
  switch (step.kind) {
    case "let": {
      const { kind } = step.value;
      const isOpen = kind === "literal" || kind === "if" || step.value.type.kind === "function";
      const type = isOpen && typeof step.name === "string" ? `: ${typeText(step.value.type, names)}` : "";
      return [
        ...commentLines(step.comment),
        `const ${boundText(step.name)}${type} = ${codeText(writing, step.value)};`,
      ];
    }
    case "declare":
      return [...commentLines(step.comment), `let ${step.name}: ${typeText(step.type, names)};`];
    case "set":
      return [`${step.name} = ${codeText(writing, step.value, true)};`];
    case "return":
      return [...commentLines(step.comment), `return ${codeText(writing, step.value, true)};`];
    case "if":
      return ifLines(writing, step);
    case "match":
      return matchLines(writing, step);
    case "function": {
      const params = step.params.map((one) => paramText(one, names)).join(", ");
      return [
        `function ${step.name}(${params}): ${typeText(step.result, names)} {`,
        ...indented(stepLines(writing, step.steps)),
        "}",
      ];
    }
    case "loop":
      return loopLines(writing, step);
    case "promise":
      return [`$claim(${stringText(step.promised.what)}, () => ${thunk(writing, step.promised.holds)});`];
    default:
      throw new Error(`unreachable: ${step satisfies never}`);
  }
}

function commentLines(comment: string): string[] {
  return comment === "" ? [] : comment.split("\n").map((line) => `// ${plainLine(line)}`.trimEnd());
}

function ifLines(writing: Writing, { arms, otherwise }: Extract<Step, { kind: "if" }>): string[] {
  const rest = stepLines(writing, otherwise);
  if (arms.every((arm) => ends(arm.steps))) {
    const early = arms.flatMap(({ condition, steps }) =>
      guard(`if (${codeText(writing, condition)})`, stepLines(writing, steps)),
    );
    return [...early, ...rest];
  }
  const lines = arms.flatMap(({ condition, steps }, index) => [
    `${index === 0 ? "if" : "} else if"} (${codeText(writing, condition)}) {`,
    ...indented(stepLines(writing, steps)),
  ]);
  return [...lines, "} else {", ...indented(rest), "}"];
}

/** A condition and what happens where it holds: on one line if that is one short statement. */
function guard(head: string, lines: readonly string[]): readonly string[] {
  const [only = ""] = lines;
  if (
    lines.length === 1 &&
    !only.includes("\n") &&
    !only.startsWith("if ") &&
    head.length + only.length < 100
  )
    return [`${head} ${only}`];
  return [`${head} {`, ...indented(lines), "}"];
}

function matchLines(writing: Writing, { subject, arms }: Extract<Step, { kind: "match" }>): string[] {
  const on = codeText(writing, subject);
  const type = subject.type;
  if (type.kind === "option") return optionLines(writing, on, arms);
  const variant = type.kind === "variant" ? writing.names.variants.get(type.name) : undefined;
  const lines = arms.flatMap(({ accepts, binders, steps }, index) => {
    const label =
      accepts.kind === "case" && index < arms.length - 1
        ? `case ${stringText(variant?.cases[accepts.caseIndex] ?? "")}: {`
        : accepts.kind === "literal" && index < arms.length - 1
          ? `case ${codeText(writing, { kind: "literal", value: accepts.value, type })}: {`
          : "default: {";
    const names = binders.map((one) => (one === undefined ? "_" : String(one.name)));
    const isUsed = binders.some((one) => one !== undefined);
    const cases = accepts.kind === "case" && isUsed ? [`const ${boundText(names)} = ${on}.values;`] : [];
    return [
      label,
      ...indented([...cases, ...stepLines(writing, steps), ...(ends(steps) ? [] : ["break;"])]),
      "}",
    ];
  });
  return [`switch (${on}${variant === undefined ? "" : ".case"}) {`, ...indented(lines), "}"];
}

/** True where control never goes on behind the steps. */
function ends(steps: readonly Step[]): boolean {
  const last = steps.at(-1);
  if (last?.kind === "if") return ends(last.otherwise) && last.arms.every((arm) => ends(arm.steps));
  if (last?.kind === "match") return last.arms.every((arm) => ends(arm.steps));
  return last?.kind === "return";
}

function optionLines(writing: Writing, on: string, arms: readonly Arm[]): string[] {
  const some = arms.find((arm) => arm.accepts.kind === "some");
  const rest = arms.find((arm) => arm.accepts.kind === "rest");
  const none = arms.find((arm) => arm.accepts.kind === "none") ?? rest;
  const binder = some?.binders[0];
  const taken = binder === undefined ? [] : [`const ${boundText(binder.name)} = ${on}.some;`];
  const [whenSome, whenNone] = [(some ?? rest)?.steps ?? [], none?.steps ?? []];
  if (ends(whenNone))
    return [
      ...guard(`if (${on} === null)`, stepLines(writing, whenNone)),
      ...taken,
      ...stepLines(writing, whenSome),
    ];
  return [
    `if (${on} !== null) {`,
    ...indented([...taken, ...stepLines(writing, whenSome)]),
    "} else {",
    ...indented(stepLines(writing, whenNone)),
    "}",
  ];
}

function loopLines(writing: Writing, step: Extract<Step, { kind: "loop" }>): string[] {
  const { names } = writing;
  const state = boundText(step.state);
  const isBare = step.invariants.length === 0 && step.measure === undefined;
  const condition = codeText(writing, step.condition);
  const { measure } = step;
  const checks = [
    ...step.invariants.map(
      ({ what, holds }) => `$claim(${stringText(what)}, () => ${thunk(writing, holds)});`,
    ),
    ...(measure === undefined
      ? []
      : [`${measure.name} = $shrinks(${measure.name}, () => ${thunk(writing, measure.value)});`]),
  ];
  return [
    ...commentLines(step.comment),
    `let ${state}: ${typeText(step.type, names)} = ${codeText(writing, step.init, true)};`,
    ...stepLines(writing, step.before),
    ...(measure === undefined
      ? []
      : [`let ${measure.name}: ${typeText(measure.value.type, names)} | undefined;`]),
    isBare ? `while (${condition}) {` : "while (true) {",
    ...indented([
      ...checks,
      ...(isBare ? [] : [`if (!(${condition})) break;`]),
      ...stepLines(writing, step.body),
      `${state} = ${codeText(writing, step.next, true)};`,
    ]),
    "}",
  ];
}
