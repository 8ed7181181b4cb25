import type { Type } from "#anrf/program/type.ts";
import { type Builtin, builtinByNumber } from "#anrf/std/catalogue.ts";
import { variablesOf } from "#anrf/std/signature.ts";
import type { FunctionCall } from "#gen/anrf/v1/ir_pb.ts";
import { choice, type Doc, group, HARD, join, LINE, nest } from "./layout.ts";
import {
  ATOM,
  COMPARISON,
  DEFAULT,
  leftExpectation,
  NOT,
  operators,
  POWER,
  PRECEDENCE,
  UNARY,
} from "./operators.ts";
import { lambdaDoc } from "./print-forms.ts";
import { bindingOf, nodeAt, type Printing, typeAt } from "./printing.ts";
import { nameText } from "./words.ts";

/** A call of a function of the program. */
export function functionDoc(printing: Printing, call: FunctionCall): Doc {
  const name = printing.program.functions[call.function]?.def.name ?? "";
  return callDoc(printing, nameText(name), call.args);
}

/** A call whose arguments have declared types. */
export function callDoc(printing: Printing, callee: Doc, args: readonly number[]): Doc {
  return argumentsDoc(
    [callee, "("],
    args.map((arg) => printing.node(arg, true)),
    args.map((arg) => isLambda(printing, arg)),
  );
}

/** A builtin as its one spelling asks: operator, index, method, function of a family or plain function. */
export function builtinDoc(printing: Printing, id: number, isExpected: boolean): Doc {
  const { builtin, args } = builtinAt(printing, id);
  if (builtin.text === "[]" || builtin.text.startsWith(".")) return postfixDoc(printing, id, isExpected);
  if (/^\p{L}+\.|^(min|max|compare)$/u.test(builtin.text)) {
    const docs = argumentDocs(printing, builtin, args, 0, isExpected);
    return argumentsDoc(
      [builtin.text, "("],
      docs,
      args.map((arg) => isLambda(printing, arg)),
    );
  }
  return args.length === 1
    ? unaryDoc(printing, builtin, args, isExpected)
    : binaryDoc(printing, id, isExpected);
}

/** `head.name(args)[i].0…`: members, indices and methods behind one receiver. */
export function postfixDoc(printing: Printing, id: number, isExpected = false): Doc {
  const segments: Segment[] = [];
  let at = id;
  for (
    let step = postfixStep(printing, at, isExpected);
    step !== undefined;
    step = postfixStep(printing, at, false)
  ) {
    if (step.name !== undefined) return chainDoc(step.name, segments);
    segments.unshift(step.segment);
    at = step.receiver;
  }
  return chainDoc(printing.operand(at, false, ATOM), segments);
}

interface Segment {
  readonly doc: Doc;
  readonly isCall: boolean;
  readonly isHugged: boolean;
}

interface PostfixStep {
  readonly segment: Segment;
  readonly receiver: number;
  /** The name that stands for the whole: a part of a tuple whose parts have names. */
  readonly name?: string;
}

function postfixStep(printing: Printing, id: number, isExpected: boolean): PostfixStep | undefined {
  const node = nodeAt(printing, id);
  if (node.kind.case === "getField")
    return fieldStep(printing, node.kind.value.target, node.kind.value.field);
  if (node.kind.case !== "builtinCall") return undefined;
  const { builtin, args } = builtinAt(printing, id);
  const [receiver, index] = args;
  if (receiver === undefined) return undefined;
  if (builtin.text === "[]" && index !== undefined) {
    return {
      segment: { doc: ["[", printing.node(index, true), "]"], isCall: false, isHugged: false },
      receiver,
    };
  }
  if (!builtin.text.startsWith(".")) return undefined;
  const docs = argumentDocs(printing, builtin, args, 1, isExpected);
  const lambdas = args.slice(1).map((arg) => isLambda(printing, arg));
  const isHugged = lambdas.filter(Boolean).length === 1 && lambdas.at(-1) === true;
  return {
    segment: { doc: argumentsDoc([builtin.text, "("], docs, lambdas), isCall: true, isHugged },
    receiver,
  };
}

function fieldStep(printing: Printing, target: number, field: number): PostfixStep {
  const node = nodeAt(printing, target);
  const names = node.kind.case === "localRef" ? printing.names[node.kind.value.local] : undefined;
  const type = typeAt(printing, node);
  const fields = type.kind === "record" ? printing.program.nominals.records.get(type.name) : undefined;
  const segment = { doc: `.${fields?.[field]?.name ?? field}`, isCall: false, isHugged: false };
  const name = typeof names === "object" ? names[field] : undefined;
  return { segment, receiver: target, ...(name === undefined ? {} : { name }) };
}

/** A chain of two or more calls that does not fit breaks before every call, unless only the last lambda is long. */
function chainDoc(head: Doc, segments: readonly Segment[]): Doc {
  const flat: Doc = [head, ...segments.map((one) => one.doc)];
  if (segments.filter((one) => one.isCall).length < 2) return flat;
  const first = segments.findIndex((one) => one.isCall);
  const lines = segments.slice(first).map((one): Doc => (one.isCall ? [HARD, one.doc] : one.doc));
  const broken: Doc = [head, ...segments.slice(0, first).map((one) => one.doc), nest(lines)];
  return segments.at(-1)?.isHugged === true ? choice(flat, flat, broken) : choice(flat, broken);
}

/** Arguments in brackets; around a last argument that is the only lambda the brackets stay closed. */
function argumentsDoc(open: Doc, args: readonly Doc[], lambdas: readonly boolean[]): Doc {
  const flat: Doc = [open, ...join(args, ", "), ")"];
  if (args.length === 0) return flat;
  const broken: Doc = [open, nest(args.map((arg) => [HARD, arg, ","])), HARD, ")"];
  const isHugged = lambdas.filter(Boolean).length === 1 && lambdas.at(-1) === true;
  return isHugged ? choice(flat, flat, broken) : choice(flat, broken);
}

/** The arguments from `first` on, each with what a reader knows of its type: the counterpart of `applyBuiltin`. */
function argumentDocs(
  printing: Printing,
  builtin: Builtin,
  args: readonly number[],
  first: number,
  isExpected: boolean,
): Doc[] {
  const { params, result } = builtin.signature;
  const bound = new Set<string>();
  const bind = (type: Type | undefined): void => {
    for (const name of type === undefined ? [] : variablesOf(type)) bound.add(name);
  };
  const isBound = (type: Type): boolean => variablesOf(type).every((name) => bound.has(name));
  if (first === 1) bind(params[0]?.type);
  if (isExpected) bind(result);
  return args.slice(first).map((arg, index) => {
    const param = params[index + first]?.type;
    if (param === undefined) throw new Error(`${builtin.id} has no parameter ${index + first}`);
    const node = nodeAt(printing, arg);
    const isPartial = param.kind === "function" && !isBound(param) && param.params.every(isBound);
    const doc =
      isPartial && node.kind.case === "lambdaExpr"
        ? lambdaDoc(printing, node.kind.value, { isTyped: false, isBodyExpected: isBound(param.result) })
        : printing.node(arg, isBound(param));
    bind(param);
    return doc;
  });
}

function unaryDoc(printing: Printing, builtin: Builtin, args: readonly number[], isExpected: boolean): Doc {
  const [operand = 0] = args;
  const op = builtin.text;
  const isKnown = isLeftExpected(op, 1, isExpected);
  if (op === "not") return ["not ", operandDoc(printing, operand, isKnown, NOT)];
  const isLiteral = op === "-" && nodeAt(printing, operand).kind.case === "literal";
  return [
    op,
    isLiteral ? ["(", printing.node(operand, isKnown), ")"] : operandDoc(printing, operand, isKnown, UNARY),
  ];
}

function binaryDoc(printing: Printing, id: number, isExpected: boolean): Doc {
  const { builtin, args } = builtinAt(printing, id);
  const op = builtin.text;
  if (op === "**") return powerDoc(printing, args, isExpected);
  const binds = PRECEDENCE[op];
  if (binds === undefined) throw new Error(`the spelling ${op} of ${builtin.id} is no operator`);
  const isChained = binds !== COMPARISON && binds !== DEFAULT;
  const rest: Doc[] = [];
  let left = id;
  let isKnown = isExpected;
  for (;;) {
    const call = builtinAt(printing, left);
    const [first = 0, second = 0] = call.args;
    rest.unshift([
      LINE,
      call.builtin.text,
      " ",
      operandDoc(
        printing,
        second,
        isRightExpected(call.builtin),
        binds === DEFAULT ? DEFAULT : binds + 1,
        op === "??",
      ),
    ]);
    isKnown = isLeftExpected(call.builtin.text, 2, isKnown);
    left = first;
    if (!isChained || !isSameLevel(printing, left, binds)) break;
  }
  const head = operandDoc(printing, left, isKnown, isChained ? binds : binds + 1);
  return group([head, nest(rest)]);
}

/** Every operator's second type is known once the first is. */
function isRightExpected(builtin: Builtin): boolean {
  const { params } = builtin.signature;
  const known = params[0] === undefined ? [] : variablesOf(params[0].type);
  return params[1] !== undefined && variablesOf(params[1].type).every((name) => known.includes(name));
}

function powerDoc(printing: Printing, args: readonly number[], isExpected: boolean): Doc {
  const [base = 0, exponent = 0] = args;
  const isKnown = isLeftExpected("**", 2, isExpected);
  return [
    operandDoc(printing, base, isKnown, POWER + 1),
    " ** ",
    operandDoc(printing, exponent, true, UNARY),
  ];
}

/** An operand in parentheses where it binds less tightly, and around `??` inside another operator. */
function operandDoc(
  printing: Printing,
  id: number,
  isExpected: boolean,
  least: number,
  isDefault = false,
): Doc {
  const binds = bindingOf(nodeAt(printing, id), isExpected);
  const isWrapped = binds === DEFAULT && !isDefault && least <= DEFAULT;
  const doc = printing.operand(id, isExpected, least);
  return isWrapped ? ["(", doc, ")"] : doc;
}

function isLeftExpected(op: string, operands: number, isExpected: boolean): boolean {
  const expectation = leftExpectation(op, operators(op, operands));
  return expectation === "own" || (expectation !== "none" && isExpected);
}

function isSameLevel(printing: Printing, id: number, binds: number): boolean {
  const node = nodeAt(printing, id);
  if (node.kind.case !== "builtinCall" || node.kind.value.args.length !== 2) return false;
  return PRECEDENCE[builtinAt(printing, id).builtin.text] === binds;
}

function builtinAt(printing: Printing, id: number): { builtin: Builtin; args: readonly number[] } {
  const { kind } = nodeAt(printing, id);
  const builtin = kind.case === "builtinCall" ? builtinByNumber(kind.value.builtin) : undefined;
  if (kind.case !== "builtinCall" || builtin === undefined)
    throw new Error(`node ${id} calls no known builtin`);
  return { builtin, args: kind.value.args };
}

function isLambda(printing: Printing, id: number): boolean {
  return nodeAt(printing, id).kind.case === "lambdaExpr";
}
