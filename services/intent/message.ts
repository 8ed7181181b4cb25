import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import type { Type } from "#anrf/program/type.ts";
import { type Example, Example_Origin, ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import { PartSource, type Signature, SignatureSchema } from "#gen/anrf/api/v1/signature_pb.ts";
import {
  type Ambiguity,
  AmbiguitySchema,
  Constant_Why,
  type Constraint,
  Constraint_Enforcement,
  Constraint_Kind,
  ConstraintSchema,
  type ContextRefSchema,
  type IntentPatch,
  IntentPatchSchema,
  type StructuredIntent,
  StructuredIntentSchema,
} from "#gen/anrf/api/v1/structured_intent_pb.ts";
import { invalidField } from "#platform/rpc/error.ts";
import type { Choice, Question } from "./ambiguities.ts";
import type { Rule } from "./constraints.ts";
import type { StoredContext } from "./context.ts";
import type { Goal } from "./goal.ts";
import { type Literal, MAX_LEVELS, numberLiteral } from "./literals.ts";
import type { Constant } from "./phrases/constants.ts";
import type { Term } from "./phrases/terms.ts";
import type { Place } from "./phrases/tokens.ts";
import type { Notice, Row } from "./rows.ts";
import type { Unified } from "./types.ts";

/** All that an analysis found, before it becomes a message. */
export interface Parts {
  readonly text: string;
  readonly languageTag: string;
  readonly unified: Unified;
  readonly rows: readonly Row[];
  readonly goal: Goal;
  readonly rules: readonly Rule[];
  readonly constants: readonly Constant[];
  readonly fragments: readonly Term[];
  readonly questions: readonly Question[];
  readonly context?: StoredContext;
  readonly notices: readonly Notice[];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The message of an analysis; places become spans in code points of the text. */
export function intentMessage(parts: Parts): StructuredIntent {
  const span = spans(parts.text);
  const { unified } = parts;
  const signature = signatureMessage(unified, span);
  const names = unified.params.map((param) => param.name);
  const examples = parts.rows.map((row) => exampleMessage(row, names, unified, span));
  const rules = parts.rules.map((rule, at) => ruleMessage(rule, `c${at + 1}`, span));
  const place = parts.goal.place;
  return create(StructuredIntentSchema, {
    goal: {
      summary: parts.goal.summary,
      verbClass: parts.goal.verbClass,
      hints: parts.goal.hints.map(({ builtin, weight, ...at }) => ({ builtin, weight, span: span(at) })),
      ...(place === undefined ? {} : { span: span(place) }),
    },
    signature,
    constraints: rules,
    examples,
    constants: parts.constants.map((one) => ({
      value: constantValue(one.value),
      type: one.type.text,
      span: span(one),
      why: Constant_Why[one.why],
    })),
    fragments: parts.fragments.map(({ text: expression, type, bits }) => ({
      expression,
      type: type.text,
      bits: Math.round(Math.min(bits, 100) * 1000) / 1000,
    })),
    ambiguities: parts.questions.map((question) =>
      questionMessage(question, { signature, examples, rules }, unified, span),
    ),
    contextRefs: contextRefs(parts.context),
    warnings: parts.notices.slice(0, 200).map((notice) => ({
      message: notice.message.slice(0, 4000),
      ...(notice.place === undefined ? {} : { span: span(notice.place) }),
    })),
    languageTag: parts.languageTag,
  });
}

/** UTF-16 places to code point spans; without surrogates they are the same. */
function spans(text: string): (place: Place) => Span {
  if (!/[\ud800-\udfff]/u.test(text) && !/[\u{10000}-\u{10ffff}]/u.test(text))
    return ({ start, end }) => ({ start, end });
  const points = new Uint32Array(text.length + 1);
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    points[at] = count;
    const unit = text.charCodeAt(at);
    if (unit < 0xdc00 || unit > 0xdfff) count += 1;
  }
  points[text.length] = count;
  // A place never starts inside a pair; its second half counts as the first one's end.
  return ({ start, end }) => ({ start: points[start] ?? count, end: points[end] ?? count });
}

function signatureMessage(unified: Unified, span: (place: Place) => Span): Signature {
  const { returns } = unified;
  return create(SignatureSchema, {
    ...(unified.name === undefined ? {} : { name: unified.name }),
    params: unified.params.map((param) => ({
      name: param.name,
      type: param.type.text,
      source: PartSource[param.source],
      certainty: param.certainty,
      ...(param.place === undefined ? {} : { span: span(param.place) }),
    })),
    returns: returns.type.text,
    returnsSource: PartSource[returns.source],
    returnsCertainty: returns.certainty,
    ...(returns.place === undefined ? {} : { returnsSpan: span(returns.place) }),
  });
}

function exampleMessage(
  row: Row,
  names: readonly string[],
  unified: Unified,
  span: (place: Place) => Span,
): Example {
  const fields: Record<string, Value> = {};
  for (const [at, name] of names.entries()) {
    const value = row.inputs[at] ?? { kind: "null" };
    // A parameter may be called __proto__; an assignment would lose it.
    Object.defineProperty(fields, name, {
      value: valueFromLiteral(value, unified.params[at]?.type),
      enumerable: true,
    });
  }
  const inputs = create(ValueSchema, { kind: { case: "structValue", value: { fields } } });
  const expected =
    row.output === undefined
      ? ({ case: "trap", value: row.trap ?? "ANY" } as const)
      : ({ case: "output", value: valueFromLiteral(row.output, unified.returns.type) } as const);
  return create(ExampleSchema, {
    inputs,
    expected,
    origin: Example_Origin[row.origin],
    certainty: row.certainty,
    ...(row.tolerance === undefined ? {} : { tolerance: row.tolerance }),
    ...(row.place === undefined ? {} : { span: span(row.place) }),
  });
}

/** A literal as the JSON value that anrf.md §6 writes for the type. */
export function valueFromLiteral(literal: Literal, type: Type | undefined): Value {
  switch (literal.kind) {
    case "null":
      return create(ValueSchema, { kind: { case: "nullValue", value: 0 } });
    case "bool":
      return create(ValueSchema, { kind: { case: "boolValue", value: literal.value } });
    case "string":
      return text(literal.value);
    case "number":
      return numberValue(literal.text, type);
    case "map":
      return mapValue(literal.entries, type);
    case "list":
    case "tuple":
    case "set": {
      if (type?.kind === "map" && type.key.kind === "string")
        return mapValue(literal.items.map(pairOf), type);
      const inner = type?.kind === "option" ? type.item : type;
      return listValue(literal.items.map((item, at) => valueFromLiteral(item, itemType(inner, at))));
    }
    default:
      throw new Error(`unreachable: ${literal satisfies never}`);
  }
}

const text = (value: string): Value => create(ValueSchema, { kind: { case: "stringValue", value } });
const listValue = (values: Value[]): Value =>
  create(ValueSchema, { kind: { case: "listValue", value: { values } } });

/** Ints beyond 2^53 are strings of digits. */
function numberValue(written: string, type: Type | undefined): Value {
  const value = Number(written);
  const whole = type?.kind === "option" ? type.item.kind === "int" : type?.kind === "int";
  if (whole && !Number.isSafeInteger(value) && /^-?\d+$/u.test(written)) return text(written);
  return Number.isFinite(value)
    ? create(ValueSchema, { kind: { case: "numberValue", value } })
    : text(written);
}

function pairOf(item: Literal): readonly [Literal, Literal] {
  const [key = { kind: "null" } as const, value = { kind: "null" } as const] =
    "items" in item ? item.items : [];
  return [key, value];
}

function mapValue(entries: readonly (readonly [Literal, Literal])[], type: Type | undefined): Value {
  const held = type?.kind === "map" ? type.value : undefined;
  const keys = new Set(entries.map(([key]) => (key.kind === "string" ? key.value : undefined)));
  if (keys.has(undefined) || keys.size < entries.length) {
    const key = type?.kind === "map" ? type.key : undefined;
    return listValue(
      entries.map((entry) => listValue([valueFromLiteral(entry[0], key), valueFromLiteral(entry[1], held)])),
    );
  }
  const fields: Record<string, Value> = {};
  for (const [key, value] of entries) {
    const name = key.kind === "string" ? key.value : "";
    Object.defineProperty(fields, name, { value: valueFromLiteral(value, held), enumerable: true });
  }
  return create(ValueSchema, { kind: { case: "structValue", value: { fields } } });
}

function itemType(type: Type | undefined, at: number): Type | undefined {
  if (type?.kind === "list") return type.item;
  return type?.kind === "tuple" ? type.items[at] : undefined;
}

function constantValue(value: number | string): Value {
  return typeof value === "string"
    ? text(value)
    : create(ValueSchema, { kind: { case: "numberValue", value } });
}

function ruleMessage(rule: Rule, id: string, span: (place: Place) => Span): Constraint {
  return create(ConstraintSchema, {
    id,
    kind: Constraint_Kind[rule.kind],
    text: rule.text,
    clauses: [...rule.clauses],
    certainty: rule.certainty,
    enforced: Constraint_Enforcement[rule.enforced],
    ...(rule.end > rule.start ? { span: span(rule) } : {}),
  });
}

interface Current {
  readonly signature: Signature;
  readonly examples: readonly Example[];
  readonly rules: readonly Constraint[];
}

function questionMessage(
  question: Question,
  current: Current,
  unified: Unified,
  span: (place: Place) => Span,
): Ambiguity {
  return create(AmbiguitySchema, {
    kind: question.kind,
    question: question.question,
    ...(question.place === undefined ? {} : { span: span(question.place) }),
    options: question.options.map((choice) => ({
      label: choice.label,
      patch: patchOf(choice, current, unified),
    })),
    defaultOption: 0,
  });
}

/** What one click changes: whole fields of the intent, since a field mask cannot name one item of a list. */
function patchOf(choice: Choice, current: Current, unified: Unified): IntentPatch {
  const { change } = choice;
  switch (change.kind) {
    case "keep":
      return create(IntentPatchSchema, { updateMask: { paths: [] }, values: {} });
    case "type":
      return patch("signature", { signature: retyped(current.signature, change.at, change.type, unified) });
    case "drop":
      return patch("examples", {
        examples: current.examples.filter((_, at) => !change.examples.includes(at)),
      });
    case "say": {
      const added = create(ConstraintSchema, {
        id: `c${current.rules.length + 1}`,
        kind: Constraint_Kind.STYLE,
        text: change.sentence,
        certainty: 1,
        enforced: Constraint_Enforcement.SOFT,
      });
      return patch("constraints", { constraints: [...current.rules, added] });
    }
    default:
      throw new Error(`unreachable: ${change satisfies never}`);
  }
}

function patch(path: string, values: MessageInitShape<typeof StructuredIntentSchema>): IntentPatch {
  return create(IntentPatchSchema, { updateMask: { paths: [path] }, values });
}

function retyped(signature: Signature, at: number, type: Type, unified: Unified): Signature {
  const params = signature.params.map((param, place) =>
    place === at ? { ...param, type: type.text, source: PartSource.GIVEN, certainty: 1 } : param,
  );
  const returns = at < 0 ? type.text : unified.returns.type.text;
  return create(SignatureSchema, { ...signature, params, returns });
}

function contextRefs(context: StoredContext | undefined): MessageInitShape<typeof ContextRefSchema>[] {
  if (context === undefined) return [];
  const own = {
    function: context.function === "" ? context.module : context.function,
    digest: context.digest,
  };
  const used: MessageInitShape<typeof ContextRefSchema>[] = [];
  if (context.signature !== undefined) used.push({ ...own, usedFor: "signature" });
  if (context.examples.length > 0) used.push({ ...own, usedFor: "examples" });
  if (context.doc !== "") used.push({ ...own, usedFor: "doc" });
  for (const one of context.functions) {
    used.push({
      anrfId: one.anrfId,
      version: one.version,
      digest: context.digest,
      function: one.name,
      usedFor: "call",
    });
  }
  return used.slice(0, 32);
}

/** A protobuf value as a literal; more than 32 levels are refused. */
export function literalFromValue(value: Value, field: string, level: number): Literal {
  if (level > MAX_LEVELS) throw invalidField(field, `nests more than ${MAX_LEVELS} levels`, "INPUT_TOO_DEEP");
  switch (value.kind.case) {
    case "numberValue":
      return numberLiteral(value.kind.value);
    case "stringValue":
      return { kind: "string", value: value.kind.value };
    case "boolValue":
      return { kind: "bool", value: value.kind.value };
    case "listValue":
      return {
        kind: "list",
        items: value.kind.value.values.map((item) => literalFromValue(item, field, level + 1)),
      };
    case "structValue": {
      const entries = Object.entries(value.kind.value.fields).map(([key, held]): [Literal, Literal] => [
        { kind: "string", value: key },
        literalFromValue(held, field, level + 1),
      ]);
      return { kind: "map", entries };
    }
    case "nullValue":
    case undefined:
      return { kind: "null" };
    default:
      throw new Error(`unreachable: ${value.kind satisfies never}`);
  }
}
