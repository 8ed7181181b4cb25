import { steps } from "#anrf/program/children.ts";
import type { ProgramFunction } from "#anrf/program/program.ts";
import type { Node } from "#gen/anrf/v1/ir_pb.ts";
import { freshName, isChosenName, nameText, patternNames } from "./words.ts";

/** How a local is written: one name, or a name for each part of a tuple. */
export type LocalName = string | readonly string[];

/**
 * The names of a function's locals as the text writes them (anrf.md §5.3): unique in scope, other than function
 * names, in backticks where reserved; `_` for a local without name or use, `_7` for one without name.
 */
export function localNames(
  fn: ProgramFunction,
  given: readonly string[],
  functions: ReadonlySet<string>,
): readonly LocalName[] {
  const naming = new Naming(fn, given, functions);
  const params = Array.from({ length: fn.def.paramCount }, (_, index) => index);
  const inScope = params.flatMap((param) => naming.bind(param, []));
  const { requires, ensures, decreases, body } = fn.def;
  const measure = decreases === undefined ? [] : [decreases];
  for (const root of [...requires, ...ensures].map((clause) => clause.root).concat(measure, body)) {
    naming.walk(root, inScope);
  }
  return naming.names;
}

class Naming {
  readonly names: LocalName[];
  readonly #fn: ProgramFunction;
  readonly #given: readonly string[];
  readonly #functions: ReadonlySet<string>;
  readonly #uses: readonly Uses[];
  readonly #paramNames: string[] = [];

  constructor(fn: ProgramFunction, given: readonly string[], functions: ReadonlySet<string>) {
    this.#fn = fn;
    this.#given = given;
    this.#functions = functions;
    this.#uses = usesOf(fn);
    this.names = fn.localTypes.map(() => "_");
  }

  /** Names a local and gives the names in scope after it. */
  bind(local: number, outer: readonly string[]): readonly string[] {
    const isParam = local < this.#fn.def.paramCount;
    const visible = isParam ? this.#paramNames : outer;
    const isTaken = (name: string): boolean => this.#functions.has(name) || visible.includes(name);
    const pattern = isParam ? undefined : this.#pattern(local);
    if (pattern !== undefined) {
      const fresh: string[] = [];
      for (const name of pattern) {
        fresh.push(name === "_" ? "_" : freshName(name, (one) => isTaken(one) || fresh.includes(one)));
      }
      this.names[local] = fresh.map(nameText);
      return [...visible, ...fresh];
    }
    const raw = this.#given[local] ?? "";
    const chosen = isChosenName(raw) ? freshName(raw, isTaken) : "";
    const uses = this.#uses[local];
    this.names[local] = chosen !== "" ? nameText(chosen) : uses === undefined ? "_" : `_${local}`;
    if (isParam) this.#paramNames.push(chosen);
    return isParam ? [chosen] : [...visible, chosen];
  }

  walk(id: number, scope: readonly string[]): void {
    const node = this.#fn.nodes[id];
    if (node === undefined) return;
    let inner = scope;
    const isMatch = node.kind.case === "matchOn";
    let wasOperand = false;
    for (const step of steps(node)) {
      if ("bind" in step) {
        if (isMatch && wasOperand) inner = scope; // the names of one arm are not seen by the next
        inner = this.bind(step.bind, inner);
        wasOperand = false;
      } else {
        this.walk(step.operand, isMatch && wasOperand ? scope : inner);
        wasOperand = true;
      }
    }
  }

  /** The names of a tuple's parts, where every use takes a part that has a name. */
  #pattern(local: number): readonly string[] | undefined {
    const names = patternNames(this.#given[local] ?? "");
    const type = this.#fn.localTypes[local];
    if (names === undefined || type?.kind !== "tuple" || type.items.length !== names.length) return undefined;
    const uses = this.#uses[local];
    if (uses?.isWhole === true) return undefined;
    return [...(uses?.parts ?? [])].every((part) => names[part] !== "_") ? names : undefined;
  }
}

interface Uses {
  isWhole: boolean;
  readonly parts: Set<number>;
}

/** How each local is used: as a whole, or by its parts; a hole for a local without uses. */
function usesOf(fn: ProgramFunction): readonly Uses[] {
  const uses: Uses[] = [];
  const partOf = new Map<number, number>();
  fn.nodes.forEach((node: Node) => {
    if (node.kind.case === "getField") partOf.set(node.kind.value.target, node.kind.value.field);
  });
  fn.nodes.forEach((node, id) => {
    if (node.kind.case !== "localRef") return;
    const part = partOf.get(id);
    const { local } = node.kind.value;
    uses[local] ??= { isWhole: false, parts: new Set() };
    if (part === undefined) uses[local].isWhole = true;
    else uses[local].parts.add(part);
  });
  return uses;
}
