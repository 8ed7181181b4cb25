import { children } from "#anrf/program/children.ts";
import { openProgram, type Program, type ProgramFunction } from "#anrf/program/program.ts";
import { quoted } from "#anrf/program/show.ts";
import type { Type } from "#anrf/program/type.ts";
import { literalValue } from "#anrf/program/value-proto.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { type LocalName, localNames } from "#anrf/text/print-names.ts";
import { scalarText } from "#anrf/text/print-value.ts";
import type { MatchArm, MatchOn, Node } from "#gen/anrf/v1/ir_pb.ts";
import { plainLine } from "./escape.ts";
import type { Shown } from "./shown.ts";

/**
 * Where values come from and where they go, as a flowchart of Mermaid: one box a function; parameters at its start,
 * the result at its end; an arrow from each value to what uses it, with its part in it where that is not plain. Choices
 * are diamonds, loops and lambdas have a box of their own, a dotted arrow leads to the function that is called.
 */
export function graph({ module, annotations }: Shown): string {
  const program = openProgram(module);
  const functions = new Set(module.functions.map((fn) => fn.name));
  const lines = ["flowchart TD"];
  for (const fn of program.functions) {
    const names = localNames(fn, annotations?.functions[fn.index]?.localNames ?? [], functions);
    for (const line of new Drawing(program, fn, names).lines()) lines.push(line);
  }
  return `${lines.join("\n")}\n`;
}

/** Text as a label: what could end it, or mean something to Mermaid, Markdown or HTML, is written by its number. */
function label(text: string): string {
  const plain = Array.from(plainLine(text), (char) =>
    /[\p{L}\p{N}_ .,:=+*/()[\]?!'|·-]/u.test(char) ? char : `#${char.codePointAt(0)};`,
  );
  return `"${plain.length > 0 ? plain.join("") : " "}"`;
}

/** An operator as it is written, another builtin by its id. */
function operatorOf(number: number): string {
  const builtin = builtinByNumber(number);
  if (builtin === undefined) return `builtin ${number}`;
  return /^[^\w.[]+$|^(?:and|or|not)$/.test(builtin.text) ? builtin.text : builtin.id;
}

/** The lines of one function; it lives for one call. */
class Drawing {
  readonly #program: Program;
  readonly #fn: ProgramFunction;
  readonly #names: readonly LocalName[];
  readonly #nodes: string[] = [];
  readonly #edges: string[] = [];
  /** Where the value of a local comes from. */
  readonly #origin = new Map<number, string>();

  constructor(program: Program, fn: ProgramFunction, names: readonly LocalName[]) {
    this.#program = program;
    this.#fn = fn;
    this.#names = names;
  }

  lines(): string[] {
    const { def, index, params, result } = this.#fn;
    params.forEach((type, local) => {
      this.#origin.set(local, this.#node(`p${local}`, `(["`, `${this.#name(local)}: ${type.text}`, `"])`));
    });
    const end = `f${index}_result`;
    const bodyEnd = (id: string): void => {
      this.#edges.push(`${id} --> ${end}`);
    };
    if (def.resultLocal !== undefined) this.#origin.set(def.resultLocal, end);
    def.requires.forEach((clause, at) => {
      this.#promise(
        `requires${at}`,
        clause.label === "" ? "requires" : `requires: ${clause.label}`,
        clause.root,
      );
    });
    bodyEnd(this.#draw(def.body));
    def.ensures.forEach((clause, at) => {
      this.#promise(
        `ensures${at}`,
        clause.label === "" ? "ensures" : `ensures: ${clause.label}`,
        clause.root,
      );
    });
    if (def.decreases !== undefined) this.#promise("decreases", "decreases", def.decreases);
    const isEntry = this.#fn === this.#program.entry ? " (entry)" : "";
    return [
      `subgraph f${index}[${label(`${def.name}${isEntry}`)}]`,
      ...this.#nodes,
      `${end}([${label(`result: ${result.text}`)}])`,
      ...this.#edges,
      "end",
    ].map((line, at, all) => (at === 0 || at === all.length - 1 ? `  ${line}` : `    ${line}`));
  }

  #promise(id: string, text: string, root: number): void {
    const from = this.#draw(root);
    this.#edge(from, this.#node(id, `{{"`, text, `"}}`));
  }

  /** Draws a node and what it uses; gives the id of the box that its value comes out of. */
  #draw(id: number): string {
    const node = this.#at(id);
    const { kind } = node;
    switch (kind.case) {
      case "localRef":
        return this.#origin.get(kind.value.local) ?? this.#box(id, this.#name(kind.value.local));
      case "letIn": {
        const from = this.#draw(kind.value.value);
        const box = this.#box(id, `let ${this.#name(kind.value.local)}`);
        this.#edge(from, box);
        this.#origin.set(kind.value.local, box);
        return this.#draw(kind.value.body);
      }
      case "branch": {
        const { condition, whenTrue, whenFalse } = kind.value;
        return this.#choice(id, "if", [
          [condition, "condition"],
          [whenTrue, "yes"],
          [whenFalse, "no"],
        ]);
      }
      case "matchOn":
        return this.#match(id, kind.value);
      case "lambdaExpr": {
        const box = this.#node(
          `n${id}`,
          `[["`,
          `function (${kind.value.params.map((param) => this.#name(param)).join(", ")})`,
          `"]]`,
        );
        for (const param of kind.value.params) this.#origin.set(param, box);
        this.#edge(this.#draw(kind.value.body), box, "gives");
        return box;
      }
      case "loopWhile": {
        const { state, init, condition, step, invariants, decreases } = kind.value;
        const from = this.#draw(init);
        const box = this.#node(`n${id}`, `[["`, `loop ${this.#name(state)}`, `"]]`);
        this.#origin.set(state, box);
        this.#edge(from, box, "starts as");
        this.#edge(this.#draw(condition), box, "while");
        this.#edge(this.#draw(step), box, "becomes");
        for (const root of invariants) this.#edge(this.#draw(root), box, "invariant");
        if (decreases !== undefined) this.#edge(this.#draw(decreases), box, "decreases");
        return box;
      }
      case "functionCall": {
        const box = this.#operation(
          id,
          `call ${this.#program.functions[kind.value.function]?.def.name ?? ""}`,
          kind.value.args,
        );
        this.#edges.push(`${box} -.-> f${kind.value.function}_result`);
        return box;
      }
      case "getField":
        return this.#operation(id, `field ${this.#fieldName(kind.value.target, kind.value.field)}`, [
          kind.value.target,
        ]);
      default:
        return this.#operation(id, this.#title(node), children(node));
    }
  }

  #match(id: number, { subject, arms }: MatchOn): string {
    const from = this.#draw(subject);
    const box = this.#node(`n${id}`, `{"`, "match", `"}`);
    this.#edge(from, box, "subject");
    for (const arm of arms) {
      for (const binder of arm.binders) this.#origin.set(binder, box);
      this.#edge(this.#draw(arm.body), box, this.#pattern(arm, subject));
    }
    return box;
  }

  #choice(id: number, text: string, parts: readonly (readonly [number, string])[]): string {
    const from = parts.map(([part, title]) => [this.#leaf(part) ?? this.#draw(part), title] as const);
    const box = this.#node(`n${id}`, `{"`, text, `"}`);
    for (const [one, title] of from) this.#edge(one, box, title);
    return box;
  }

  /** A box whose constant operands stand in it, so that the drawing shows what flows. */
  #operation(id: number, title: string, parts: readonly number[]): string {
    const isShown = parts.some((part) => this.#at(part).kind.case === "literal");
    const drawn = parts.map((part) =>
      this.#at(part).kind.case === "literal" ? undefined : this.#draw(part),
    );
    const shown = parts.map((part, index) => (drawn[index] === undefined ? this.#constant(part) : "·"));
    const box = this.#box(id, isShown ? `${title} (${shown.join(", ")})` : title);
    const flows = drawn.filter((one) => one !== undefined).length;
    drawn.forEach((one, index) => {
      if (one !== undefined) this.#edge(one, box, flows > 1 ? String(index + 1) : "");
    });
    return box;
  }

  #leaf(id: number): string | undefined {
    return this.#at(id).kind.case === "literal" ? this.#box(id, this.#constant(id)) : undefined;
  }

  #title(node: Node): string {
    const { kind } = node;
    switch (kind.case) {
      case "literal":
        return scalarText(literalValue(kind.value), this.#type(node.type));
      case "builtinCall":
        return operatorOf(kind.value.builtin);
      case "valueCall":
        return "call of a function value";
      case "extensionCall":
        return `extension ${this.#program.module.extensions[kind.value.extension]?.name ?? ""}`;
      case "makeList":
        return "list";
      case "makeMap":
        return "map";
      case "makeTuple":
        return "tuple";
      case "makeRecord":
        return `record ${this.#type(node.type).text}`;
      case "makeVariant":
        return `case ${this.#caseName(this.#type(node.type), kind.value.caseIndex)}`;
      case "makeOption":
        return kind.value.some === undefined ? "none" : "some";
      case "failWith":
        return `fail ${quoted(kind.value.message)}`;
      case "hole":
        return `hole ${quoted(kind.value.goal)}`;
      default:
        return kind.case ?? "unknown";
    }
  }

  #pattern({ pattern, binders }: MatchArm, subject: number): string {
    const names = binders.length === 0 ? "" : ` (${binders.map((one) => this.#name(one)).join(", ")})`;
    const type = this.#type(this.#at(subject).type);
    const kind = pattern?.kind;
    switch (kind?.case) {
      case "variantCase":
        return `${this.#caseName(type, kind.value)}${names}`;
      case "optionSome":
        return kind.value ? `some${names}` : "none";
      case "literal":
        return scalarText(literalValue(kind.value), type);
      case "wildcard":
      case undefined:
        return "else";
      default:
        throw new Error(`unreachable: ${kind satisfies never}`);
    }
  }

  #caseName(type: Type, index: number): string {
    const cases = type.kind === "variant" ? this.#program.nominals.variants.get(type.name) : undefined;
    return cases?.[index]?.name ?? String(index);
  }

  #fieldName(target: number, field: number): string {
    const type = this.#type(this.#at(target).type);
    const fields = type.kind === "record" ? this.#program.nominals.records.get(type.name) : undefined;
    const { kind } = this.#at(target);
    const name = kind.case === "localRef" ? this.#names[kind.value.local] : undefined;
    return fields?.[field]?.name ?? (typeof name === "object" ? name[field] : undefined) ?? String(field + 1);
  }

  #constant(id: number): string {
    return this.#title(this.#at(id));
  }

  #box(id: number, text: string): string {
    return this.#node(`n${id}`, `["`, text, `"]`);
  }

  #node(id: string, open: string, text: string, close: string): string {
    const whole = `f${this.#fn.index}_${id}`;
    this.#nodes.push(`${whole}${open.slice(0, -1)}${label(text)}${close.slice(1)}`);
    return whole;
  }

  #edge(from: string, to: string, text = ""): void {
    this.#edges.push(text === "" ? `${from} --> ${to}` : `${from} -->|${label(text)}| ${to}`);
  }

  #name(local: number): string {
    const name = this.#names[local] ?? "_";
    return typeof name === "string" ? name : `(${name.join(", ")})`;
  }

  #at(id: number): Node {
    const node = this.#fn.nodes[id];
    if (node === undefined) throw new Error(`node ${id} is out of range`);
    return node;
  }

  #type(id: number): Type {
    const type = this.#program.types[id];
    if (type === undefined) throw new Error(`type ${id} is out of range`);
    return type;
  }
}
