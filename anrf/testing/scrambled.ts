import { clone, create } from "@bufbuild/protobuf";
import { type FunctionDef, type Module, ModuleSchema, type Node, TypeDefSchema } from "#gen/anrf/v1/ir_pb.ts";

/**
 * The same program in another numbering: functions from last to first, a type that nothing uses before all others, and
 * an unused function at the end. It is not canonical; numbering it again gives the program back.
 */
export function scrambled(module: Module): Module {
  const made = clone(ModuleSchema, module);
  const last = made.functions.length - 1;
  made.entry = last - made.entry;
  made.functions.reverse();
  made.types.unshift(create(TypeDefSchema, { kind: { case: "scalar", value: 1 } }));
  for (const { kind } of made.types.slice(1)) moveType(kind);
  for (const record of made.records) for (const field of record.fields) field.type++;
  for (const variant of made.variants) {
    for (const one of variant.cases) one.payload = one.payload.map((type) => type + 1);
  }
  for (const one of made.extensions) {
    one.params = one.params.map((type) => type + 1);
    one.result++;
  }
  for (const fn of made.functions) moveFunction(fn, last);
  const [first] = made.functions;
  if (first !== undefined)
    made.functions.push({ ...clone(ModuleSchema, made).functions[0], name: "unused" } as FunctionDef);
  return made;
}

function moveType(kind: Module["types"][number]["kind"]): void {
  switch (kind.case) {
    case "listOf":
    case "optionOf":
      kind.value++;
      return;
    case "mapOf":
      kind.value.key++;
      kind.value.value++;
      return;
    case "tupleOf":
      kind.value.elements = kind.value.elements.map((type) => type + 1);
      return;
    case "functionOf":
      kind.value.params = kind.value.params.map((type) => type + 1);
      kind.value.result++;
      return;
    case "scalar":
    case "recordRef":
    case "variantRef":
    case undefined:
      return;
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

function moveFunction(fn: FunctionDef, last: number): void {
  fn.resultType++;
  for (const local of fn.locals) local.type++;
  for (const node of fn.nodes) moveNode(node, last);
}

function moveNode(node: Node, last: number): void {
  node.type++;
  if (node.kind.case === "functionCall") node.kind.value.function = last - node.kind.value.function;
}
