import type { Expr } from "#anrf/build/expr.ts";
import type { NominalTypes, Type } from "#anrf/program/type.ts";
import { Some, SortedMap, type Value, Variant } from "#anrf/program/value.ts";
import { MAX_VALUE_DEPTH } from "#anrf/program/value-json.ts";
import { valueToProto } from "#anrf/program/value-proto.ts";
import type { Value as ProtoValue } from "#gen/anrf/v1/artifact_pb.ts";
import { type Place, refuse } from "./problems.ts";

/** The value of an expression that is made of literals and data only; refuses any other. */
export function constantValue(expr: Expr, at: Place, nominals: NominalTypes): ProtoValue {
  return valueToProto(read(expr, at, 1), expr.type, nominals);
}

function read(expr: Expr, at: Place, depth: number): Value {
  if (depth > MAX_VALUE_DEPTH) refuse("P07", at, `a value may nest ${MAX_VALUE_DEPTH} levels`);
  const go = (part: Expr): Value => read(part, at, depth + 1);
  switch (expr.kind) {
    case "literal":
      return expr.value;
    case "list":
    case "tuple":
    case "record":
      return expr.items.map(go);
    case "option":
      return expr.some === undefined ? null : new Some(go(expr.some));
    case "variant":
      return new Variant(expr.caseIndex, expr.args.map(go));
    case "map": {
      const entries: [Value, Value][] = [];
      for (let index = 0; index + 1 < expr.items.length; index += 2) {
        const [key, value] = expr.items.slice(index, index + 2).map(go);
        entries.push([key ?? null, value ?? null]);
      }
      refuseFunctions(expr.type, at);
      return SortedMap.fromEntries(entries);
    }
    default:
      return refuse("P20", at, "an example holds constants only");
  }
}

function refuseFunctions(type: Type, at: Place): void {
  if (type.kind === "map" && type.key.kind === "function") refuse("P20", at, "a function is no key");
}
