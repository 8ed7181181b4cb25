import type { FunctionSource, Param, Source, Statement } from "./source.ts";

/** For each statement the names that are read after it, before they are assigned again. */
export type Liveness = ReadonlyMap<Statement, ReadonlySet<string>>;

type Names = ReadonlySet<string>;

const NO_NAMES: Names = new Set();

interface Ends {
  readonly brk: Names;
  readonly cont: Names;
}

/**
 * Backward liveness of names (Aho, Lam, Sethi, Ullman §9.2.5). What a nested function reads counts as read by every
 * call, so by every statement that names the function.
 */
export function livenessOf(fn: FunctionSource, atEnd: Names): Liveness {
  const nested = new Map<string, Names>();
  collectNested(fn.body, nested);
  const live = new Map<Statement, Set<string>>();
  block(fn.body, atEnd, { brk: NO_NAMES, cont: NO_NAMES }, atEnd, { live, nested });
  return live;
}

interface Pass {
  readonly live: Map<Statement, Set<string>>;
  readonly nested: ReadonlyMap<string, Names>;
}

function block(
  statements: readonly Statement[],
  after: Names,
  ends: Ends,
  atReturn: Names,
  pass: Pass,
): Names {
  let live = after;
  for (const statement of statements.toReversed()) {
    const known = pass.live.get(statement);
    if (known === undefined) pass.live.set(statement, new Set(live));
    else for (const name of live) known.add(name);
    live = before(statement, live, ends, atReturn, pass);
  }
  return live;
}

function before(statement: Statement, after: Names, ends: Ends, atReturn: Names, pass: Pass): Names {
  const reads = (...sources: readonly (Source | undefined)[]): Set<string> => {
    const found = new Set<string>();
    for (const source of sources) if (source !== undefined) readsOf(source, found);
    for (const name of [...found]) for (const one of pass.nested.get(name) ?? []) found.add(one);
    return found;
  };
  switch (statement.kind) {
    case "assign": {
      const left = new Set(after);
      for (const target of statement.targets) for (const name of boundBy(target)) left.delete(name);
      const parts = statement.targets.filter((target) => target.kind !== "name");
      return both(left, reads(statement.value, ...parts.map(withoutNames)));
    }
    case "augment":
      return both(after, reads(statement.target, statement.value));
    case "expr":
      return both(after, reads(statement.value));
    case "assert":
      return both(after, reads(statement.test));
    case "del":
      return both(after, reads(...statement.targets));
    case "return":
      return both(atReturn, reads(statement.value));
    case "raise":
      return NO_NAMES;
    case "break":
      return ends.brk;
    case "continue":
      return ends.cont;
    case "if": {
      const yes = block(statement.yes, after, ends, atReturn, pass);
      const other = block(statement.other, after, ends, atReturn, pass);
      return both(both(yes, other), reads(statement.test));
    }
    case "while": {
      const done = block(statement.other, after, ends, atReturn, pass);
      let head = both(done, reads(statement.test));
      for (let size = -1; size !== head.size; ) {
        size = head.size;
        const body = block(statement.body, head, { brk: after, cont: head }, atReturn, pass);
        head = both(head, body);
      }
      return head;
    }
    case "for": {
      const done = block(statement.other, after, ends, atReturn, pass);
      let head = done;
      for (let size = -1; size !== head.size; ) {
        size = head.size;
        const body = new Set(block(statement.body, head, { brk: after, cont: head }, atReturn, pass));
        for (const name of boundBy(statement.target)) body.delete(name);
        head = both(head, body);
      }
      return both(head, reads(statement.iter));
    }
    case "try": {
      let live = block(statement.other, after, ends, atReturn, pass);
      for (const handler of statement.handlers)
        live = both(live, block(handler.body, after, ends, atReturn, pass));
      return both(live, block(statement.body, live, ends, atReturn, pass));
    }
    case "def": {
      const left = new Set(after);
      left.delete(statement.fn.name);
      return left;
    }
    case "pass":
    case "declare":
    case "outer":
      return after;
    default:
      throw new Error(`unreachable: ${statement satisfies never}`);
  }
}

function both(a: Names, b: Names): Names {
  if (b.size === 0) return a;
  const all = new Set(a);
  for (const name of b) all.add(name);
  return all;
}

/** A target without the names that it binds: what it reads. */
function withoutNames(target: Source): Source | undefined {
  if (target.kind === "name") return undefined;
  if (target.kind === "star") return withoutNames(target.value);
  if (target.kind !== "tuple" && target.kind !== "list") return target;
  const items = target.items.map(withoutNames).filter((one) => one !== undefined);
  return { ...target, items };
}

/** The names that an assignment to the target binds. */
export function boundBy(target: Source): string[] {
  switch (target.kind) {
    case "name":
      return [target.name];
    case "tuple":
    case "list":
      return target.items.flatMap(boundBy);
    case "star":
      return boundBy(target.value);
    default:
      return [];
  }
}

/** The name at the root of a[i].b[j], or undefined. */
export function rootOf(source: Source): string | undefined {
  if (source.kind === "name") return source.name;
  if (source.kind === "index" || source.kind === "slice" || source.kind === "attr")
    return rootOf(source.target);
  return undefined;
}

const READS = new WeakMap<Source, ReadonlySet<string>>();

/** Adds the names that an expression reads and does not bind itself. */
export function readsOf(source: Source, found: Set<string>): void {
  let known = READS.get(source);
  if (known === undefined) {
    const fresh = new Set<string>();
    collectReads(source, fresh);
    known = fresh;
    READS.set(source, known);
  }
  for (const name of known) found.add(name);
}

function collectReads(source: Source, found: Set<string>): void {
  if (source.kind === "name") found.add(source.name);
  if (source.kind === "comp" || source.kind === "lambda") {
    const inside = new Set<string>();
    for (const child of childrenOf(source)) readsOf(child, inside);
    const bound =
      source.kind === "lambda"
        ? source.params.map((param) => param.name)
        : source.clauses.flatMap((clause) => (clause.kind === "for" ? boundBy(clause.target) : []));
    const first = source.kind === "comp" ? source.clauses[0] : undefined;
    for (const name of inside) if (!bound.includes(name)) found.add(name);
    if (first?.kind === "for") readsOf(first.iter, found);
    return;
  }
  for (const child of childrenOf(source)) readsOf(child, found);
}

/** The direct parts of an expression. */
export function childrenOf(source: Source): readonly Source[] {
  const some = (...parts: readonly (Source | undefined)[]): Source[] =>
    parts.filter((one) => one !== undefined);
  switch (source.kind) {
    case "int":
    case "float":
    case "str":
    case "bool":
    case "none":
    case "name":
      return [];
    case "list":
    case "tuple":
    case "set":
      return source.items;
    case "dict":
      return source.items.flatMap((item) => [item.key, item.value]);
    case "star":
      return [source.value];
    case "unary":
      return [source.operand];
    case "binary":
    case "logic":
      return [source.left, source.right];
    case "compare":
      return [source.first, ...source.rest.map((one) => one.right)];
    case "if":
      return [source.test, source.yes, source.other];
    case "call":
      return [source.callee, ...source.args, ...source.named.map((one) => one.value)];
    case "attr":
      return [source.target];
    case "index":
      return [source.target, source.index];
    case "slice":
      return some(source.target, source.from, source.to, source.step);
    case "lambda":
      return some(source.body, ...source.params.map((param: Param) => param.fallback));
    case "comp": {
      const clauses = source.clauses.flatMap((one) =>
        one.kind === "for" ? [one.target, one.iter] : [one.test],
      );
      return some(source.key, source.value, ...clauses);
    }
    case "format":
      return source.parts.flatMap(function inside(one): Source[] {
        return typeof one === "string" ? [] : [one.value, ...one.spec.flatMap(inside)];
      });
    case "walrus":
      return [source.value];
    default:
      throw new Error(`unreachable: ${source satisfies never}`);
  }
}

/** The expressions of a statement, without those of statements inside it. */
export function expressionsOf(statement: Statement): readonly Source[] {
  switch (statement.kind) {
    case "assign":
      return [statement.value, ...statement.targets];
    case "augment":
      return [statement.target, statement.value];
    case "expr":
      return [statement.value];
    case "if":
    case "while":
    case "assert":
      return [statement.test];
    case "for":
      return [statement.iter, statement.target];
    case "return":
      return statement.value === undefined ? [] : [statement.value];
    case "del":
      return statement.targets;
    default:
      return [];
  }
}

/** The statements directly inside a statement, nested functions left out. */
export function blocksOf(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.kind) {
    case "if":
      return [statement.yes, statement.other];
    case "while":
    case "for":
      return [statement.body, statement.other];
    case "try":
      return [statement.body, ...statement.handlers.map((one) => one.body), statement.other];
    default:
      return [];
  }
}

const ALL_READS = new WeakMap<readonly Statement[], ReadonlySet<string>>();

/** All names that statements read, with those of nested functions that are not their own. */
export function allReads(statements: readonly Statement[]): Set<string> {
  const known = ALL_READS.get(statements);
  if (known !== undefined) return new Set(known);
  const found = readsOfAll(statements);
  ALL_READS.set(statements, found);
  return new Set(found);
}

function readsOfAll(statements: readonly Statement[]): Set<string> {
  const found = new Set<string>();
  const walk = (list: readonly Statement[]): void => {
    for (const statement of list) {
      for (const source of expressionsOf(statement)) readsOf(source, found);
      for (const inside of blocksOf(statement)) walk(inside);
      if (statement.kind === "def") for (const name of freeNames(statement.fn)) found.add(name);
      if (statement.kind === "outer") for (const name of statement.names) found.add(name);
    }
  };
  walk(statements);
  return found;
}

/** The names that statements bind, in order; nested functions are left out. */
export function assignedIn(statements: readonly Statement[]): Set<string> {
  const found = new Set<string>();
  const inExpression = (source: Source): void => {
    if (source.kind === "walrus") found.add(source.name);
    for (const child of childrenOf(source)) inExpression(child);
  };
  const walk = (list: readonly Statement[]): void => {
    for (const statement of list) {
      if (statement.kind === "assign") for (const name of statement.targets.flatMap(boundBy)) found.add(name);
      if (statement.kind === "augment") for (const name of boundBy(statement.target)) found.add(name);
      if (statement.kind === "for") for (const name of boundBy(statement.target)) found.add(name);
      if (statement.kind === "def") found.add(statement.fn.name);
      for (const source of expressionsOf(statement)) inExpression(source);
      for (const inside of blocksOf(statement)) walk(inside);
    }
  };
  walk(statements);
  return found;
}

/** The names that a function reads or declares `nonlocal` and does not bind itself. */
export function freeNames(fn: FunctionSource): Set<string> {
  const own = assignedIn(fn.body);
  for (const param of fn.params) own.add(param.name);
  const outer = outerNames(fn.body);
  for (const name of outer) own.delete(name);
  const free = new Set<string>();
  for (const name of allReads(fn.body)) if (!own.has(name)) free.add(name);
  for (const name of outer) free.add(name);
  return free;
}

function outerNames(statements: readonly Statement[]): Set<string> {
  const found = new Set<string>();
  for (const statement of statements) {
    if (statement.kind === "outer") for (const name of statement.names) found.add(name);
    for (const inside of blocksOf(statement)) for (const name of outerNames(inside)) found.add(name);
  }
  return found;
}

function collectNested(statements: readonly Statement[], nested: Map<string, Names>): void {
  for (const statement of statements) {
    if (statement.kind === "def") nested.set(statement.fn.name, freeNames(statement.fn));
    for (const inside of blocksOf(statement)) collectNested(inside, nested);
  }
  // Nested functions call each other: what one reads the other reads too.
  for (let grew = true; grew; ) {
    grew = false;
    for (const [name, reads] of nested) {
      const all = new Set(reads);
      for (const one of reads) for (const more of nested.get(one) ?? []) all.add(more);
      if (all.size > reads.size) {
        nested.set(name, all);
        grew = true;
      }
    }
  }
}
