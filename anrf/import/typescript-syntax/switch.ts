import type { SyntaxNode } from "@lezer/common";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place, Source, Statement } from "#anrf/import/source/source.ts";
import { readExpression } from "./expr.ts";
import { inner, only, type ScriptText } from "./tree.ts";

interface Arm {
  readonly at: Place;
  /** Values that lead here; none where only the default does. */
  readonly labels: SyntaxNode[];
  isDefault: boolean;
  readonly body: SyntaxNode[];
}

/** A switch as a chain of ifs: each arm has to end in break, return, throw or continue, or be empty. */
export function readSwitch(text: ScriptText, node: SyntaxNode, children: readonly SyntaxNode[]): Statement[] {
  const [, subject, body] = children;
  if (subject === undefined || body === undefined) return text.broken(node);
  const value = readExpression(text, only(text, subject, inner(text, subject)));
  const arms = armsOf(text, body);
  const name = value.kind === "name" ? value.name : text.declare(text.fresh("subject"));
  const kept: Statement[] =
    value.kind === "name"
      ? []
      : [
          {
            ...text.site(subject),
            kind: "assign",
            targets: [{ ...text.site(subject), kind: "name", name }],
            value,
          },
        ];
  return text.scoped(() => {
    const last = arms.findIndex((one) => one.isDefault);
    if (last >= 0 && last !== arms.length - 1)
      return text.refuse("statement", node, "a default that is not the last arm");
    const made = arms.map((arm, index) => ({ arm, body: readArm(text, arm, index === arms.length - 1) }));
    let chain: Statement[] = [];
    for (const { arm, body: statements } of made.reverse()) {
      if (arm.isDefault) chain = statements;
      else
        chain = [
          {
            ...text.site(node),
            kind: "if",
            test: testOf(text, node, name, arm),
            yes: statements,
            other: chain,
          },
        ];
    }
    return [...kept, ...chain];
  });
}

function armsOf(text: ScriptText, body: SyntaxNode): Arm[] {
  const arms: Arm[] = [];
  let arm: Arm | undefined;
  for (const one of inner(text, body)) {
    if (one.name !== "CaseLabel" && one.name !== "DefaultLabel") {
      if (arm === undefined) return text.broken(one);
      arm.body.push(one);
      continue;
    }
    if (arm === undefined || arm.body.length > 0) {
      arm = { at: text.place(one), labels: [], isDefault: false, body: [] };
      arms.push(arm);
    }
    const label = text.children(one)[1];
    if (one.name === "DefaultLabel") arm.isDefault = true;
    else if (label !== undefined) arm.labels.push(label);
  }
  return arms;
}

function readArm(text: ScriptText, arm: Arm, isLast: boolean): Statement[] {
  const [block] = arm.body;
  const nodes = arm.body.length === 1 && block?.name === "Block" ? inner(text, block) : arm.body;
  const read = text.scoped(() => text.readers.statements(text, nodes));
  const end = read.at(-1);
  const made = end?.kind === "break" ? read.slice(0, -1) : read;
  const inside = made.find((one) => hasBreak([one]));
  if (inside !== undefined) return refuse("statement", inside, "a break inside an arm of switch");
  const leaves = end !== undefined && ["break", "return", "raise", "continue"].includes(end.kind);
  if (!leaves && !isLast) return refuse("statement", arm.at, "an arm of switch that falls into the next");
  return made;
}

function hasBreak(body: readonly Statement[]): boolean {
  return body.some(
    (one) => one.kind === "break" || (one.kind === "if" && (hasBreak(one.yes) || hasBreak(one.other))),
  );
}

function testOf(text: ScriptText, node: SyntaxNode, name: string, arm: Arm): Source {
  const tests = arm.labels.map((label): Source => {
    const subject: Source = { ...text.site(label), kind: "name", name };
    return {
      ...text.site(label),
      kind: "compare",
      first: subject,
      rest: [{ op: "==", right: readExpression(text, label) }],
    };
  });
  const [first, ...rest] = tests;
  if (first === undefined) return text.broken(node);
  return rest.reduce<Source>(
    (left, right) => ({ ...text.site(node), kind: "logic", op: "or", left, right }),
    first,
  );
}
