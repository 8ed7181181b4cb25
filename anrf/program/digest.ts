import { create } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { type Digest, DigestAlgorithm, DigestSchema } from "#gen/anrf/v1/artifact_pb.ts";
import {
  type FunctionDef,
  FunctionDefSchema,
  HoleSchema,
  type Module,
  type Node,
  NodeSchema,
} from "#gen/anrf/v1/ir_pb.ts";
import { canonicalModule, moduleBytes } from "./canonical.ts";
import { children, steps } from "./children.ts";

/** Domain prefixes of profile ANRF1: the same bytes hash differently as module, spec and node. */
export const DIGEST_DOMAINS = {
  module: "anrf.v1.Module\0",
  spec: "anrf.v1.Spec\0",
  node: "anrf.v1.Node\0",
} as const;

/** What is hashed. */
export type DigestDomain = keyof typeof DIGEST_DOMAINS;

const PREFIX = "anrf1:";

/** SHA-256(domain prefix ‖ bytes), 32 bytes. */
export function digestBytes(domain: DigestDomain, bytes: Uint8Array): Uint8Array {
  return sha256.create().update(utf8ToBytes(DIGEST_DOMAINS[domain])).update(bytes).digest();
}

/** The digest of stored module bytes as text: `anrf1:` and 64 hex digits. */
export function moduleDigest(bytes: Uint8Array): string {
  return PREFIX + bytesToHex(digestBytes("module", bytes));
}

/** The digest of stored spec bytes as text. */
export function specDigest(bytes: Uint8Array): string {
  return PREFIX + bytesToHex(digestBytes("spec", bytes));
}

/** The message that stands in a header or an attestation for bytes of that domain. */
export function digestMessage(domain: DigestDomain, bytes: Uint8Array): Digest {
  return create(DigestSchema, { algorithm: DigestAlgorithm.ANRF1_SHA256, value: digestBytes(domain, bytes) });
}

/** `anrf1:<hex>` of a digest message; undefined where the algorithm is not known or the length is wrong. */
export function digestText(digest: Digest | undefined): string | undefined {
  if (digest?.algorithm !== DigestAlgorithm.ANRF1_SHA256 || digest.value.length !== 32) return undefined;
  return PREFIX + bytesToHex(digest.value);
}

/** The 32 bytes of `anrf1:<hex>`, or undefined where the text is no digest. */
export function parseDigest(text: string): Uint8Array | undefined {
  return /^anrf1:[0-9a-f]{64}$/.test(text) ? hexToBytes(text.slice(PREFIX.length)) : undefined;
}

/**
 * Node hash of anrf.md §9, 32 bytes: it depends on the sub-tree alone, not on where it stands nor on the names of
 * locals. Callees stand in it by name, parameter types and result type only.
 */
export function nodeHash(module: Module, functionIndex: number, nodeId: number): Uint8Array {
  const fn = module.functions[functionIndex];
  if (fn?.nodes[nodeId] === undefined)
    throw new Error(`node ${nodeId} of function ${functionIndex} is out of range`);
  const subtree = subtreeOf(fn, nodeId);
  const alone = create(FunctionDefSchema, { resultType: fn.nodes[nodeId]?.type ?? 0, locals: [], nodes: [] });
  const locals = relocate(fn, subtree, alone);
  const ids = new Map(subtree.map((id, index) => [id, index]));
  alone.nodes = subtree.map((id) => moved(fn.nodes[id], ids, locals, 1));
  alone.body = subtree.length - 1;
  const whole = { ...module, entry: 0, functions: [alone, ...module.functions.map(headerOf)] };
  const canonical = canonicalModule(whole);
  for (const callee of canonical.functions.slice(1)) Object.assign(callee, { nodes: [], body: 0 });
  return digestBytes("node", moduleBytes(canonical));
}

/** Ids below a node in post-order, by an explicit stack. */
function subtreeOf(fn: FunctionDef, root: number): readonly number[] {
  const reversed: number[] = [];
  const pending = [root];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = fn.nodes[id];
    if (node === undefined) throw new Error(`node ${id} is out of range`);
    reversed.push(id);
    pending.push(...children(node));
  }
  return reversed.reverse();
}

/** Free locals become the parameters, by first use; bound ones follow. */
function relocate(
  fn: FunctionDef,
  subtree: readonly number[],
  alone: FunctionDef,
): ReadonlyMap<number, number> {
  const bound = new Set<number>();
  const used = new Set<number>();
  for (const id of subtree) {
    const node = fn.nodes[id];
    if (node === undefined) continue;
    for (const step of steps(node)) if ("bind" in step) bound.add(step.bind);
    if (node.kind.case === "localRef") used.add(node.kind.value.local);
  }
  const free = [...used].filter((local) => !bound.has(local));
  const order = [...free, ...bound];
  alone.paramCount = free.length;
  alone.locals = order.map((local) => ({ $typeName: "anrf.v1.LocalDef", type: fn.locals[local]?.type ?? 0 }));
  return new Map(order.map((local, index) => [local, index]));
}

/** A function with its header alone; the hole keeps the traversal whole and is dropped from the bytes. */
function headerOf(fn: FunctionDef): FunctionDef {
  const hole = create(NodeSchema, { type: fn.resultType, kind: { case: "hole", value: create(HoleSchema) } });
  const { name, paramCount, resultType } = fn;
  const locals = fn.locals.slice(0, paramCount);
  return create(FunctionDefSchema, { name, paramCount, resultType, locals, nodes: [hole], body: 0 });
}

function moved(
  node: Node | undefined,
  ids: ReadonlyMap<number, number>,
  locals: ReadonlyMap<number, number>,
  functionShift: number,
): Node {
  if (node === undefined) throw new Error("a node of the sub-tree is out of range");
  const id = (old: number): number => ids.get(old) ?? 0;
  const local = (old: number): number => locals.get(old) ?? 0;
  return { ...node, kind: movedKind(node.kind, id, local, functionShift) };
}

function movedKind(
  kind: Node["kind"],
  id: (old: number) => number,
  local: (old: number) => number,
  shift: number,
): Node["kind"] {
  switch (kind.case) {
    case "literal":
    case "failWith":
    case "hole":
    case undefined:
      return kind;
    case "localRef":
      return { case: kind.case, value: { ...kind.value, local: local(kind.value.local) } };
    case "letIn": {
      const { value, body } = kind.value;
      return {
        case: kind.case,
        value: { ...kind.value, local: local(kind.value.local), value: id(value), body: id(body) },
      };
    }
    case "branch": {
      const { condition, whenTrue, whenFalse } = kind.value;
      const made = { condition: id(condition), whenTrue: id(whenTrue), whenFalse: id(whenFalse) };
      return { case: kind.case, value: { ...kind.value, ...made } };
    }
    case "matchOn": {
      const arms = kind.value.arms.map((arm) => ({
        ...arm,
        binders: arm.binders.map(local),
        body: id(arm.body),
      }));
      return { case: kind.case, value: { ...kind.value, subject: id(kind.value.subject), arms } };
    }
    case "lambdaExpr":
      return {
        case: kind.case,
        value: { ...kind.value, params: kind.value.params.map(local), body: id(kind.value.body) },
      };
    case "functionCall": {
      const made = { function: kind.value.function + shift, args: kind.value.args.map(id) };
      return { case: kind.case, value: { ...kind.value, ...made } };
    }
    case "builtinCall":
      return { case: kind.case, value: { ...kind.value, args: kind.value.args.map(id) } };
    case "makeVariant":
      return { case: kind.case, value: { ...kind.value, args: kind.value.args.map(id) } };
    case "extensionCall":
      return { case: kind.case, value: { ...kind.value, args: kind.value.args.map(id) } };
    case "valueCall":
      return {
        case: kind.case,
        value: { ...kind.value, callee: id(kind.value.callee), args: kind.value.args.map(id) },
      };
    case "makeList":
    case "makeMap":
    case "makeTuple":
    case "makeRecord":
      return { case: kind.case, value: { ...kind.value, items: kind.value.items.map(id) } } as Node["kind"];
    case "makeOption":
      return kind.value.some === undefined
        ? kind
        : { case: kind.case, value: { ...kind.value, some: id(kind.value.some) } };
    case "getField":
      return { case: kind.case, value: { ...kind.value, target: id(kind.value.target) } };
    case "loopWhile": {
      const loop = kind.value;
      const made = {
        state: local(loop.state),
        init: id(loop.init),
        condition: id(loop.condition),
        step: id(loop.step),
        invariants: loop.invariants.map(id),
      };
      const measure = loop.decreases === undefined ? {} : { decreases: id(loop.decreases) };
      return { case: kind.case, value: { ...loop, ...made, ...measure } };
    }
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}
