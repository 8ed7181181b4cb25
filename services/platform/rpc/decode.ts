import { create, type DescField, type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import { exhausted, type FieldViolation, invalidField, type RpcError } from "./error.ts";
import type { Route } from "./handlers.ts";
import { opaqueSchema } from "./opaque.ts";
import { type QuickCheck, quickCheck } from "./rules.ts";

/** The request in the bytes, its opaque fields left as they are; throws an RpcError if it is too large, too deep or none. */
export function decodeRequest(route: Route, bytes: Uint8Array): Message {
  if (bytes.length > route.messageBytes) throw tooLarge("the request", bytes.length, route.messageBytes);
  return readMessage(route.method.input, bytes);
}

/** The message in the bytes, its opaque fields left as they are; throws an RpcError if it is too deep or none. */
export function readMessage(desc: DescMessage, bytes: Uint8Array): Message {
  try {
    if (isShallow(desc, bytes)) return fromBinary(opaqueSchema(desc), bytes);
  } catch (cause) {
    throw unreadable(desc, cause);
  }
  throw tooDeep();
}

function tooDeep(): RpcError {
  return invalidField("", `the request nests more than ${MAX_LEVELS} levels`, "INPUT_TOO_DEEP");
}

/** INVALID_ARGUMENT for bytes or text that are not the message. */
export function unreadable(desc: DescMessage, cause: unknown): RpcError {
  const why = cause instanceof Error ? cause.message : String(cause);
  // A JSON reader gives up at 100 levels, long after ours.
  if (cause instanceof RangeError || /recursion depth/.test(why)) return tooDeep();
  return invalidField("", `cannot read ${desc.typeName}: ${why}`, "MESSAGE_UNREADABLE");
}

/** RESOURCE_EXHAUSTED for a message over its limit. */
export function tooLarge(what: string, size: number, limit: number): RpcError {
  const metadata = { size: String(size), limit: String(limit) };
  return exhausted("MESSAGE_TOO_LARGE", `${what} has ${size} bytes; at most ${limit} are allowed`, {
    metadata,
  });
}

/** The most levels of arrays and objects that the JSON form of a request may have. */
export const MAX_LEVELS = 32;

/** Bytes that are no message at all. */
export class WireError extends Error {}

/**
 * Whether the JSON form of an encoded message has at most `max` levels of arrays and objects. It reads the bytes
 * without decoding them, so it is safe on hostile ones; throws WireError on bytes that cannot be a message. Depth that
 * hides in unknown fields does not count, as no reader looks there.
 */
export function isShallow(desc: DescMessage, bytes: Uint8Array, max: number = MAX_LEVELS): boolean {
  const scan = new Scan(bytes);
  return scan.message(desc, bytes.length, levelOf(desc), max);
}

// Types whose JSON form is one value: they add no object of their own. Their lists and maps are that value's.
const FLAT = new Set([
  "google.protobuf.Value",
  "google.protobuf.Timestamp",
  "google.protobuf.Duration",
  "google.protobuf.FieldMask",
  "anrf.v1.Value",
  "anrf.v1.MapEntry",
  "anrf.v1.Literal",
  "anrf.v1.DecimalValue",
]);

// Types that are one array or one object in JSON, with what stands in their lists or maps directly inside.
const PLAIN = new Set([
  "google.protobuf.Struct",
  "google.protobuf.ListValue",
  "anrf.v1.ListValue",
  "anrf.v1.IntsValue",
  "anrf.v1.FloatsValue",
  "anrf.v1.MapValue",
  "anrf.v1.OptionValue",
  "anrf.v1.VariantValue",
]);

function levelOf(desc: DescMessage): number {
  return FLAT.has(desc.typeName) ? 0 : 1;
}

/** The message of a field, with the levels that it adds; undefined for fields without messages. */
interface Inner {
  readonly desc: DescMessage;
  readonly levels: number;
  /** A map's message stands in field 2 of an entry. */
  readonly entry: boolean;
}

const tables = new WeakMap<DescMessage, ReadonlyMap<number, Inner>>();

function innerFields(desc: DescMessage): ReadonlyMap<number, Inner> {
  const known = tables.get(desc);
  if (known !== undefined) return known;
  const own = FLAT.has(desc.typeName) || PLAIN.has(desc.typeName) ? 0 : 1;
  const found = new Map<number, Inner>();
  for (const field of desc.fields) {
    const inner = innerOf(field, own);
    if (inner !== undefined) found.set(field.number, inner);
  }
  tables.set(desc, found);
  return found;
}

function innerOf(field: DescField, own: number): Inner | undefined {
  const desc = field.message;
  if (desc === undefined) return undefined;
  const several = field.fieldKind === "list" || field.fieldKind === "map" ? own : 0;
  return { desc, levels: several + levelOf(desc), entry: field.fieldKind === "map" };
}

class Scan {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  // Recursion is bounded: each nested value adds a level every other step, and `max` is small.
  message(desc: DescMessage, end: number, level: number, max: number): boolean {
    if (level > max) return false;
    const inner = innerFields(desc);
    while (this.#at < end) {
      const tag = this.#varint(end);
      const wire = tag & 7;
      const found = wire === 2 ? inner.get(tag >>> 3) : undefined;
      if (found === undefined) {
        this.#skip(wire, end);
        continue;
      }
      const stop = this.#length(end);
      const fits = found.entry
        ? this.#entry(found, stop, level, max)
        : this.message(found.desc, stop, level + found.levels, max);
      if (!fits) return false;
      if (this.#at !== stop) throw new WireError("a message does not end where its length says");
    }
    return true;
  }

  #entry(found: Inner, end: number, level: number, max: number): boolean {
    while (this.#at < end) {
      const tag = this.#varint(end);
      if (tag !== ((2 << 3) | 2)) {
        this.#skip(tag & 7, end);
        continue;
      }
      const stop = this.#length(end);
      if (!this.message(found.desc, stop, level + found.levels, max)) return false;
      if (this.#at !== stop) throw new WireError("a message does not end where its length says");
    }
    return true;
  }

  #length(end: number): number {
    const length = this.#varint(end);
    const stop = this.#at + length;
    if (stop > end) throw new WireError("a length points past the end");
    return stop;
  }

  /** A varint of which only the low 32 bits matter: tags and lengths. */
  #varint(end: number): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= end) throw new WireError("a number is cut off");
      const byte = this.#bytes[this.#at++] ?? 0;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new WireError("a number is longer than ten bytes");
  }

  #skip(wire: number, end: number): void {
    switch (wire) {
      case 0:
        this.#varint(end);
        return;
      case 1:
        this.#at += 8;
        break;
      case 2:
        this.#at = this.#length(end);
        return;
      case 5:
        this.#at += 4;
        break;
      default:
        throw new WireError("groups are not part of the contract");
    }
    if (this.#at > end) throw new WireError("a fixed-size value is cut off");
  }
}

/** Holds messages to the `buf.validate` rules of the contract. */
export interface Validator {
  /** The fields that break a rule, by JSON path; empty for a valid message. */
  violations(schema: DescMessage, message: Message): readonly FieldViolation[];
  /** Compiles the rules of a message now, not at its first use. */
  warm(schema: DescMessage): void;
}

/** Makes a validator; rules are compiled at their first use. */
export function createMessageValidator(): Validator {
  const validator = createValidator();
  const checks = new Map<DescMessage, QuickCheck>();
  const quickly = (schema: DescMessage, message: Message): boolean => {
    let check = checks.get(schema);
    if (check === undefined) {
      check = quickCheck(schema);
      checks.set(schema, check);
    }
    return check(message);
  };
  return {
    violations: (schema, message) => {
      if (quickly(schema, message)) return [];
      const result = validator.validate(schema, message);
      if (result.kind === "valid") return [];
      if (result.kind === "error") throw result.error;
      return result.violations.map(fieldViolation);
    },
    warm: (schema) => {
      quickly(schema, create(schema));
      validator.validate(schema, create(schema));
    },
  };
}

function fieldViolation(violation: Violation): FieldViolation {
  let field = "";
  for (const part of violation.field) {
    if (part.kind === "list_sub") field += `[${part.index}]`;
    else if (part.kind === "map_sub") field += `[${JSON.stringify(String(part.key))}]`;
    else if (part.kind === "field") field += `${field === "" ? "" : "."}${part.jsonName}`;
    else field += `${field === "" ? "" : "."}${part.name}`;
  }
  return { field, description: violation.message };
}
