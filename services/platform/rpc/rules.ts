import {
  type DescField,
  type DescMessage,
  getOption,
  hasOption,
  isFieldSet,
  type Message,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  DoubleRulesSchema,
  EnumRulesSchema,
  type FieldRules,
  FieldRulesSchema,
  field as fieldRules,
  Ignore,
  Int32RulesSchema,
  Int64RulesSchema,
  message as messageRules,
  oneof as oneofRules,
  RepeatedRulesSchema,
  type StringRules,
  StringRulesSchema,
  UInt32RulesSchema,
  UInt64RulesSchema,
} from "#gen/buf/validate/validate_pb.ts";

/** True for a message that is surely valid; false says nothing. */
export type QuickCheck = (message: Message) => boolean;

type Test = (value: unknown) => boolean;

const never: QuickCheck = () => false;

/**
 * The plain rules of a message, compiled: most requests are valid and small, and the full validator costs more than
 * all else that is done with them. What this reader does not know makes the answer false.
 */
export function quickCheck(desc: DescMessage): QuickCheck {
  if (hasOption(desc, messageRules) || desc.oneofs.some((oneof) => hasOption(oneof, oneofRules)))
    return never;
  const tests: { readonly name: string; readonly test: Test }[] = [];
  for (const field of desc.fields) {
    const test = field.oneof === undefined ? testOf(field) : isNoCase;
    if (test === undefined) return never;
    // A member of a oneof is found under the name of the oneof.
    tests.push({ name: field.oneof?.localName ?? field.localName, test });
  }
  return (message) => {
    const values = message as Message & Readonly<Record<string, unknown>>;
    for (const { name, test } of tests) if (!test(values[name])) return false;
    return true;
  };
}

const always: Test = () => true;
const isUnset: Test = (value) => value === undefined;
const isNoCase: Test = (value) => (value as { readonly case?: string }).case === undefined;
const isEmptyList: Test = (value) => (value as readonly unknown[]).length === 0;
const isEmptyMap: Test = (value) => Object.keys(value as object).length === 0;

/** Undefined for rules that only the full validator knows. */
function testOf(field: DescField): Test | undefined {
  const isList = field.fieldKind === "list";
  const rules = hasOption(field, fieldRules) ? getOption(field, fieldRules) : undefined;
  // Messages inside have rules of their own.
  const outside =
    field.fieldKind === "map"
      ? isEmptyMap
      : field.message === undefined
        ? always
        : isList
          ? isEmptyList
          : isUnset;
  if (rules === undefined) return outside;
  if (!hasOnly(FieldRulesSchema, rules, KNOWN)) return undefined;
  if (isList || field.fieldKind === "map" || field.message !== undefined)
    return isList && rules.type.case === "repeated" ? listTest(rules.type.value, outside) : undefined;
  const test = scalarTest(field, rules.type);
  if (test === undefined) return undefined;
  const mayBeZero = rules.ignore === Ignore.IF_ZERO_VALUE;
  return (value) =>
    value === undefined || (mayBeZero && (value === "" || value === 0 || value === 0n)) || test(value);
}

const KNOWN = ["ignore", "string", "enum", "repeated", "int32", "int64", "uint32", "uint64", "double"];

function scalarTest(field: DescField, { case: kind, value: rules }: FieldRules["type"]): Test | undefined {
  switch (kind) {
    case "string":
      return textTest(rules);
    case "enum": {
      const known = field.enum?.value;
      if (known === undefined || !hasOnly(EnumRulesSchema, rules, ["defined_only", "not_in"]))
        return undefined;
      return (value) => known[value as number] !== undefined && !rules.notIn.includes(value as number);
    }
    case "int32":
      return rangeTest(Int32RulesSchema, rules);
    case "int64":
      return rangeTest(Int64RulesSchema, rules);
    case "uint32":
      return rangeTest(UInt32RulesSchema, rules);
    case "uint64":
      return rangeTest(UInt64RulesSchema, rules);
    case "double":
      return rangeTest(DoubleRulesSchema, rules);
    default:
      return undefined;
  }
}

const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

function textTest(rules: StringRules): Test | undefined {
  if (!hasOnly(StringRulesSchema, rules, ["max_len", "min_len", "uuid"])) return undefined;
  // Rules count characters: there are at most as many as UTF-16 units, and at least half as many.
  const isBounded = isFieldSet(rules, StringRulesSchema.field.maxLen);
  const most = isBounded ? Number(rules.maxLen) : Number.POSITIVE_INFINITY;
  const least = rules.minLen > 1n ? Number(rules.minLen) * 2 : Number(rules.minLen);
  const isUuid = rules.wellKnown.case === "uuid" && rules.wellKnown.value;
  return (value) => {
    const text = value as string;
    return text.length <= most && text.length >= least && (!isUuid || UUID.test(text));
  };
}

function listTest(rules: MessageShape<typeof RepeatedRulesSchema>, outside: Test): Test | undefined {
  if (!hasOnly(RepeatedRulesSchema, rules, ["max_items", "min_items"])) return undefined;
  const isBounded = isFieldSet(rules, RepeatedRulesSchema.field.maxItems);
  const most = isBounded ? Number(rules.maxItems) : Number.POSITIVE_INFINITY;
  return (value) => {
    const { length } = value as readonly unknown[];
    return length <= most && length >= Number(rules.minItems) && outside(value);
  };
}

interface Limit<Kind> {
  readonly case?: Kind | undefined;
  readonly value?: number | bigint | undefined;
}

interface RangeRules extends Message {
  readonly greaterThan: Limit<"gt" | "gte">;
  readonly lessThan: Limit<"lt" | "lte">;
  readonly finite?: boolean;
}

function rangeTest(schema: DescMessage, rules: RangeRules): Test | undefined {
  if (!hasOnly(schema, rules, ["gt", "gte", "lt", "lte", "finite"])) return undefined;
  const { greaterThan: lower, lessThan: upper, finite = false } = rules;
  // A range that is turned around means what is outside of it.
  if (lower.value !== undefined && upper.value !== undefined && lower.value >= upper.value) return undefined;
  return (given) => {
    const value = given as number | bigint;
    if (lower.value !== undefined && !(lower.case === "gt" ? value > lower.value : value >= lower.value))
      return false;
    if (upper.value !== undefined && !(upper.case === "lt" ? value < upper.value : value <= upper.value))
      return false;
    return !finite || Number.isFinite(value);
  };
}

function hasOnly(schema: DescMessage, rules: Message, names: readonly string[]): boolean {
  if (rules.$unknown !== undefined && rules.$unknown.length > 0) return false;
  return schema.fields.every((field) => !isFieldSet(rules, field) || names.includes(field.name));
}
