import type { NominalTypes, Type } from "#anrf/program/type.ts";
import type { Arm, CodeFunction, Language, Step } from "./code/code.ts";
import { type CodeModule, codeModule } from "./code/module.ts";
import type { ModuleNames } from "./code/names.ts";
import { plainLine } from "./escape.ts";
import { codeText, stringText, type Writing } from "./python/expressions.ts";
import { HELPERS, IMPORTED, importLines } from "./python/prelude.ts";
import type { Shown } from "./shown.ts";

const KEYWORDS =
  "False None True and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try type while with yield".split(
    " ",
  );

/** What the module uses of the builtins of Python. */
const BUILTINS =
  "ArithmeticError OverflowError ValueError Exception abs all any bool chr dict enumerate float format getattr hash int isinstance len list map max min next ord pow range round set sorted str sum super tuple type zip item found digit annotations".split(
    " ",
  );

/** What the lowering has to know of Python. */
export const PYTHON: Language = {
  reserved: new Set([...KEYWORDS, ...BUILTINS, ...IMPORTED, ...HELPERS.names, "_open"]),
  members: new Set(KEYWORDS),
  hasBlockLambdas: false,
  hasPatternParams: false,
};

/**
 * The program as a module of Python 3.11 that stands alone. Ints trap where they leave 64 bits, maps are dicts in key
 * order, a trap is an exception. Contracts are asked at run time. Fuel, memory and depth are not metered, and the last
 * digit of `exp`, `ln` and powers of floats is that of the host.
 */
export function python(shown: Shown): string {
  const module = codeModule(shown, PYTHON, "global");
  const writing: Writing = { names: module.names, nominals: module.program.nominals };
  const isRecursive = module.functions.some((fn) => fn.isRecursive);
  const body = [
    ...typeLines(module),
    ...module.functions.flatMap((fn) => ["", "", ...functionLines(writing, fn)]),
    ...(isRecursive
      ? [
          "",
          "",
          "# Functions call themselves: more deeply than Python allows at first.",
          "sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))",
        ]
      : []),
  ];
  const helpers = HELPERS.of(body.join("\n"));
  const prelude =
    helpers.length === 0
      ? []
      : ["", "", "# What the program uses of the language.", ...helpers.flatMap((one) => ["", "", one])];
  const whole = [...body, ...prelude];
  const head = [
    "# Written from an ANRF program. Ints have at most 64 bits; a run without a value raises a Trap.",
  ];
  const intent = [...module.intent, ...module.remarks].map((line) => `# ${plainLine(line)}`);
  return `${[...head, ...intent, "", "from __future__ import annotations", "", ...importLines(whole.join("\n")), ...whole].join("\n")}\n`;
}

function typeText(type: Type, names: ModuleNames): string {
  const go = (part: Type): string => typeText(part, names);
  switch (type.kind) {
    case "unit":
      return "tuple[()]";
    case "string":
      return "str";
    case "decimal":
      return "Decimal";
    case "bool":
    case "int":
    case "float":
    case "date":
      return type.kind;
    case "list":
      return `list[${go(type.item)}]`;
    case "option":
      return `Some[${go(type.item)}] | None`;
    case "map":
      return `dict[${go(type.key)}, ${go(type.value)}]`;
    case "tuple":
      return `tuple[${type.items.map(go).join(", ")}]`;
    case "function":
      return `Callable[[${type.params.map(go).join(", ")}], ${go(type.result)}]`;
    case "record":
      return names.records.get(type.name)?.name ?? "";
    case "variant":
      return names.variants.get(type.name)?.name ?? "";
    case "var":
      throw new Error(`type variable ${type.name} is left in a program`);
    default:
      throw new Error(`unreachable: ${type satisfies never}`);
  }
}

function typeLines({ program: { nominals }, names }: CodeModule): string[] {
  const records = [...nominals.records].flatMap(([raw, fields]) => {
    const record = names.records.get(raw);
    const lines = fields.map(
      (field, index) => `    ${record?.fields[index]}: ${typeText(field.type, names)}`,
    );
    return [
      "",
      "",
      "@dataclass(frozen=True)",
      `class ${record?.name}:`,
      ...(lines.length === 0 ? ["    pass"] : lines),
    ];
  });
  return [...records, ...[...nominals.variants].flatMap(([raw, cases]) => variantLines(names, raw, cases))];
}

function variantLines(
  names: ModuleNames,
  raw: string,
  cases: NonNullable<ReturnType<NominalTypes["variants"]["get"]>>,
): string[] {
  const variant = names.variants.get(raw);
  const classes = cases.flatMap(({ payload }, index) => [
    "",
    "",
    "@dataclass(frozen=True)",
    `class ${variant?.cases[index]}:`,
    ...payload.map((type, place) => `    part_${place + 1}: ${typeText(type, names)}`),
    ...(payload.length === 0 ? ["    pass"] : []),
  ]);
  const orders = cases.map(
    (_, index) => `${variant?.cases[index]}._order = ${index}  # type: ignore[attr-defined]`,
  );
  return [...classes, "", "", ...orders, "", `${variant?.name} = ${variant?.cases.join(" | ")}`];
}

function functionLines(writing: Writing, fn: CodeFunction): string[] {
  const after = fn.ensures.length === 0 ? [] : [...stepLines(writing, fn.ensures), `return ${fn.resultName}`];
  const checked = [...stepLines(writing, fn.requires), ...stepLines(writing, fn.body), ...after];
  const { measure } = fn;
  const body =
    measure === undefined
      ? checked
      : [
          ...stepLines(writing, measure.before),
          `_open = _enter(${stringText(fn.name)}, lambda: ${codeText(writing, measure.value)})`,
          "try:",
          ...indented(checked),
          "finally:",
          `    _leave(${stringText(fn.name)}, _open)`,
        ];
  return [
    ...fn.lifted.flatMap((step) => [...stepLines(writing, [step]), "", ""]),
    headLine(writing, fn.name, fn),
    ...indented([...docLines(fn.doc), ...body]),
  ];
}

function headLine(
  { names }: Writing,
  name: string,
  { params, result }: Pick<CodeFunction, "params" | "result">,
): string {
  const list = params.map((param) => `${String(param.name)}: ${typeText(param.type, names)}`).join(", ");
  return `def ${name}(${list}) -> ${typeText(result, names)}:`;
}

/** A docstring that ends where it should, whatever is in it. */
function docLines(doc: readonly string[]): string[] {
  const plain = doc.map((line) => {
    const text = plainLine(line).replaceAll("\\", "\\\\");
    return text.includes('""') || text.endsWith('"') ? text.replaceAll('"', '\\"') : text;
  });
  const [first = ""] = plain;
  if (plain.length === 0) return [];
  return plain.length === 1 ? [`"""${first}"""`] : [`"""${first}`, ...plain.slice(1), '"""'];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `    ${line}`));
}

function stepLines(writing: Writing, steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => stepText(writing, step));
}

/** Statements of a block, which may not be empty. */
function blockLines(
  writing: Writing,
  steps: readonly Step[],
  more: readonly string[] = [],
): readonly string[] {
  const lines = [...stepLines(writing, steps), ...more];
  return indented(
    lines.length === 0 || lines.every((line) => line.startsWith("#")) ? [...lines, "pass"] : lines,
  );
}

function stepText(writing: Writing, step: Step): readonly string[] {
  switch (step.kind) {
    case "let":
      return [...commentLines(step.comment), `${boundText(step.name)} = ${codeText(writing, step.value)}`];
    case "declare":
      return commentLines(step.comment);
    case "set":
      return [`${step.name} = ${codeText(writing, step.value)}`];
    case "return":
      return [...commentLines(step.comment), `return ${codeText(writing, step.value)}`];
    case "if":
      return ifLines(writing, step);
    case "match":
      return matchLines(writing, step);
    case "function":
      return [headLine(writing, step.name, step), ...blockLines(writing, step.steps)];
    case "loop":
      return loopLines(writing, step);
    case "promise":
      return [`_claim(${stringText(step.promised.what)}, lambda: ${codeText(writing, step.promised.holds)})`];
    default:
      throw new Error(`unreachable: ${step satisfies never}`);
  }
}

function commentLines(comment: string): string[] {
  return comment === "" ? [] : comment.split("\n").map((line) => `# ${plainLine(line)}`.trimEnd());
}

function boundText(name: string | readonly string[]): string {
  return typeof name === "string" ? name : name.join(", ");
}

function ifLines(writing: Writing, { arms, otherwise }: Extract<Step, { kind: "if" }>): string[] {
  const lines = arms.flatMap(({ condition, steps }, index) => [
    `${index === 0 ? "if" : "elif"} ${codeText(writing, condition)}:`,
    ...blockLines(writing, steps),
  ]);
  if (arms.every((arm) => ends(arm.steps))) return [...lines, ...stepLines(writing, otherwise)];
  return [...lines, "else:", ...blockLines(writing, otherwise)];
}

/** True where control never goes on behind the steps. */
function ends(steps: readonly Step[]): boolean {
  const last = steps.at(-1);
  if (last?.kind === "if") return ends(last.otherwise) && last.arms.every((arm) => ends(arm.steps));
  if (last?.kind === "match") return last.arms.every((arm) => ends(arm.steps));
  return last?.kind === "return";
}

function matchLines(writing: Writing, { subject, arms }: Extract<Step, { kind: "match" }>): string[] {
  const on = codeText(writing, subject);
  const { kind } = subject.type;
  if (kind === "variant" || kind === "option")
    return [
      `match ${on}:`,
      ...indented(
        arms.flatMap((arm) => [
          `case ${patternText(writing, arm, subject.type)}:`,
          ...blockLines(writing, arm.steps),
        ]),
      ),
    ];
  if (arms.length === 1) return [...stepLines(writing, arms[0]?.steps ?? [])];
  return arms.flatMap(({ accepts, steps }, index) => {
    const isRest = accepts.kind !== "literal" || index === arms.length - 1;
    const value =
      accepts.kind === "literal"
        ? codeText(writing, { kind: "literal", value: accepts.value, type: subject.type })
        : "";
    return [
      isRest ? "else:" : `${index === 0 ? "if" : "elif"} ${on} == ${value}:`,
      ...blockLines(writing, steps),
    ];
  });
}

function patternText({ names }: Writing, { accepts, binders }: Arm, type: Type): string {
  const bound = binders.map((one) => (one === undefined ? "_" : String(one.name))).join(", ");
  if (accepts.kind === "some") return `Some(${bound})`;
  if (accepts.kind === "none") return "None";
  if (accepts.kind !== "case" || type.kind !== "variant") return "_";
  return `${names.variants.get(type.name)?.cases[accepts.caseIndex] ?? ""}(${bound})`;
}

function loopLines(writing: Writing, step: Extract<Step, { kind: "loop" }>): string[] {
  const state = boundText(step.state);
  const { measure } = step;
  const isBare = step.invariants.length === 0 && measure === undefined;
  const condition = codeText(writing, step.condition);
  const checks = [
    ...step.invariants.map(
      ({ what, holds }) => `_claim(${stringText(what)}, lambda: ${codeText(writing, holds)})`,
    ),
    ...(measure === undefined
      ? []
      : [`${measure.name} = _shrinks(${measure.name}, lambda: ${codeText(writing, measure.value)})`]),
  ];
  return [
    ...commentLines(step.comment),
    `${state} = ${codeText(writing, step.init)}`,
    ...stepLines(writing, step.before),
    ...(measure === undefined ? [] : [`${measure.name} = None`]),
    isBare ? `while ${condition}:` : "while True:",
    ...indented([...checks, ...(isBare ? [] : [`if not (${condition}):`, "    break"])]),
    ...blockLines(writing, step.body, [`${state} = ${codeText(writing, step.next)}`]),
  ];
}
