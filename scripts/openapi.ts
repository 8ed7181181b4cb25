import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type FileRegistry,
  getOption,
  hasOption,
  ScalarType,
} from "@bufbuild/protobuf";
import { type FieldRules, field as rulesOption } from "#gen/buf/validate/validate_pb.ts";
import { HTTP_STATUS } from "#platform/rpc/codes.ts";
import { type HttpBinding, httpBindings } from "#platform/rpc/http-rules.ts";

type Schema = { [key: string]: unknown };

/** Where comments of the contract are found: by full name. */
export type Comments = ReadonlyMap<string, string>;

/** What the document is made from. */
export interface OpenApiSource {
  /** With the options of the contract. */
  readonly registry: FileRegistry;
  readonly comments: Comments;
  /** Full names, in the order of the document. */
  readonly services: readonly string[];
  readonly version: string;
}

/** The OpenAPI 3.1 document of all REST paths: what the gateways accept and answer, printed from the contract. */
export function openApi(source: OpenApiSource): Schema {
  const services = source.services.map((name) => {
    const service = source.registry.getService(name);
    if (service === undefined) throw new Error(`the contract has no service ${name}`);
    return service;
  });
  const schemas = new Schemas(source.comments);
  const paths: Record<string, Schema> = {};
  for (const binding of httpBindings(services)) {
    const item = paths[binding.template] ?? {};
    item[binding.verb.toLowerCase()] = operation(binding, schemas, source.comments);
    paths[binding.template] = item;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "ANRF",
      version: source.version,
      description: "From a sentence to a running function: typed, verified, versioned, sandboxed programs.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    security: [{ apiKey: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
        bearer: { type: "http", scheme: "bearer" },
      },
      responses: {
        Error: {
          description: "What could not be done, and why.",
          content: json({ $ref: "#/components/schemas/Error" }),
        },
      },
      schemas: { Error: ERROR, ...schemas.all() },
    },
  };
}

const ERROR: Schema = {
  type: "object",
  required: ["error", "code", "details", "requestId"],
  properties: {
    error: { type: "string", description: "What could not be done, to what, why, and what to do." },
    code: { type: "string", description: "The gRPC status, such as NOT_FOUND." },
    details: {
      type: "array",
      items: { type: "object", required: ["@type"], properties: { "@type": { type: "string" } } },
    },
    requestId: { type: ["string", "null"], description: "Names the request in the logs." },
  },
};

/** Statuses that both gateways answer: those of the golden table, and what HTTP itself refuses. */
const ERRORS: Schema = Object.fromEntries(
  [...new Set([...Object.values(HTTP_STATUS), 408, 413, 431, 502])]
    .filter((status) => status >= 400)
    .sort((a, b) => a - b)
    .map((status) => [String(status), { $ref: "#/components/responses/Error" }]),
);

const json = (schema: Schema): Schema => ({ "application/json": { schema } });

function operation(binding: HttpBinding, schemas: Schemas, comments: Comments): Schema {
  const { method, service } = binding;
  const path = binding.segments.flatMap((one) => ("field" in one ? [one.field] : []));
  const rest = method.input.fields.filter((field) => !path.includes(field.name));
  const parameters = [
    ...path.map((name) => parameter(method.input, name, "path", schemas, comments)),
    ...(binding.body === ""
      ? rest
          .filter(isQueryable)
          .map((field) => parameter(method.input, field.name, "query", schemas, comments))
      : []),
  ];
  return {
    operationId: operationId(binding),
    tags: [service.name],
    summary: (comments.get(`${service.typeName}.${method.name}`) ?? "").split("\n")[0],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(binding.body === ""
      ? {}
      : { requestBody: { required: true, content: json(schemas.object(method.input, rest)) } }),
    responses: { "200": answer(binding, schemas), ...ERRORS },
  };
}

function answer(binding: HttpBinding, schemas: Schemas): Schema {
  const { output, methodKind } = binding.method;
  if (methodKind === "server_streaming") {
    const schema = schemas.ref(output);
    const description = "Events as they come; the last one is `completed` or `failed`.";
    return { description, content: { "text/event-stream": { schema }, "application/x-ndjson": { schema } } };
  }
  if (binding.responseBody !== "") {
    const schema = { type: "string", format: "binary" };
    return { description: "The file.", content: { "application/vnd.anrf.v1+protobuf": { schema } } };
  }
  return { description: "Done.", content: json(schemas.ref(output)) };
}

/** The RPC's name for its first binding; the others have their number behind it. */
function operationId({ service, method, verb, template }: HttpBinding): string {
  const all = httpBindings([service]).filter((one) => one.method.name === method.name);
  const index = all.findIndex((one) => one.verb === verb && one.template === template);
  return index === 0 ? method.name : `${method.name}_${index + 1}`;
}

const isQueryable = (field: DescField): boolean =>
  field.fieldKind === "scalar" ||
  field.fieldKind === "enum" ||
  (field.fieldKind === "list" && field.listKind !== "message");

function parameter(
  desc: DescMessage,
  name: string,
  where: "path" | "query",
  schemas: Schemas,
  comments: Comments,
): Schema {
  const field = desc.fields.find((one) => one.name === name);
  if (field === undefined) throw new Error(`${desc.typeName} has no field ${name}`);
  return {
    name: where === "path" ? field.name : field.jsonName,
    in: where,
    required: where === "path",
    description: comments.get(`${desc.typeName}.${name}`) ?? "",
    schema: schemas.field(field),
  };
}

/** Collects the schemas of messages and enums as they are met. */
class Schemas {
  readonly #comments: Comments;
  readonly #known = new Map<string, Schema>();

  constructor(comments: Comments) {
    this.#comments = comments;
  }

  all(): Record<string, Schema> {
    return Object.fromEntries([...this.#known].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  ref(desc: DescMessage): Schema {
    const special = WELL_KNOWN[desc.typeName];
    if (special !== undefined) return special;
    if (!this.#known.has(desc.typeName)) {
      this.#known.set(desc.typeName, {});
      this.#known.set(desc.typeName, this.object(desc, desc.fields));
    }
    return { $ref: `#/components/schemas/${desc.typeName}` };
  }

  object(desc: DescMessage, fields: readonly DescField[]): Schema {
    return {
      type: "object",
      description: this.#comments.get(desc.typeName) ?? "",
      properties: Object.fromEntries(fields.map((field) => [field.jsonName, this.#described(field)])),
      additionalProperties: false,
    };
  }

  #described(field: DescField): Schema {
    const description = this.#comments.get(`${field.parent.typeName}.${field.name}`) ?? "";
    return { ...this.field(field), ...(description === "" ? {} : { description }) };
  }

  field(field: DescField): Schema {
    const rules = hasOption(field, rulesOption) ? getOption(field, rulesOption) : undefined;
    switch (field.fieldKind) {
      case "scalar":
        return scalar(field.scalar, rules);
      case "enum":
        return this.#enum(field.enum);
      case "message":
        return this.ref(field.message);
      case "map":
        return { type: "object", additionalProperties: this.#item(field) };
      case "list": {
        const list = rules?.type.case === "repeated" ? rules.type.value : undefined;
        return {
          type: "array",
          items: this.#item(field, list?.items),
          ...(list?.maxItems === undefined || list.maxItems === 0n
            ? {}
            : { maxItems: Number(list.maxItems) }),
        };
      }
      default:
        throw new Error(`unreachable: ${field satisfies never}`);
    }
  }

  #item(field: DescField & { fieldKind: "list" | "map" }, rules?: FieldRules): Schema {
    if (field.message !== undefined) return this.ref(field.message);
    return field.enum === undefined
      ? scalar(field.scalar ?? ScalarType.STRING, rules)
      : this.#enum(field.enum);
  }

  #enum(desc: DescEnum): Schema {
    if (!this.#known.has(desc.typeName)) {
      const description = this.#comments.get(desc.typeName) ?? "";
      this.#known.set(desc.typeName, {
        type: "string",
        description,
        enum: desc.values.map((value) => value.name),
      });
    }
    return { $ref: `#/components/schemas/${desc.typeName}` };
  }
}

const WELL_KNOWN: Readonly<Record<string, Schema>> = {
  "google.protobuf.Value": { description: "Any JSON value." },
  "google.protobuf.Struct": { type: "object" },
  "google.protobuf.Timestamp": { type: "string", format: "date-time" },
  "google.protobuf.FieldMask": { type: "string" },
  "google.protobuf.Any": { type: "object", properties: { "@type": { type: "string" } } },
};

function scalar(type: ScalarType, rules: FieldRules | undefined): Schema {
  switch (type) {
    case ScalarType.STRING:
      return { type: "string", ...stringRules(rules) };
    case ScalarType.BYTES:
      return { type: "string", contentEncoding: "base64" };
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: "number", ...bounds(rules) };
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.UINT64:
      // ProtoJSON prints them as strings and reads both.
      return { type: ["string", "integer"], format: "int64" };
    default:
      return { type: "integer", format: "int32", ...bounds(rules) };
  }
}

function stringRules(rules: FieldRules | undefined): Schema {
  if (rules?.type.case !== "string") return {};
  const { minLen, maxLen, pattern, in: among, wellKnown } = rules.type.value;
  return {
    ...(minLen === 0n || minLen === undefined ? {} : { minLength: Number(minLen) }),
    ...(maxLen === 0n || maxLen === undefined ? {} : { maxLength: Number(maxLen) }),
    ...(pattern === "" || pattern === undefined ? {} : { pattern }),
    ...(among.length === 0 ? {} : { enum: [...among] }),
    ...(wellKnown.case === "uuid" && wellKnown.value ? { format: "uuid" } : {}),
  };
}

function bounds(rules: FieldRules | undefined): Schema {
  const kind = rules?.type.case;
  if (kind !== "int32" && kind !== "uint32" && kind !== "double") return {};
  const { lessThan, greaterThan } = (rules?.type.value ?? {}) as {
    lessThan?: { case?: string; value?: number };
    greaterThan?: { case?: string; value?: number };
  };
  return {
    ...(greaterThan?.case === "gte" ? { minimum: greaterThan.value } : {}),
    ...(greaterThan?.case === "gt" ? { exclusiveMinimum: greaterThan.value } : {}),
    ...(lessThan?.case === "lte" ? { maximum: lessThan.value } : {}),
    ...(lessThan?.case === "lt" ? { exclusiveMaximum: lessThan.value } : {}),
  };
}
