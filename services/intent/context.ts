import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { parseType } from "#anrf/program/type-text.ts";
import { type Literal, literalFromJson } from "./literals.ts";
import type { Plain } from "./types.ts";

/** What a module knows of a function, read from the content that its owner stored. */
export interface StoredContext {
  readonly module: string;
  readonly function: string;
  /** Digest of the content, so that a replay can tell whether it saw the same. */
  readonly digest: string;
  readonly signature?: Plain;
  /** Names of its record types. */
  readonly records: ReadonlySet<string>;
  readonly doc: string;
  readonly examples: readonly StoredExample[];
  /** Programs that the function may call. */
  readonly functions: readonly StoredFunction[];
  /** What of the content could not be read, one sentence each. */
  readonly warnings: readonly string[];
}

/** An example of a stored context. */
export interface StoredExample {
  readonly inputs: readonly Literal[] | ReadonlyMap<string, Literal>;
  readonly output: Literal;
}

/** A program that a stored context names; version 0 is the newest. */
export interface StoredFunction {
  readonly name: string;
  readonly anrfId: string;
  readonly version: number;
}

/** The most functions of a context that one intent takes. */
export const MAX_FUNCTIONS = 32;

/** Reads stored content {signature, records, doc, functions, examples}; what cannot be read becomes a warning. */
export function readContext(module: string, name: string, content: JsonObject): StoredContext {
  const warnings: string[] = [];
  const warn = (what: string): void => {
    warnings.push(`the stored context of ${label(module, name)}: ${what}`);
  };
  const records = new Set(Object.keys(objectOf(content["records"]) ?? {}));
  const signature = signatureOf(content["signature"], records, warn);
  return {
    module,
    function: name,
    digest: `sha256:${bytesToHex(sha256(utf8ToBytes(JSON.stringify(content))))}`,
    ...(signature === undefined ? {} : { signature }),
    records,
    doc: typeof content["doc"] === "string" ? content["doc"].slice(0, 20_000) : "",
    examples: listOf(content["examples"]).flatMap((value) => exampleOf(value, warn)),
    functions: listOf(content["functions"])
      .flatMap((value) => functionOf(value, warn))
      .slice(0, MAX_FUNCTIONS),
    warnings,
  };
}

/** `module "shop", function "total"`, for messages. */
export function label(module: string, name: string): string {
  if (name === "") return `module ${JSON.stringify(module)}`;
  return module === ""
    ? `function ${JSON.stringify(name)}`
    : `module ${JSON.stringify(module)}, function ${JSON.stringify(name)}`;
}

type Warn = (what: string) => void;

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}

function signatureOf(
  value: JsonValue | undefined,
  records: ReadonlySet<string>,
  warn: Warn,
): Plain | undefined {
  const object = objectOf(value);
  if (object === undefined) return undefined;
  const params = listOf(object["params"]).map((item, at) => {
    const param = objectOf(item);
    const type = typeof param?.["type"] === "string" ? parseType(param["type"], { records }) : undefined;
    if (type !== undefined && "error" in type)
      warn(`cannot read the type of parameter ${at + 1}: ${type.error}`);
    const name = typeof param?.["name"] === "string" ? param["name"] : `arg${at}`;
    return type === undefined || "error" in type ? { name } : { name, type };
  });
  const returns =
    typeof object["returns"] === "string" && object["returns"] !== ""
      ? parseType(object["returns"], { records })
      : undefined;
  if (returns !== undefined && "error" in returns)
    warn(`cannot read the type of the result: ${returns.error}`);
  const name = typeof object["name"] === "string" && object["name"] !== "" ? { name: object["name"] } : {};
  return { ...name, params, ...(returns === undefined || "error" in returns ? {} : { returns }) };
}

function exampleOf(value: JsonValue, warn: Warn): StoredExample[] {
  const object = objectOf(value);
  const inputs = object?.["inputs"];
  const output = object?.["output"];
  if (object === undefined || output === undefined || typeof inputs !== "object" || inputs === null) {
    warn("an example has no inputs or no output");
    return [];
  }
  const read = Array.isArray(inputs)
    ? inputs.map(literalFromJson)
    : new Map(Object.entries(inputs).map(([name, item]) => [name, literalFromJson(item)]));
  return [{ inputs: read, output: literalFromJson(output) }];
}

function functionOf(value: JsonValue, warn: Warn): StoredFunction[] {
  const object = objectOf(value);
  const [name, anrfId, version] = [
    object?.["name"],
    object?.["anrf_id"] ?? object?.["anrfId"],
    object?.["version"],
  ];
  if (typeof name !== "string" || typeof anrfId !== "string") {
    warn("a function has no name or no anrf_id");
    return [];
  }
  return [
    {
      name,
      anrfId,
      version: typeof version === "number" && Number.isInteger(version) && version > 0 ? version : 0,
    },
  ];
}
