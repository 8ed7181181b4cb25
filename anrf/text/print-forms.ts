import type { Type } from "#anrf/program/type.ts";
import { literalValue } from "#anrf/program/value-proto.ts";
import type { LambdaExpr, LoopWhile, MatchArm, MatchOn } from "#gen/anrf/v1/ir_pb.ts";
import { commentLines } from "./escape.ts";
import { choice, type Doc, firstCharacter, group, HARD, join, LINE, nest } from "./layout.ts";
import type { LocalName } from "./print-names.ts";
import { scalarText } from "./print-value.ts";
import { isOpenForm, nodeAt, type Printing, typeAt } from "./printing.ts";

/** `(a, b) => body`; a lambda over one tuple lists the names of its parts. */
export function lambdaDoc(
  printing: Printing,
  { params, body }: LambdaExpr,
  { isTyped, isBodyExpected }: { readonly isTyped: boolean; readonly isBodyExpected: boolean },
): Doc {
  const [only] = params;
  const names = only === undefined ? undefined : printing.names[only];
  const isPattern = params.length === 1 && !isTyped && typeof names === "object";
  const heads = params.map((param) => binderText(printing, param, isTyped));
  return [
    isPattern ? (heads[0] ?? "") : `(${heads.join(", ")})`,
    " => ",
    bodyDoc(printing, body, isBodyExpected),
  ];
}

/** `do { let …; value }`. */
export function doDoc(printing: Printing, id: number, isExpected: boolean): Doc {
  return ["do ", blockDoc(printing, id, isExpected)];
}

/** `{ value }` on one line if it fits; `{ let …; value }` never is. */
export function blockDoc(printing: Printing, id: number, isExpected: boolean, isBroken = false): Doc {
  const lines = blockLines(printing, id, isExpected);
  const [only = ""] = lines;
  const broken: Doc = ["{", nest(lines.map((line) => [HARD, line])), HARD, "}"];
  return isBroken || lines.length > 1 ? broken : choice(["{ ", only, " }"], broken);
}

/** Comments as lines of their own. */
export function commentDocs(comment: string | undefined): Doc[] {
  return comment === undefined ? [] : commentLines(comment).map((line) => (line === "" ? "#" : `# ${line}`));
}

/** `if c { a } else { b }`: a chain is on one line, or broken as a whole. */
export function branchDoc(printing: Printing, id: number, isExpected: boolean): Doc {
  const flat: Doc[] = [];
  const broken: Doc[] = [];
  let at = id;
  let isKnown = isExpected;
  const block = (head: Doc, body: number): void => {
    const lines = blockLines(printing, body, isKnown);
    const isInline = lines.length === 1;
    const open: Doc = ["{", nest(lines.map((line) => [HARD, line])), HARD, "}"];
    flat.push(head, isInline ? ["{ ", lines[0] ?? "", " }"] : open);
    broken.push(head, open);
    isKnown = true;
  };
  for (let word = "if "; ; word = " else if ") {
    const { kind } = nodeAt(printing, at);
    if (kind.case !== "branch" || (at !== id && printing.hasComment(at))) break;
    block([word, printing.node(kind.value.condition, true), " "], kind.value.whenTrue);
    at = kind.value.whenFalse;
  }
  block(" else ", at);
  return choice(flat, broken);
}

/** `match e { … }` with one arm a line. */
export function matchDoc(printing: Printing, { subject, arms }: MatchOn, isExpected: boolean): Doc {
  const type = typeAt(printing, nodeAt(printing, subject));
  const lines = arms.flatMap((arm, index): Doc[] => {
    const comment = commentDocs(printing.comment(arm.body));
    const body = bodyDoc(printing, arm.body, isExpected || index > 0);
    return [...comment, [patternDoc(printing, arm, type), " => ", body, ","]];
  });
  return ["match ", printing.node(subject, false), " {", nest(lines.map((line) => [HARD, line])), HARD, "}"];
}

/** `loop state = init while condition { step }`; its clauses stand on lines of their own. */
export function loopDoc(printing: Printing, loop: LoopWhile): Doc {
  const isTyped = needsType(printing, loop.init);
  const head: Doc = [
    "loop ",
    binderText(printing, loop.state, isTyped),
    " = ",
    printing.node(loop.init, isTyped),
    nest([LINE, "while ", printing.node(loop.condition, true)]),
  ];
  const clauses: Doc[] = loop.invariants.map((one) => ["invariant ", printing.node(one, true)]);
  if (loop.decreases !== undefined) clauses.push(["decreases ", printing.node(loop.decreases, false)]);
  const step = blockDoc(printing, loop.step, true);
  if (clauses.length === 0) return [group(head), " ", step];
  return [group(head), nest(clauses.map((one) => [HARD, one])), HARD, step];
}

/** Lines of a block: comments, lets, and the value last. */
function blockLines(printing: Printing, id: number, isExpected: boolean): Doc[] {
  const lines: Doc[] = [];
  let at = id;
  for (;;) {
    const { kind } = nodeAt(printing, at);
    lines.push(...commentDocs(printing.comment(at)));
    if (kind.case !== "letIn") break;
    const { local, value, body } = kind.value;
    const isTyped = needsType(printing, value);
    lines.push(["let ", binderText(printing, local, isTyped), " = ", printing.node(value, isTyped), ";"]);
    at = body;
  }
  lines.push(printing.node(at, isExpected));
  return lines;
}

/** What stands after `=>`: a block where there is a let or a comment, else the expression. */
function bodyDoc(printing: Printing, id: number, isExpected: boolean): Doc {
  const comment = printing.comment(id);
  const isBlock = nodeAt(printing, id).kind.case === "letIn";
  if (comment !== undefined) {
    const lines = [...commentDocs(comment), ...blockLines(printing, id, isExpected)];
    return ["{", nest(lines.map((line) => [HARD, line])), HARD, "}"];
  }
  if (isBlock) return blockDoc(printing, id, isExpected);
  const doc = printing.node(id, isExpected);
  return firstCharacter(doc) === "{" ? ["(", doc, ")"] : doc;
}

/** A let or loop writes its type where the value is an open form, a lambda, or a tuple that holds one. */
function needsType(printing: Printing, value: number): boolean {
  const node = nodeAt(printing, value);
  if (node.kind.case === "makeTuple") return node.kind.value.items.some((item) => needsType(printing, item));
  return node.kind.case === "lambdaExpr" || isOpenForm(node);
}

function binderText(printing: Printing, local: number, isTyped: boolean): string {
  const name = printing.names[local] ?? "_";
  const type = printing.fn.localTypes[local];
  if (type === undefined) throw new Error(`local ${local} is out of range`);
  return isTyped ? `${nameOf(name)}: ${type.text}` : nameOf(name);
}

function nameOf(name: LocalName): string {
  return typeof name === "string" ? name : `(${name.join(", ")})`;
}

function patternDoc(printing: Printing, { pattern, binders }: MatchArm, subject: Type): Doc {
  const names = binders.map((binder) => nameOf(printing.names[binder] ?? "_"));
  const kind = pattern?.kind;
  switch (kind?.case) {
    case "variantCase": {
      const found = printing.program.nominals.variants.get(subject.text)?.[kind.value];
      const name = found?.name ?? String(kind.value);
      return names.length === 0 ? name : [`${name}(`, ...join(names, ", "), ")"];
    }
    case "optionSome":
      return kind.value ? `some(${names.join(", ")})` : "none";
    case "literal":
      return scalarText(literalValue(kind.value), subject);
    case "wildcard":
      return "_";
    case undefined:
      throw new Error("an arm has no pattern");
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}
