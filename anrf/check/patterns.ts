import { type Type, typeParts } from "#anrf/program/type.ts";
import { type Builtin, builtinByNumber } from "#anrf/std/catalogue.ts";
import { isOfClass, type TypeTable } from "./types.ts";

/** A type of a signature, ready to be compared with type ids: a variable by number, or a kind with its parts. */
type Shape =
  | { readonly variable: number }
  | { readonly variable: -1; readonly kind: Type["kind"]; readonly parts: readonly Shape[] };

/** The signature of a builtin as shapes. */
interface Shapes {
  readonly entry: Builtin;
  readonly params: readonly Shape[];
  readonly result: Shape;
  readonly variables: readonly Type[];
}

const NO_PARTS: readonly number[] = [];

/**
 * Compares calls of builtins with their signatures by type ids alone: a module of many calls makes no type text.
 * It lives for one check.
 */
export class Patterns {
  readonly #table: TypeTable;
  readonly #known = new Map<number, Shapes | undefined>();
  readonly #bound = new Int32Array(8);

  constructor(table: TypeTable) {
    this.#table = table;
  }

  /** The first thing that is wrong with a call, lower case, or undefined. */
  misfit(builtin: number, args: readonly number[], result: number): Misfit | undefined {
    const shapes = this.#shapes(builtin);
    if (shapes === undefined) return { code: "V09", message: `builtin ${builtin} is not known` };
    const { entry, params } = shapes;
    if (args.length !== params.length) {
      return { code: "V09", message: `${entry.id} takes ${params.length} arguments, found ${args.length}` };
    }
    this.#bound.fill(-1);
    for (let index = 0; index < params.length; index++) {
      if (this.#matches(params[index] as Shape, args[index] as number)) continue;
      const found = this.#text(args[index] as number);
      return {
        code: "V09",
        message: `argument ${index + 1} of ${entry.id} has type ${found}, which ${entry.signature.text} does not take`,
      };
    }
    if (!this.#matches(shapes.result, result)) {
      return {
        code: "V08",
        message: `the node has type ${this.#text(result)}, which ${entry.id} does not give: ${entry.signature.text}`,
      };
    }
    return this.#classMisfit(shapes);
  }

  #classMisfit({ entry, variables }: Shapes): Misfit | undefined {
    for (let index = 0; index < variables.length; index++) {
      const variable = variables[index];
      const bound = this.#bound[index] ?? -1;
      if (variable?.kind !== "var" || bound === -1 || isOfClass(this.#table, bound, variable.class)) continue;
      return {
        code: "V09",
        message: `${entry.id} needs a type of class ${variable.class}, and ${this.#text(bound)} is none`,
      };
    }
    return undefined;
  }

  #shapes(builtin: number): Shapes | undefined {
    if (this.#known.has(builtin)) return this.#known.get(builtin);
    const entry = builtinByNumber(builtin);
    const shapes = entry === undefined ? undefined : shapesOf(entry);
    this.#known.set(builtin, shapes);
    return shapes;
  }

  #matches(shape: Shape, id: number): boolean {
    if (shape.variable >= 0) {
      const bound = this.#bound[shape.variable] ?? -1;
      if (bound === -1) this.#bound[shape.variable] = id;
      return bound === -1 || bound === id;
    }
    if (shape.variable !== -1 || !("kind" in shape)) return false;
    if (this.#table.types[id]?.kind !== shape.kind) return false;
    const parts = this.#table.parts[id] ?? NO_PARTS;
    if (parts.length !== shape.parts.length) return false;
    for (let index = 0; index < parts.length; index++) {
      if (!this.#matches(shape.parts[index] as Shape, parts[index] as number)) return false;
    }
    return true;
  }

  #text(id: number): string {
    return this.#table.types[id]?.text ?? `type ${id}`;
  }
}

/** What is wrong with a call. */
export interface Misfit {
  readonly code: "V08" | "V09";
  readonly message: string;
}

function shapesOf(entry: Builtin): Shapes {
  const names = [...entry.signature.vars.keys()];
  const shape = (type: Type): Shape =>
    type.kind === "var"
      ? { variable: names.indexOf(type.name) }
      : { variable: -1, kind: type.kind, parts: typeParts(type).map(shape) };
  return {
    entry,
    params: entry.signature.params.map((param) => shape(param.type)),
    result: shape(entry.signature.result),
    variables: [...entry.signature.vars.values()],
  };
}
