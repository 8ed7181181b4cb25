import { inBlock } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { prune } from "#anrf/import/lowering/types.ts";
import type { Val } from "#anrf/import/lowering/value.ts";
import { allReads, blocksOf, childrenOf, expressionsOf } from "#anrf/import/source/live.ts";
import { isPure } from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Source, Statement, StatementOf } from "#anrf/import/source/source.ts";
import type { Exits } from "./exits.ts";

/** What may fail in an expression: which exceptions it raises, and the test that tells before. */
interface Risk {
  readonly raises: readonly string[];
  readonly guard: Source;
}

/**
 * A try whose body may fail at one place alone, a conversion, look-up or division, is an if on the test for it. All
 * others are refused: a trap cannot be caught.
 */
export function lowerTry(low: Lowering, statement: StatementOf<"try">, exits: Exits): Val | undefined {
  const { body, handlers, other } = statement;
  const risks = body.flatMap((one) => risksOf(low, one));
  const [risk, second] = risks;
  const isFirst = body[0] !== undefined && risksOf(low, body[0]).length === 1;
  if (risk === undefined || second !== undefined || risk === "unknown" || !isFirst) {
    return refuse(
      "try",
      statement,
      "the body of try may fail at more places than one, or at none that is known",
    );
  }
  const handler = handlers.find(
    (one) => one.names.length === 0 || one.names.some((name) => risk.raises.includes(name)),
  );
  if (handler === undefined)
    return refuse("try", statement, `what fails here raises ${risk.raises[0]}, which no except takes`);
  if (handler.bound !== undefined && allReads(handler.body).has(handler.bound)) {
    return refuse("try", handler, "the exception is used as a value");
  }
  const { id, line, column } = statement;
  const choice: Statement = {
    id: id + 0.5,
    line,
    column,
    kind: "if",
    test: risk.guard,
    yes: [...body, ...other],
    other: handler.body,
  };
  const live = new Map(exits.live);
  live.set(choice, exits.live.get(statement) ?? new Set());
  return low.walk.statements(low, [choice], 0, { ...exits, live });
}

function risksOf(low: Lowering, statement: Statement): (Risk | "unknown")[] {
  if (blocksOf(statement).length > 0 || statement.kind === "raise" || statement.kind === "assert")
    return ["unknown"];
  const targets = statement.kind === "assign" ? statement.targets : [];
  return expressionsOf(statement).flatMap((one) =>
    targets.includes(one) && one.kind === "name" ? [] : risks(low, one),
  );
}

const HARMLESS: ReadonlySet<string> = new Set("len str abs bool isinstance list tuple sorted sum".split(" "));

function risks(low: Lowering, source: Source): (Risk | "unknown")[] {
  const inside = childrenOf(source).flatMap((one) => risks(low, one));
  const own = ownRisk(low, source);
  // A part that is not always evaluated, or evaluated many times, cannot be tested before.
  const isLazy = ["logic", "if", "comp", "lambda"].includes(source.kind) && inside.length > 0;
  return isLazy ? ["unknown"] : own === undefined ? inside : [...inside, own];
}

const ALL = ["Exception", "BaseException"];

function ownRisk(low: Lowering, source: Source): Risk | "unknown" | undefined {
  const { id, line, column } = source;
  const site = (part: number): { id: number; line: number; column: number } => ({
    id: id + part,
    line,
    column,
  });
  const compare = (first: Source, op: string, right: Source): Source => ({
    ...site(0.01),
    kind: "compare",
    first,
    rest: [{ op, right }],
  });
  const named = (name: string, args: readonly Source[]): Source => ({
    ...site(0.02),
    kind: "call",
    callee: { ...site(0.03), kind: "name", name },
    args,
    named: [],
  });
  switch (source.kind) {
    case "call": {
      const { callee, args } = source;
      const [only, more] = args;
      const isPlain = only !== undefined && more === undefined && source.named.length === 0 && isPure(only);
      if (callee.kind === "name" && (callee.name === "int" || callee.name === "float") && isPlain) {
        if (kindOf(low, only) !== "str") return kindOf(low, only) === "int" ? undefined : "unknown";
        return { raises: ["ValueError", ...ALL], guard: named(`%is_${callee.name}`, [only]) };
      }
      if (callee.kind === "attr" && callee.name === "index" && isPlain && isPure(callee.target)) {
        return { raises: ["ValueError", ...ALL], guard: compare(only, "in", callee.target) };
      }
      if (callee.kind === "name" && HARMLESS.has(callee.name)) return undefined;
      const isReader =
        callee.kind === "attr" &&
        ["strip", "lower", "upper", "append", "extend", "add", "get"].includes(callee.name);
      return isReader ? undefined : "unknown";
    }
    case "index": {
      if (!isPure(source)) return "unknown";
      const kind = kindOf(low, source.target);
      if (kind === "tuple" && source.index.kind === "int") return undefined;
      if (kind === "dict")
        return {
          raises: ["KeyError", "LookupError", ...ALL],
          guard: compare(source.index, "in", source.target),
        };
      if (kind !== "list" && kind !== "str") return "unknown";
      const length = named("len", [source.target]);
      const least: Source = { ...site(0.04), kind: "unary", op: "-", operand: length };
      const guard: Source = {
        ...site(0.05),
        kind: "compare",
        first: least,
        rest: [
          { op: "<=", right: source.index },
          { op: "<", right: length },
        ],
      };
      return { raises: ["IndexError", "LookupError", ...ALL], guard };
    }
    case "binary": {
      if (!["/", "//", "%"].includes(source.op)) return source.op === "**" ? "unknown" : undefined;
      if (source.op === "%" && kindOf(low, source.left) === "str") return undefined;
      if (source.right.kind === "int" && source.right.value !== 0n) return undefined;
      if (!isPure(source.right)) return "unknown";
      const zero: Source = { ...site(0.06), kind: "int", value: 0n };
      return {
        raises: ["ZeroDivisionError", "ArithmeticError", ...ALL],
        guard: compare(source.right, "!=", zero),
      };
    }
    default:
      return undefined;
  }
}

function kindOf(low: Lowering, source: Source): string {
  return prune(inBlock(low, () => low.walk.expression(low, source)).val.ty).k;
}
