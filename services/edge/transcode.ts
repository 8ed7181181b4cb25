import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type Registry,
  ScalarType,
} from "@bufbuild/protobuf";
import type { HttpMatch } from "#platform/rpc/http-rules.ts";

/** One field of a request that cannot be read, by its JSON path. */
export interface Violation {
  readonly field: string;
  readonly description: string;
}

/** What an HTTP request says: path variables, query and body, already parsed. */
export interface HttpInput {
  readonly match: HttpMatch;
  readonly query: URLSearchParams;
  /** The parsed body, or undefined when there was none. */
  readonly body: unknown;
}

type Json = { [key: string]: JsonValue };

/**
 * The request message of an HTTP request, as Envoy's transcoder reads it, but that an unknown JSON field is
 * refused with its path and a likely spelling. A query parameter overrides a path variable of the same name; a
 * body that contradicts a path variable is refused.
 */
export function messageFromHttp(input: HttpInput, registry: Registry): Message | readonly Violation[] {
  const desc = input.match.binding.method.input;
  const violations: Violation[] = [];
  const json = bodyObject(input.body, violations);
  checkMessage(desc, json, "", violations);
  for (const [name, value] of Object.entries(input.match.variables)) {
    const field = fieldByName(desc, name);
    if (field === undefined) throw new Error(`${desc.typeName} has no field ${name}`);
    const inBody = json[field.jsonName] ?? json[field.name];
    if (inBody !== undefined && inBody !== value) {
      violations.push({
        field: field.jsonName,
        description: "the path says something else; leave it out of the body",
      });
    }
    delete json[field.name];
    json[field.jsonName] = value;
  }
  for (const name of new Set(input.query.keys()))
    setQuery(desc, json, name, input.query.getAll(name), violations);
  if (violations.length > 0) return violations;
  try {
    return fromJson(desc, json, { registry });
  } catch (error) {
    return [violationOf(error)];
  }
}

function bodyObject(body: unknown, violations: Violation[]): Json {
  if (body === undefined) return {};
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...(body as Json) };
  violations.push({ field: "", description: "the body has to be a JSON object" });
  return {};
}

/** protobuf-es says `cannot decode field a.b.C.some_field from JSON: why`. */
function violationOf(error: unknown): Violation {
  const text = error instanceof Error ? error.message : String(error);
  const found = /field [\w.]+\.(\w+) from JSON: ([\s\S]*)/.exec(text);
  return { field: found?.[1] ?? "", description: found?.[2] ?? text };
}

/** Adds a query parameter, `a` or `a.b`, by proto or JSON name; a repeated field takes all its values. */
function setQuery(
  desc: DescMessage,
  json: Json,
  name: string,
  values: string[],
  violations: Violation[],
): void {
  let target = json;
  let message = desc;
  const path = name.split(".");
  for (const [index, part] of path.entries()) {
    const field = fieldByName(message, part);
    if (field === undefined) {
      violations.push({ field: name, description: `unknown query parameter${suggestion(message, part)}` });
      return;
    }
    if (index < path.length - 1) {
      if (field.fieldKind !== "message") {
        violations.push({ field: name, description: `"${part}" has no fields of its own` });
        return;
      }
      const inner = target[field.jsonName];
      target = target[field.jsonName] =
        typeof inner === "object" && inner !== null ? { ...(inner as Json) } : {};
      message = field.message;
      continue;
    }
    const value = queryValue(field, values);
    if (value === undefined)
      violations.push({ field: name, description: "cannot be given as a query parameter" });
    else target[field.jsonName] = value;
  }
}

function queryValue(field: DescField, values: string[]): JsonValue | undefined {
  const read = (text: string): JsonValue => {
    if (field.enum !== undefined) return enumName(field.enum, text);
    if (field.scalar === ScalarType.BOOL && (text === "true" || text === "false")) return text === "true";
    return text;
  };
  switch (field.fieldKind) {
    case "scalar":
    case "enum":
      return read(values.at(-1) ?? "");
    case "list":
      return field.listKind === "message" ? undefined : values.map(read);
    case "message":
    case "map":
      return undefined;
    default:
      throw new Error(`unreachable: ${field satisfies never}`);
  }
}

/** Looks for members that the message does not have; enum names are accepted in any case, in place. */
function checkMessage(desc: DescMessage, json: Json, path: string, violations: Violation[]): void {
  if (desc.typeName.startsWith("google.protobuf.")) return;
  for (const [key, value] of Object.entries(json)) {
    const here = path === "" ? key : `${path}.${key}`;
    const field = fieldByName(desc, key);
    if (field === undefined)
      violations.push({ field: here, description: `unknown field${suggestion(desc, key)}` });
    else if (value !== null) checkField(field, json, key, here, violations);
  }
}

/** Says that a field at `path` is something else than was wanted. */
type Wrong = (path: string, wanted: string, found: unknown) => void;

function checkField(field: DescField, json: Json, key: string, path: string, violations: Violation[]): void {
  const value = json[key];
  const wrong: Wrong = (at, wanted, found) => {
    violations.push({ field: at, description: `expected ${wanted}, found ${kindOf(found)}` });
  };
  switch (field.fieldKind) {
    case "list":
      if (Array.isArray(value))
        json[key] = value.map((item, index) =>
          checkItem(field, item, `${path}[${index}]`, violations, wrong),
        );
      else wrong(path, "an array", value);
      return;
    case "message":
    case "enum":
      json[key] = checkItem(field, value, path, violations, wrong);
      return;
    case "scalar":
      checkScalar(field.scalar, value, path, wrong);
      return;
    case "map":
      return;
    default:
      throw new Error(`unreachable: ${field satisfies never}`);
  }
}

/** One message or enum value; the copy that is returned has enum names as the contract spells them. */
function checkItem(
  field: DescField,
  value: unknown,
  path: string,
  violations: Violation[],
  wrong: Wrong,
): JsonValue {
  const { enum: enumDesc, message } = field;
  if (enumDesc !== undefined && typeof value === "string") {
    const name = enumName(enumDesc, value);
    if (enumDesc.values.every((one) => one.name !== name)) {
      violations.push({
        field: path,
        description: `expected one of ${enumDesc.values.map((one) => one.name).join(", ")}`,
      });
    }
    return name;
  }
  if (message === undefined || message.typeName.startsWith("google.protobuf.")) return value as JsonValue;
  if (!isObject(value)) {
    wrong(path, "an object", value);
    return null;
  }
  const copy = { ...value };
  checkMessage(message, copy, path, violations);
  return copy;
}

function checkScalar(scalar: ScalarType, value: unknown, path: string, wrong: Wrong): void {
  if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) {
    if (typeof value !== "string") wrong(path, "a string", value);
  } else if (scalar === ScalarType.BOOL) {
    if (typeof value !== "boolean") wrong(path, "true or false", value);
  } else if (typeof value !== "number" && typeof value !== "string") wrong(path, "a number", value);
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function fieldByName(desc: DescMessage, name: string): DescField | undefined {
  return desc.fields.find((field) => field.jsonName === name || field.name === name);
}

function enumName(desc: DescEnum, text: string): string {
  const upper = text.toUpperCase();
  return desc.values.find((one) => one.name === upper)?.name ?? text;
}

/** `; did you mean "x"?` when a field's name is within two edits, else the names there are. */
function suggestion(desc: DescMessage, name: string): string {
  let best: string | undefined;
  let least = 3;
  for (const field of desc.fields) {
    const distance = edits(name.toLowerCase(), field.jsonName.toLowerCase());
    if (distance < least) [best, least] = [field.jsonName, distance];
  }
  if (best !== undefined) return `; did you mean "${best}"?`;
  return `; ${desc.name} has ${desc.fields.map((field) => field.jsonName).join(", ") || "no fields"}`;
}

/** Levenshtein distance, given up beyond long names: a suggestion is a courtesy. */
function edits(a: string, b: string): number {
  if (a.length > 40 || b.length > 40) return 99;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 99;
}
