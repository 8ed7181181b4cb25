import type { FunctionDef, Module, Node, TypeDef } from "#gen/anrf/v1/ir_pb.ts";
import { ScalarKind } from "#gen/anrf/v1/ir_pb.ts";
import {
  BOOL,
  DATE,
  DECIMAL,
  FLOAT,
  functionOf,
  INT,
  listOf,
  mapOf,
  type NominalTypes,
  optionOf,
  recordOf,
  STRING,
  type Type,
  tupleOf,
  UNIT,
  variantOf,
} from "./type.ts";

/** A module with its types resolved: what checker, engines and views work on. */
export interface Program {
  readonly module: Module;
  /** types[i] is Module.types[i]. */
  readonly types: readonly Type[];
  readonly nominals: NominalTypes;
  readonly functions: readonly ProgramFunction[];
  readonly entry: ProgramFunction;
}

/** One function with its types resolved. */
export interface ProgramFunction {
  readonly index: number;
  readonly def: FunctionDef;
  readonly nodes: readonly Node[];
  readonly params: readonly Type[];
  readonly result: Type;
  /** localTypes[i] is the type of locals[i]. */
  readonly localTypes: readonly Type[];
}

/**
 * Opens a module whose type table and indices are sound (rules V07, V13 and V17 of the checker). On any other
 * module it throws, naming the index.
 */
export function openProgram(module: Module): Program {
  const types = resolveTypes(module);
  const typeAt = (id: number): Type => at(types, id, "type");
  const functions = module.functions.map((def, index) => {
    const localTypes = def.locals.map((local) => typeAt(local.type));
    return {
      index,
      def,
      nodes: def.nodes,
      localTypes,
      params: localTypes.slice(0, def.paramCount),
      result: typeAt(def.resultType),
    };
  });
  const records = new Map(
    module.records.map((record) => [
      record.name,
      record.fields.map((field) => ({ name: field.name, type: typeAt(field.type) })),
    ]),
  );
  const variants = new Map(
    module.variants.map((variant) => [
      variant.name,
      variant.cases.map((one) => ({ name: one.name, payload: one.payload.map(typeAt) })),
    ]),
  );
  return {
    module,
    types,
    nominals: { records, variants },
    functions,
    entry: at(functions, module.entry, "function"),
  };
}

/** Every type of the table, operands before users. Throws when an operand is not earlier. */
export function resolveTypes(module: Module): readonly Type[] {
  const types: Type[] = [];
  for (const def of module.types) types.push(resolve(def, types, module));
  return types;
}

function resolve(def: TypeDef, earlier: readonly Type[], module: Module): Type {
  const part = (id: number): Type => at(earlier, id, "type operand");
  const kind = def.kind;
  switch (kind.case) {
    case "scalar":
      return scalarOf(kind.value);
    case "listOf":
      return listOf(part(kind.value));
    case "optionOf":
      return optionOf(part(kind.value));
    case "mapOf":
      return mapOf(part(kind.value.key), part(kind.value.value));
    case "tupleOf":
      return tupleOf(kind.value.elements.map(part));
    case "functionOf":
      return functionOf(kind.value.params.map(part), part(kind.value.result));
    case "recordRef":
      return recordOf(at(module.records, kind.value, "record").name);
    case "variantRef":
      return variantOf(at(module.variants, kind.value, "variant").name);
    case undefined:
      throw new Error("a type has no kind");
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

function scalarOf(kind: ScalarKind): Type {
  switch (kind) {
    case ScalarKind.UNIT:
      return UNIT;
    case ScalarKind.BOOL:
      return BOOL;
    case ScalarKind.INT:
      return INT;
    case ScalarKind.FLOAT:
      return FLOAT;
    case ScalarKind.STRING:
      return STRING;
    case ScalarKind.DECIMAL:
      return DECIMAL;
    case ScalarKind.DATE:
      return DATE;
    default:
      throw new Error(`scalar kind ${kind} is not known`);
  }
}

function at<T>(list: readonly T[], index: number, what: string): T {
  const found = list[index];
  if (found === undefined) throw new Error(`${what} ${index} is out of range`);
  return found;
}
