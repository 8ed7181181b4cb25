import { coerce } from "#anrf/import/lowering/coerce.ts";
import { changedNames, inBlock, named } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { INTEGER, list, prune } from "#anrf/import/lowering/types.ts";
import { b, type Val } from "#anrf/import/lowering/value.ts";
import { boundBy, readsOf } from "#anrf/import/source/live.ts";
import { isPure } from "#anrf/import/source/names.ts";
import { RefusalError } from "#anrf/import/source/refusal.ts";
import type { Clause, Source, SourceOf, Statement, StatementOf } from "#anrf/import/source/source.ts";
import { chosen, type Exits } from "./exits.ts";

type For = StatementOf<"for">;

/** Loops of a plain shape as the builtin that they are: a map, a filter, a sum, a search. Undefined for all others. */
export function shapedFor(low: Lowering, statement: For, exits: Exits): Val | "done" | undefined {
  if (statement.other.length > 0) return undefined;
  const clauses: Clause[] = [];
  const last = innermost(statement, clauses);
  if (last === undefined || !clauses.every(isPlainClause)) return undefined;
  const targets = new Set(clauses.flatMap((one) => (one.kind === "for" ? boundBy(one.target) : [])));
  const after = exits.live.get(statement) ?? new Set<string>();
  if ([...targets].some((name) => after.has(name))) return undefined;
  if (last.kind === "return") return searched(low, statement, clauses, last, exits);
  return attempted(low, () => collected(low, clauses, last) ?? summed(low, clauses, last))
    ? "done"
    : undefined;
}

/** The one statement at the heart of loops and ifs that hold nothing else. */
function innermost(statement: Statement, clauses: Clause[]): Statement | undefined {
  if (statement.kind === "for" && statement.other.length === 0) {
    clauses.push({ kind: "for", target: statement.target, iter: statement.iter });
    const [only, more] = statement.body;
    return only === undefined || more !== undefined ? undefined : innermost(only, clauses);
  }
  if (statement.kind === "if" && statement.other.length === 0) {
    clauses.push({ kind: "if", test: statement.test });
    const [only, more] = statement.yes;
    return only === undefined || more !== undefined ? undefined : innermost(only, clauses);
  }
  return statement;
}

const isPlainClause = (clause: Clause): boolean =>
  clause.kind === "if" || clause.target.kind === "name" || clause.target.kind === "tuple";

/** What the shape changes is undone where it turns out not to fit. */
function attempted(low: Lowering, run: () => boolean): boolean {
  const { frame } = low;
  const [env, lets] = [new Map(frame.env), [...frame.lets]];
  try {
    if (run()) return true;
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
  }
  frame.env = env;
  frame.lets = lets;
  return false;
}

function comprehensionOf(
  statement: Statement,
  clauses: readonly Clause[],
  value: Source,
  shape: "list" | "gen",
): Source {
  const { id, line, column } = statement;
  return { id: id + 0.5, line, column, kind: "comp", shape, value, clauses };
}

/** `out = []`, then `for x in xs: if c: out.append(f(x))`. */
function collected(low: Lowering, clauses: readonly Clause[], last: Statement): boolean {
  const called = last.kind === "expr" && last.value.kind === "call" ? last.value : undefined;
  const callee = called?.callee;
  const [item, more] = called?.args ?? [];
  if (callee?.kind !== "attr" || callee.name !== "append" || callee.target.kind !== "name") return false;
  if (item === undefined || more !== undefined || item.kind === "star") return false;
  const { name } = callee.target;
  const entry = low.frame.env.get(name);
  if (entry?.val.empty !== true || entry.maybe === true || mentions(name, clauses, item)) return false;
  const ty = prune(entry.val.ty);
  if (ty.k !== "list" || ty.flavour !== "list") return false;
  const made = low.walk.expression(low, comprehensionOf(last, clauses, item, "list"));
  low.observe(made, last);
  const joined = low.join(list(ty.item), made.ty, last);
  const { top } = entry.val;
  const value: Val = { ...coerce(low, made, joined, last), top, inner: made.inner };
  const held = named(low, value, name);
  low.frame.env.set(name, { val: entry.val.sole === true ? { ...held, sole: true } : held });
  return true;
}

/** `total = 0`, then `for x in xs: if c: total += f(x)`, of ints. */
function summed(low: Lowering, clauses: readonly Clause[], last: Statement): boolean {
  if (last.kind !== "augment" || last.op !== "+" || last.target.kind !== "name") return false;
  const { name } = last.target;
  const entry = low.frame.env.get(name);
  if (entry?.val.literal !== 0n || entry.maybe === true || mentions(name, clauses, last.value)) return false;
  const isCount = last.value.kind === "int" && last.value.value === 1n;
  const made = low.walk.expression(
    low,
    comprehensionOf(last, clauses, isCount ? firstTarget(clauses) : last.value, "gen"),
  );
  const ty = prune(made.ty);
  if (ty.k !== "list") return false;
  if (isCount) {
    low.frame.env.set(name, {
      val: named(low, { ...b("list.length", INTEGER, made), nonneg: true, small: true }, name),
    });
    return true;
  }
  if (prune(ty.item).k !== "int") return false;
  low.frame.env.set(name, { val: named(low, b("list.sum_int", INTEGER, made), name) });
  return true;
}

/** What is counted: the items of the innermost loop, whatever they are. */
function firstTarget(clauses: readonly Clause[]): Source {
  const inner = clauses.findLast((one) => one.kind === "for");
  if (inner?.kind !== "for") throw new Error("a shape has no loop");
  const { target } = inner;
  return target.kind === "name" ? target : intSource(target);
}

const intSource = ({ id, line, column }: Source): Source => ({
  id: id + 0.25,
  line,
  column,
  kind: "int",
  value: 1n,
});

function mentions(name: string, clauses: readonly Clause[], value: Source): boolean {
  const read = new Set<string>();
  readsOf(value, read);
  for (const one of clauses) readsOf(one.kind === "for" ? one.iter : one.test, read);
  return read.has(name);
}

/** `for x in xs: if c: return K` with a constant K: whether there is such an x. */
function searched(
  low: Lowering,
  statement: For,
  clauses: readonly Clause[],
  last: StatementOf<"return">,
  exits: Exits,
): Val | undefined {
  const { value } = last;
  const isConstant = value !== undefined && ["bool", "int", "str", "none", "float"].includes(value.kind);
  const test = clauses.at(-1);
  const hasOneTest = clauses.filter((one) => one.kind === "if").length === 1;
  if (!isConstant || test?.kind !== "if" || !hasOneTest || !isPure(test.test) || !isBounded(low, clauses))
    return undefined;
  const { id, line, column } = statement;
  const site = { line, column };
  const comp = {
    ...site,
    id: id + 0.5,
    kind: "comp",
    shape: "gen",
    value: test.test,
    clauses: clauses.slice(0, -1),
  } as const;
  const call: SourceOf<"call"> = {
    ...site,
    id: id + 0.75,
    kind: "call",
    callee: { ...site, id: id + 0.8, kind: "name", name: "any" },
    args: [comp],
    named: [],
  };
  let found: Val | undefined;
  const isFit = attempted(low, () => {
    const block = inBlock(low, () => low.walk.expression(low, call));
    if (changedNames(low, block, block, () => true).length > 0) return false;
    found = low.walk.expression(low, call);
    return prune(found.ty).k === "bool";
  });
  if (!isFit || found === undefined) return undefined;
  const given = inBlock(low, () => exits.give(low.walk.expression(low, value), last));
  const rest = inBlock(low, exits.fall);
  return chosen(low, found, given, rest, statement);
}

/** No loop walks a range that may be far longer than what is looked at: that would make a list of it first. */
function isBounded(low: Lowering, clauses: readonly Clause[]): boolean {
  return clauses.every((one) => {
    if (one.kind !== "for") return true;
    const { iter } = one;
    if (iter.kind !== "call" || iter.callee.kind !== "name" || iter.callee.name !== "range") return true;
    return iter.args.every((arg) => isSmallSource(low, arg));
  });
}

function isSmallSource(low: Lowering, source: Source): boolean {
  if (source.kind === "int") return source.value < 10_000n && source.value > -10_000n;
  if (source.kind === "call")
    return source.callee.kind === "name" && source.callee.name === "len" && !low.frame.env.has("len");
  if (source.kind === "binary") return isSmallSource(low, source.left) && isSmallSource(low, source.right);
  // A name that counts a loop around this one, or a length that was kept.
  return (
    source.kind === "name" &&
    (low.frame.env.get(source.name)?.val.small === true || !low.frame.env.has(source.name))
  );
}
