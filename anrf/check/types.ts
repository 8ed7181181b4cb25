import { typeOperands } from "#anrf/program/children.ts";
import { resolveTypes } from "#anrf/program/program.ts";
import type { Type, TypeClass } from "#anrf/program/type.ts";
import { MAX_TYPE_DEPTH } from "#anrf/program/type-text.ts";
import type { Module, ScalarKind, TypeDef } from "#gen/anrf/v1/ir_pb.ts";
import type { Findings } from "./findings.ts";
import { isCaseName, isExtensionName, isIdentifier, isTypeName } from "./names.ts";

/** Most types of a module. */
export const MAX_TYPES = 4_096;
/** Most parts of one type when it is written out; sharing in the table could else spell out without end. */
export const MAX_TYPE_PARTS = 1_024;

/** The type table with what the rules ask of a type, by id. */
export interface TypeTable {
  readonly module: Module;
  readonly types: readonly Type[];
  /** Direct operands of each type, as ids; nominal types have none here. */
  readonly parts: readonly (readonly number[])[];
  /** Type ids of the fields of each record. */
  readonly fields: readonly (readonly number[])[];
  readonly has: Readonly<Record<"function" | "float", Uint8Array>>;
}

/** The type table, or undefined where it is so broken (V01, V07, V13) that no other rule can be asked. */
export function typeTable(module: Module, findings: Findings): TypeTable | undefined {
  const before = findings.count;
  if (module.types.length > MAX_TYPES) {
    findings.add("V01", `the module has ${module.types.length} types, at most ${MAX_TYPES} are allowed`);
    return undefined;
  }
  const parts = module.types.map(typeOperands);
  checkOperands(module, parts, findings);
  checkNominals(module, findings);
  if (findings.count === before) checkExtents(parts, findings);
  if (findings.count > before) return undefined;
  const fields = module.records.map((record) => record.fields.map((field) => field.type));
  const types = resolveTypes(module);
  const users = usersOf(module, parts);
  const has = { function: holders(users, types, "function"), float: holders(users, types, "float") };
  const table = { module, types, parts, fields, has };
  checkKeysAndData(table, findings);
  return table;
}

/** True when the type of that id belongs to the class. */
export function isOfClass(table: TypeTable, id: number, cls: TypeClass): boolean {
  if (cls === "any") return true;
  return table.has.function[id] === 0 && (cls !== "key" || table.has.float[id] === 0);
}

/** How the type of that id is written. */
export function textOf(table: TypeTable, id: number): string {
  return table.types[id]?.text ?? `type ${id}`;
}

/** V07 and the arity of tuples (V13). */
function checkOperands(module: Module, parts: readonly (readonly number[])[], findings: Findings): void {
  const seen = new Map<string, number>();
  module.types.forEach(({ kind }, id) => {
    const own = parts[id] ?? [];
    for (const part of own) {
      if (part >= id) findings.add("V07", `type ${id} uses type ${part}, which is not an earlier type`);
    }
    if (kind.case === "recordRef" && kind.value >= module.records.length) {
      findings.add("V07", `type ${id} names record ${kind.value} of ${module.records.length}`);
    }
    if (kind.case === "variantRef" && kind.value >= module.variants.length) {
      findings.add("V07", `type ${id} names variant ${kind.value} of ${module.variants.length}`);
    }
    if (kind.case === "tupleOf" && (own.length < 2 || own.length > 16)) {
      findings.add("V13", `type ${id} is a tuple of ${own.length} parts, a tuple has 2 to 16`);
    }
    const key = typeKey(kind, own);
    const twin = seen.get(key);
    if (twin !== undefined) findings.add("V07", `type ${id} is type ${twin} a second time`);
    seen.set(key, id);
  });
}

function typeKey(kind: TypeDef["kind"], own: readonly number[]): string {
  const id: number | ScalarKind | "" =
    kind.case === "scalar" || kind.case === "recordRef" || kind.case === "variantRef" ? kind.value : "";
  return `${kind.case}:${id}:${own.join(",")}`;
}

/** V13 for declarations, and V07 for the types in them. */
function checkNominals(module: Module, findings: Findings): void {
  const inRange = (type: number, what: string): void => {
    if (type >= module.types.length)
      findings.add("V07", `${what} has type ${type} of ${module.types.length}`);
  };
  const names = new Set<string>();
  const typeName = (name: string, what: string): void => {
    if (!isTypeName(name)) findings.add("V13", `"${shown(name)}" cannot be the name of a ${what}`);
    if (names.has(name)) findings.add("V13", `the type name "${shown(name)}" is declared twice`);
    names.add(name);
  };
  for (const record of module.records) {
    typeName(record.name, "record");
    if (record.fields.length === 0) findings.add("V13", `record "${shown(record.name)}" has no field`);
    uniqueNames(record.fields, isIdentifier, `field of record "${shown(record.name)}"`, findings);
    for (const field of record.fields) inRange(field.type, `field "${shown(field.name)}"`);
  }
  for (const variant of module.variants) {
    typeName(variant.name, "variant");
    if (variant.cases.length === 0) findings.add("V13", `variant "${shown(variant.name)}" has no case`);
    uniqueNames(variant.cases, isCaseName, `case of variant "${shown(variant.name)}"`, findings);
    for (const one of variant.cases)
      for (const type of one.payload) inRange(type, `case "${shown(one.name)}"`);
  }
  uniqueNames(module.extensions, isExtensionName, "extension", findings);
  for (const one of module.extensions)
    for (const type of [...one.params, one.result]) inRange(type, "an extension");
}

function uniqueNames(
  named: readonly { readonly name: string }[],
  isValid: (name: string) => boolean,
  what: string,
  findings: Findings,
): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (!isValid(name)) findings.add("V13", `"${shown(name)}" cannot be the name of a ${what}`);
    if (seen.has(name)) findings.add("V13", `"${shown(name)}" is declared twice as a ${what}`);
    seen.add(name);
  }
}

/** A name as it may stand in a message: short, nothing hidden. */
export function shown(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  return name.slice(0, 64).replace(/[\u0000-\u001f\u007f-\u009f\p{Cf}\p{Cs}]/gu, "�");
}

/** V01: depth and written size of types, before any text of them is made. */
function checkExtents(parts: readonly (readonly number[])[], findings: Findings): void {
  const depths = new Int32Array(parts.length);
  const sizes = new Int32Array(parts.length);
  for (let id = 0; id < parts.length; id++) {
    let depth = 0;
    let size = 1;
    for (const part of parts[id] ?? []) {
      depth = Math.max(depth, depths[part] ?? 0);
      size = Math.min(MAX_TYPE_PARTS + 1, size + (sizes[part] ?? 0));
    }
    depths[id] = depth + 1;
    sizes[id] = size;
    if (depth >= MAX_TYPE_DEPTH) findings.add("V01", `type ${id} nests more than ${MAX_TYPE_DEPTH} levels`);
    if (size > MAX_TYPE_PARTS)
      findings.add("V01", `type ${id} has more than ${MAX_TYPE_PARTS} parts when written out`);
  }
}

/** Which types hold a function, or a float, anywhere inside: spread from the parts to what uses them. */
function holders(
  users: readonly (readonly number[])[],
  types: readonly Type[],
  kind: "function" | "float",
): Uint8Array {
  const holds = new Uint8Array(types.length);
  const pending: number[] = [];
  types.forEach((type, id) => {
    if (type.kind === kind) pending.push(id);
  });
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (holds[id] === 1) continue;
    holds[id] = 1;
    pending.push(...(users[id] ?? []));
  }
  return holds;
}

/** For each type the types that have it as a part, a field or a payload. */
function usersOf(module: Module, parts: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const users = module.types.map((): number[] => []);
  module.types.forEach(({ kind }, id) => {
    for (const part of parts[id] ?? []) users[part]?.push(id);
    for (const part of new Set(nominalParts(module, kind))) users[part]?.push(id);
  });
  return users;
}

function nominalParts(module: Module, kind: TypeDef["kind"]): readonly number[] {
  if (kind.case === "recordRef") return (module.records[kind.value]?.fields ?? []).map((field) => field.type);
  if (kind.case === "variantRef")
    return (module.variants[kind.value]?.cases ?? []).flatMap((one) => one.payload);
  return [];
}

/** V10 and V14: map keys are keys, and no function stands inside data. */
function checkKeysAndData(table: TypeTable, findings: Findings): void {
  const { module, parts } = table;
  module.types.forEach(({ kind }, id) => {
    const [first = 0] = parts[id] ?? [];
    if (kind.case === "mapOf" && !isOfClass(table, first, "key")) {
      findings.add("V10", `${textOf(table, id)} has keys of type ${textOf(table, first)}`);
    }
    if (kind.case === "functionOf") return;
    const inside = [...(parts[id] ?? []), ...nominalParts(module, kind)];
    if (inside.some((part) => table.has.function[part] === 1))
      findings.add("V14", `${textOf(table, id)} holds a function`);
  });
}
