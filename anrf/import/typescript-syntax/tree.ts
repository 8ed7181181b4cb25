import type { SyntaxNode } from "@lezer/common";
import { PythonText } from "#anrf/import/python-syntax/tree.ts";
import type { Param, Source, Statement } from "#anrf/import/source/source.ts";

/** What the readers of expressions need from those of statements, which stand above them. */
export interface Readers {
  readonly block: (text: ScriptText, block: SyntaxNode) => Statement[];
  readonly body: (text: ScriptText, node: SyntaxNode) => Statement[];
  readonly statements: (text: ScriptText, nodes: readonly SyntaxNode[]) => Statement[];
  readonly arrow: (text: ScriptText, node: SyntaxNode) => Source;
  readonly functionValue: (text: ScriptText, node: SyntaxNode) => Source;
  readonly params: (text: ScriptText, list: SyntaxNode) => readonly Param[];
}

/**
 * The text of a TypeScript file while it is read: places and numbers as for Python, and the block scopes that Python
 * does not have. A name declared in a block inside the reach of an equal one goes by another name.
 */
export class ScriptText extends PythonText {
  readonly readers: Readers;
  /** Array literals of these lengths are tuples. */
  readonly tuples: ReadonlySet<number>;
  #scopes: Map<string, Source | string>[] = [new Map()];
  #used = new Set<string>();
  /** What `type Name = …` stands for, by the name. */
  readonly types = new Map<string, SyntaxNode>();
  /** Statements that have to come before the one that is being read: functions with a body of statements. */
  pending: Statement[] = [];
  /** Names of enclosing functions that the function being read gives other values. */
  outer = new Set<string>();
  /** All names that some inner function gives other values: a call may change them. */
  readonly changedByCalls = new Set<string>();
  /** How many scopes stand around the function being read. */
  #base = 0;
  /** Lambdas around what is being read, whose parameters a statement before them cannot see. */
  lambdas = 0;

  constructor(text: string, readers: Readers, tuples: ReadonlySet<number>) {
    super(text);
    this.readers = readers;
    this.tuples = tuples;
  }

  override children(node: SyntaxNode): SyntaxNode[] {
    return super.children(node).filter((one) => !one.name.endsWith("Comment"));
  }

  /** Reads with a scope of its own. */
  scoped<T>(read: () => T): T {
    this.#scopes.push(new Map());
    try {
      return read();
    } finally {
      this.#scopes.pop();
    }
  }

  /** Reads a function: what its statements need before them, and which outer names it changes, is its own. */
  ofFunction<T>(read: () => T): T {
    const { pending, outer, lambdas } = this;
    const base = this.#base;
    this.pending = [];
    this.outer = new Set();
    this.lambdas = 0;
    this.#base = this.#scopes.length;
    try {
      return this.scoped(read);
    } finally {
      this.pending = pending;
      this.outer = outer;
      this.lambdas = lambdas;
      this.#base = base;
    }
  }

  /** Notes that a name is given another value. */
  assigned(name: string): void {
    const index = this.#scopes.findLastIndex((one) => one.has(name));
    const known = this.#scopes[index]?.get(name);
    if (index >= this.#base || typeof known !== "string") return;
    this.outer.add(known);
    this.changedByCalls.add(known);
  }

  /** The name that a declaration goes by. */
  declare(name: string): string {
    const scope = this.#scopes.at(-1);
    const here = scope?.get(name);
    if (typeof here === "string") return here;
    const isTaken = this.#scopes.slice(0, -1).some((one) => one.has(name));
    const made = isTaken ? this.fresh(name) : name;
    this.#used.add(made);
    scope?.set(name, made);
    return made;
  }

  /** Makes a name stand for an expression: a part of a parameter. */
  alias(name: string, stands: Source): void {
    this.#scopes.at(-1)?.set(name, stands);
  }

  /** What a name stands for here; undefined where the file declares none of that name. */
  lookup(name: string): Source | string | undefined {
    return this.#scopes.findLast((one) => one.has(name))?.get(name);
  }

  /** A name that the file does not use. */
  fresh(name: string): string {
    for (let count = 2; ; count++) {
      const made = `${name}_${count}`;
      if (this.#used.has(made) || this.text.includes(made)) continue;
      this.#used.add(made);
      return made;
    }
  }
}

/** The nodes between the first and the last: brackets left out. */
export function inner(text: ScriptText, node: SyntaxNode): SyntaxNode[] {
  return text.children(node).slice(1, -1);
}

/** The only node, or a refusal of what is left over. */
export function only(text: ScriptText, node: SyntaxNode, nodes: readonly SyntaxNode[]): SyntaxNode {
  const [first, second] = nodes;
  return first === undefined || second !== undefined ? text.broken(second ?? node) : first;
}
