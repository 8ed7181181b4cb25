import { Some, SortedMap, type Value, Variant } from "#anrf/program/value.ts";
import { literalValue } from "#anrf/program/value-proto.ts";
import { isOneLeaf, levels } from "#anrf/std/cost.ts";
import { leavesOfAll } from "#anrf/std/leaves.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { LambdaExpr, LetIn, Node } from "#gen/anrf/v1/ir_pb.ts";
import { builtinCode } from "./builtins.ts";
import { type Code, charged, codeAt, type Frame, type Site, TAIL } from "./code.ts";
import { loopCode } from "./loops.ts";
import { matchCode } from "./matches.ts";
import { ACTIVATION_WEIGHT } from "./meter.ts";

const LIST_BYTES = 16;
const SLOT_BYTES = 8;
const VARIANT_BYTES = 32;

/** The closure of one node; the closures of its operands are in `site.codes`. */
export function nodeCode(site: Site, node: Node, id: number): Code {
  const kind = node.kind;
  const { meter, base } = site;
  switch (kind.case) {
    case "literal": {
      const value = literalValue(kind.value);
      return () => value;
    }
    case "localRef": {
      const local = kind.value.local;
      return (frame) => frame[local] as Value;
    }
    case "letIn":
      return letCode(site, kind.value);
    case "branch": {
      const { condition, whenTrue, whenFalse } = kind.value;
      return branchCode(site, codeAt(site, condition), whenTrue, whenFalse);
    }
    case "matchOn":
      return matchCode(site, kind.value);
    case "lambdaExpr":
      return lambdaCode(site, kind.value);
    case "builtinCall":
      return builtinCode(site, node, kind.value, id);
    case "valueCall":
      return valueCallCode(site, codeAt(site, kind.value.callee), codesOf(site, kind.value.args));
    case "functionCall":
      return functionCallCode(site, kind.value.function, codesOf(site, kind.value.args), id);
    case "makeList":
      return listCode(site, codesOf(site, kind.value.items), id);
    case "makeMap":
      return mapCode(site, codesOf(site, kind.value.items), node.type, id);
    case "makeTuple":
    case "makeRecord":
      return itemsCode(codesOf(site, kind.value.items));
    case "makeVariant":
      return variantCode(site, kind.value.caseIndex, codesOf(site, kind.value.args), id);
    case "makeOption": {
      if (kind.value.some === undefined) return () => null;
      const content = codeAt(site, kind.value.some);
      return (frame) => new Some(content(frame));
    }
    case "getField": {
      const target = codeAt(site, kind.value.target);
      const field = kind.value.field;
      return (frame) => (target(frame) as readonly Value[])[field] as Value;
    }
    case "loopWhile":
      return loopCode(site, kind.value, id);
    case "failWith": {
      const message = kind.value.message;
      return () => meter.trap(TrapCode.FAIL, message, base + id);
    }
    case "hole": {
      const goal = kind.value.goal;
      return () => meter.trap(TrapCode.HOLE, `the program has a hole: ${goal}`, base + id);
    }
    case "extensionCall":
    case undefined:
      throw new Error(`node ${id} of function ${site.fn.index} is not run by this engine`);
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

/** The closures of several operands. */
export function codesOf(site: Site, ids: readonly number[]): readonly Code[] {
  return ids.map((id) => codeAt(site, id));
}

function letCode(site: Site, { local, value, body }: LetIn): Code {
  const bound = codeAt(site, value);
  const inner = codeAt(site, body);
  return (frame) => {
    frame[local] = bound(frame);
    return inner(frame);
  };
}

function branchCode(site: Site, condition: Code, whenTrue: number, whenFalse: number): Code {
  const { meter, base, straight } = site;
  const yes = codeAt(site, whenTrue);
  const no = codeAt(site, whenFalse);
  const yesCost = straight[whenTrue] ?? 1;
  const noCost = straight[whenFalse] ?? 1;
  return (frame) => {
    if (condition(frame) === true) {
      meter.fuel -= yesCost;
      if (meter.fuel < 0) meter.outOfFuel(base + whenTrue);
      return yes(frame);
    }
    meter.fuel -= noCost;
    if (meter.fuel < 0) meter.outOfFuel(base + whenFalse);
    return no(frame);
  };
}

function lambdaCode(site: Site, { params, body }: LambdaExpr): Code {
  const inner = charged(site, body);
  if (site.escapes) return escapingLambda(site, params, body, inner);
  const [first = 0, second = 0] = params;
  switch (params.length) {
    case 1:
      return (frame) => (a: Value) => {
        frame[first] = a;
        return inner(frame);
      };
    case 2:
      return (frame) => (a: Value, b: Value) => {
        frame[first] = a;
        frame[second] = b;
        return inner(frame);
      };
    default:
      return (frame) =>
        (...args: Value[]) => {
          for (let i = 0; i < params.length; i++) frame[params[i] as number] = args[i] as Value;
          return inner(frame);
        };
  }
}

/** Frames are copied where the lambda is made and where it is called, so no later binding can reach into it. */
function escapingLambda(site: Site, params: readonly number[], body: number, inner: Code): Code {
  const { meter, base, sizes } = site;
  const weight = ACTIVATION_WEIGHT + (sizes[body] ?? 1);
  return (outer) => {
    const captured = outer.slice();
    return (...args: Value[]) => {
      const frame = captured.slice();
      for (let i = 0; i < params.length; i++) frame[params[i] as number] = args[i] as Value;
      if (!meter.direct) return inner(frame);
      meter.direct = false;
      meter.depth -= weight;
      if (meter.depth < 0) meter.outOfDepth(base + body);
      if (meter.depth < meter.lowest) meter.lowest = meter.depth;
      const result = inner(frame);
      meter.depth += weight;
      return result;
    };
  };
}

function valueCallCode({ meter }: Site, callee: Code, args: readonly Code[]): Code {
  return (frame) => {
    const fn = callee(frame) as (...args: Value[]) => Value;
    const values = args.map((arg) => arg(frame));
    meter.direct = true;
    return fn(...values);
  };
}

function functionCallCode(site: Site, index: number, args: readonly Code[], id: number): Code {
  const target = site.targets[index];
  if (target === undefined) throw new Error(`function ${index} is out of range`);
  if (index === site.fn.index && site.tail[id] === 1) return tailCallCode(site, args);
  const size = target.fn.localTypes.length;
  const [first, second] = args;
  if (first !== undefined && args.length === 1) {
    return (frame) => {
      const made: Frame = new Array<Value>(size);
      made[0] = first(frame);
      return target.run(made);
    };
  }
  if (first !== undefined && second !== undefined && args.length === 2) {
    return (frame) => {
      const made: Frame = new Array<Value>(size);
      made[0] = first(frame);
      made[1] = second(frame);
      return target.run(made);
    };
  }
  return (frame) => {
    const made: Frame = new Array<Value>(size);
    for (let i = 0; i < args.length; i++) made[i] = (args[i] as Code)(frame);
    return target.run(made);
  };
}

function tailCallCode({ meter }: Site, args: readonly Code[]): Code {
  return (frame) => {
    meter.tail = args.map((arg) => arg(frame));
    return TAIL;
  };
}

function itemsCode(items: readonly Code[]): Code {
  const [first, second, third] = items;
  if (first !== undefined && second !== undefined && items.length === 2) return (f) => [first(f), second(f)];
  if (first !== undefined && second !== undefined && third !== undefined && items.length === 3) {
    return (f) => [first(f), second(f), third(f)];
  }
  return (frame) => {
    const made: Value[] = [];
    for (let i = 0; i < items.length; i++) made.push((items[i] as Code)(frame));
    return made;
  };
}

function listCode({ meter, base }: Site, items: readonly Code[], id: number): Code {
  const make = itemsCode(items);
  const bytes = LIST_BYTES + SLOT_BYTES * items.length;
  return (frame) => {
    const made = make(frame);
    meter.memory -= bytes;
    if (meter.memory < 0) meter.outOfMemory(base + id);
    return made;
  };
}

/** Keys that are no single leaf pay for their sort beside their nodes. */
function mapCode({ meter, base, program }: Site, items: readonly Code[], typeId: number, id: number): Code {
  const bytes = LIST_BYTES + SLOT_BYTES * items.length;
  const type = program.types[typeId];
  const isSorted = items.length > 2 && type?.kind === "map" && !isOneLeaf(type.key);
  return (frame) => {
    const entries: [Value, Value][] = [];
    for (let i = 0; i < items.length; i += 2) {
      const key = (items[i] as Code)(frame);
      entries.push([key, (items[i + 1] as Code)(frame)]);
    }
    meter.memory -= bytes;
    if (meter.memory < 0) meter.outOfMemory(base + id);
    if (isSorted) {
      const keys = entries.map(([key]) => key);
      meter.site = base + id;
      meter.fuel -= leavesOfAll(meter, keys, keys.length) * levels(keys.length);
      if (meter.fuel < 0) meter.outOfFuel(base + id);
    }
    return SortedMap.fromEntries(entries);
  };
}

function variantCode({ meter, base }: Site, caseIndex: number, args: readonly Code[], id: number): Code {
  if (args.length === 0) {
    const only = new Variant(caseIndex, []);
    return () => only;
  }
  const make = itemsCode(args);
  const bytes = VARIANT_BYTES + SLOT_BYTES * args.length;
  return (frame) => {
    const payload = make(frame) as readonly Value[];
    meter.memory -= bytes;
    if (meter.memory < 0) meter.outOfMemory(base + id);
    return new Variant(caseIndex, payload);
  };
}
