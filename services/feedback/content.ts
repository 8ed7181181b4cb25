import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { parseType } from "#anrf/program/type-text.ts";
import { isUuid } from "#platform/process/ids.ts";
import { type FieldViolation, invalid, invalidField } from "#platform/rpc/error.ts";

/** The most bytes of a context's content, as JSON. */
export const MAX_CONTENT_BYTES = 256 * 1024;

const KEYS = ["signature", "records", "doc", "functions", "examples"] as const;

/** Content that an analysis can use; anything else is INVALID_ARGUMENT with every mistake at once. */
export function validContent(content: JsonObject | undefined): JsonObject {
  if (content === undefined)
    throw invalidField("content", `is missing: give an object with ${KEYS.join(", ")}`);
  const bytes = Buffer.byteLength(JSON.stringify(content));
  if (bytes > MAX_CONTENT_BYTES) {
    throw invalidField("content", `has ${bytes} bytes; at most ${MAX_CONTENT_BYTES} are kept`);
  }
  const violations: FieldViolation[] = [];
  const wrong = (field: string, description: string): void => {
    violations.push({ field: `content${field}`, description });
  };
  for (const key of Object.keys(content)) {
    if (!(KEYS as readonly string[]).includes(key))
      wrong(`.${key}`, `is unknown; known are ${KEYS.join(", ")}`);
  }
  const records = objectOf(content["records"], ".records", wrong);
  checkSignature(content["signature"], new Set(Object.keys(records ?? {})), wrong);
  if (content["doc"] !== undefined && typeof content["doc"] !== "string") wrong(".doc", "must be a string");
  for (const [at, item] of listOf(content["functions"], ".functions", wrong).entries()) {
    checkFunction(item, `.functions[${at}]`, wrong);
  }
  for (const [at, item] of listOf(content["examples"], ".examples", wrong).entries()) {
    checkExample(item, `.examples[${at}]`, wrong);
  }
  if (violations.length > 0) throw invalid(violations);
  return content;
}

type Wrong = (field: string, description: string) => void;

function objectOf(value: JsonValue | undefined, field: string, wrong: Wrong): JsonObject | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  wrong(field, "must be an object");
  return undefined;
}

function listOf(value: JsonValue | undefined, field: string, wrong: Wrong): readonly JsonValue[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  wrong(field, "must be a list");
  return [];
}

function checkSignature(value: JsonValue | undefined, records: ReadonlySet<string>, wrong: Wrong): void {
  const signature = objectOf(value, ".signature", wrong);
  if (signature === undefined) return;
  const check = (text: JsonValue | undefined, field: string): void => {
    const type = typeof text === "string" ? parseType(text, { records }) : undefined;
    if (type === undefined) wrong(field, "must be a type such as list<int>");
    else if ("error" in type) wrong(field, `cannot read the type: ${type.error}`);
  };
  for (const [at, item] of listOf(signature["params"], ".signature.params", wrong).entries()) {
    const param = objectOf(item, `.signature.params[${at}]`, wrong);
    if (param === undefined) continue;
    if (typeof param["name"] !== "string") wrong(`.signature.params[${at}].name`, "must be a name");
    check(param["type"], `.signature.params[${at}].type`);
  }
  check(signature["returns"], ".signature.returns");
}

function checkFunction(value: JsonValue, field: string, wrong: Wrong): void {
  const one = objectOf(value, field, wrong);
  if (one === undefined) return;
  const { name, version } = { name: one["name"], version: one["version"] };
  const id = one["anrf_id"] ?? one["anrfId"];
  if (typeof name !== "string" || name === "") wrong(`${field}.name`, "must be a name");
  if (typeof id !== "string" || !isUuid(id)) wrong(`${field}.anrf_id`, "must be the UUID of a program");
  if (version !== undefined && !(typeof version === "number" && Number.isInteger(version) && version >= 1)) {
    wrong(`${field}.version`, "must be a version from 1, or absent for the newest");
  }
}

function checkExample(value: JsonValue, field: string, wrong: Wrong): void {
  const one = objectOf(value, field, wrong);
  if (one === undefined) return;
  if (typeof one["inputs"] !== "object" || one["inputs"] === null) {
    wrong(`${field}.inputs`, "must be an object by parameter name, or a list by position");
  }
  if (one["output"] === undefined) wrong(`${field}.output`, "is missing");
}
