import { type Expr, exprParts, type FunctionExpr, type Local } from "#anrf/build/expr.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { Builtin } from "#gen/anrf/v1/builtins_pb.ts";

/**
 * The function without what lowering leaves behind: lets of what is a name already, lets that are read at once, and
 * lets that nobody reads and that cannot end the program.
 */
export function tidied(fn: FunctionExpr): FunctionExpr {
  let body = fn.body;
  for (let round = 0; round < 4; round++) {
    const next = tidy(body, countUses(body));
    if (next === body) break;
    body = next;
  }
  return { ...fn, body };
}

function countUses(expr: Expr): Map<Local, number> {
  const uses = new Map<Local, number>();
  const pending: Expr[] = [expr];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "local") uses.set(next.local, (uses.get(next.local) ?? 0) + 1);
    for (const part of exprParts(next)) pending.push(part);
  }
  return uses;
}

function tidy(expr: Expr, uses: ReadonlyMap<Local, number>): Expr {
  const made = simplified(rebuilt(expr, (one) => tidy(one, uses)));
  if (made.kind !== "let") return made;
  const { local, value, body } = made;
  if (body.kind === "local" && body.local === local) return value;
  const count = uses.get(local) ?? 0;
  if (count === 0) return isTotal(value) ? body : made;
  if (isName(value)) return replaced(body, local, value);
  const isPart = body.kind === "tuple" && weight(value) <= 8;
  if (count === 1 && (local.name === "" || isPart) && isStrict(body, local))
    return replaced(body, local, value);
  return made;
}

/** `not not a` is a, `if a { true } else { false }` too, and `not (a == b)` is a != b. */
function simplified(expr: Expr): Expr {
  if (expr.kind === "if") {
    const [yes, no] = [truthOf(expr.whenTrue), truthOf(expr.whenFalse)];
    if (yes === true && no === false) return expr.condition;
    if (yes === false && no === true) return simplified(negation(expr.condition));
    return expr;
  }
  const inner = expr.kind === "builtin" && expr.builtin === Builtin.BOOL_NOT ? expr.args[0] : undefined;
  if (inner?.kind !== "builtin") return expr;
  if (inner.builtin === Builtin.BOOL_NOT) return inner.args[0] ?? expr;
  if (inner.builtin === Builtin.EQ) return { ...inner, builtin: Builtin.NE };
  return inner.builtin === Builtin.NE ? { ...inner, builtin: Builtin.EQ } : expr;
}

const truthOf = (expr: Expr): unknown =>
  expr.kind === "literal" && expr.type.kind === "bool" ? expr.value : undefined;
const negation = (expr: Expr): Expr => ({
  kind: "builtin",
  builtin: Builtin.BOOL_NOT,
  args: [expr],
  type: expr.type,
});

function weight(expr: Expr): number {
  return exprParts(expr).reduce((sum, one) => sum + weight(one), 1);
}

/** A local, a literal, or a part of a local: as short as the name would be. */
function isName(expr: Expr): boolean {
  if (expr.kind === "field") return isName(expr.target);
  return (
    expr.kind === "local" ||
    (expr.kind === "literal" && (typeof expr.value !== "string" || expr.value.length < 20))
  );
}

/** True when the expression gives a value whatever its locals are. */
function isTotal(expr: Expr): boolean {
  if (expr.kind === "fail" || expr.kind === "hole" || expr.kind === "call" || expr.kind === "apply")
    return false;
  if (expr.kind === "loop" || expr.kind === "extension") return false;
  if (expr.kind === "builtin" && (builtinByNumber(expr.builtin)?.traps.length ?? 1) > 0) return false;
  return exprParts(expr).every(isTotal);
}

/** Whether the body reads the local on every way, and not inside of a function or loop. */
function isStrict(expr: Expr, local: Local): boolean {
  switch (expr.kind) {
    case "local":
      return expr.local === local;
    case "lambda":
    case "literal":
    case "fail":
    case "hole":
      return false;
    case "if":
      return isStrict(expr.condition, local);
    case "match":
      return isStrict(expr.subject, local);
    case "loop":
      return isStrict(expr.init, local);
    case "builtin": {
      const marks = builtinByNumber(expr.builtin)?.signature.params ?? [];
      return expr.args.some((arg, i) => marks[i]?.mark !== "lazy" && isStrict(arg, local));
    }
    default:
      return exprParts(expr).some((part) => isStrict(part, local));
  }
}

function replaced(expr: Expr, local: Local, value: Expr): Expr {
  if (expr.kind === "local") return expr.local === local ? value : expr;
  return rebuilt(expr, (one) => replaced(one, local, value));
}

/** The expression with its parts changed; itself where none is. */
function rebuilt(expr: Expr, change: (one: Expr) => Expr): Expr {
  const all = (list: readonly Expr[]): readonly Expr[] => {
    const made = list.map(change);
    return made.every((one, i) => one === list[i]) ? list : made;
  };
  switch (expr.kind) {
    case "literal":
    case "local":
    case "fail":
    case "hole":
      return expr;
    case "let": {
      const [value, body] = [change(expr.value), change(expr.body)];
      return value === expr.value && body === expr.body ? expr : { ...expr, value, body };
    }
    case "if": {
      const { condition, whenTrue, whenFalse } = expr;
      const parts = all([condition, whenTrue, whenFalse]);
      const [c = condition, t = whenTrue, f = whenFalse] = parts;
      return c === condition && t === whenTrue && f === whenFalse
        ? expr
        : { ...expr, condition: c, whenTrue: t, whenFalse: f };
    }
    case "match": {
      const subject = change(expr.subject);
      const bodies = all(expr.arms.map((arm) => arm.body));
      const isSame = subject === expr.subject && bodies.every((body, i) => body === expr.arms[i]?.body);
      if (isSame) return expr;
      return { ...expr, subject, arms: expr.arms.map((arm, i) => ({ ...arm, body: bodies[i] ?? arm.body })) };
    }
    case "lambda": {
      const body = change(expr.body);
      return body === expr.body ? expr : { ...expr, body };
    }
    case "builtin":
    case "call":
    case "variant":
    case "extension": {
      const args = all(expr.args);
      return args === expr.args ? expr : { ...expr, args };
    }
    case "apply": {
      const [callee, args] = [change(expr.callee), all(expr.args)];
      return callee === expr.callee && args === expr.args ? expr : { ...expr, callee, args };
    }
    case "list":
    case "map":
    case "tuple":
    case "record": {
      const items = all(expr.items);
      return items === expr.items ? expr : { ...expr, items };
    }
    case "option": {
      if (expr.some === undefined) return expr;
      const some = change(expr.some);
      return some === expr.some ? expr : { ...expr, some };
    }
    case "field": {
      const target = change(expr.target);
      return target === expr.target ? expr : { ...expr, target };
    }
    case "loop": {
      const [init, condition, step] = [change(expr.init), change(expr.condition), change(expr.step)];
      if (init === expr.init && condition === expr.condition && step === expr.step) return expr;
      return { ...expr, init, condition, step };
    }
    default:
      throw new Error(`unreachable: ${expr satisfies never}`);
  }
}
