import { isArray, type Json, JsonNumber, JsonObject } from "./json.ts";
import {
  dateText,
  decimalFromNumber,
  decimalText,
  parseDate,
  parseDecimal,
  parseInt64,
} from "./scalar-text.ts";
import { NO_NOMINALS, type NominalTypes, type Type } from "./type.ts";
import { DecimalNumber, Some, SortedMap, type Value, Variant } from "./value.ts";

/** Deepest nesting of a value that crosses a border, in arrays and objects of its JSON inside one another. */
export const MAX_VALUE_DEPTH = 32;
/** Longest string that is read, in UTF-8 bytes. */
export const MAX_STRING_BYTES = 1024 * 1024;

/** What is wrong with an input, and where: `inputs[1][3].name`. */
export interface ValueProblem {
  readonly path: string;
  /** Lower case. */
  readonly message: string;
  /** True where only the depth limit was met: reason INPUT_TOO_DEEP. */
  readonly tooDeep: boolean;
}

/** A value, or why there is none. */
export type ValueReading =
  | { readonly value: Value; readonly problem?: undefined }
  | { readonly problem: ValueProblem; readonly value?: undefined };

/** How much is read beside the written form. */
export interface ReadOptions {
  /** Ints beyond ±(2^53 − 1) as digits too: files of the command line, where no double was in between. */
  readonly exactInts?: boolean;
}

/** Reads a value of that type (anrf.md §6); `path` begins the place of a problem. */
export function valueFromJson(
  json: Json,
  type: Type,
  nominals: NominalTypes = NO_NOMINALS,
  path = "value",
  options: ReadOptions = {},
): ValueReading {
  const reader = new Reader(nominals, options.exactInts === true);
  try {
    return { value: reader.read(json, type, path, 0) };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.problem };
    throw error;
  }
}

/** One parameter as an input names it. */
export interface InputParam {
  readonly name: string;
  readonly type: Type;
}

/** Arguments of a call, or the first problem. */
export type ArgsReading =
  | { readonly args: readonly Value[]; readonly problem?: undefined }
  | { readonly problem: ValueProblem; readonly args?: undefined };

/** Reads the arguments of a call from an object by parameter name or an array by position. */
export function argsFromJson(
  json: Json,
  params: readonly InputParam[],
  nominals: NominalTypes = NO_NOMINALS,
  options: ReadOptions = {},
): ArgsReading {
  const inputs = placeInputs(json, params);
  if ("message" in inputs) return { problem: inputs };
  const args: Value[] = [];
  for (const [index, param] of params.entries()) {
    const { found, path } = inputs.at(index, param.name);
    if (found === undefined && param.type.kind !== "option") {
      return { problem: problem(path, `missing input of type ${param.type.text}`) };
    }
    const reading = valueFromJson(found ?? null, param.type, nominals, path, options);
    if (reading.problem !== undefined) return { problem: reading.problem };
    args.push(reading.value);
  }
  return { args };
}

interface Placed {
  at(index: number, name: string): { readonly found: Json | undefined; readonly path: string };
}

function placeInputs(json: Json, params: readonly InputParam[]): Placed | ValueProblem {
  const count = params.length;
  if (isArray(json)) {
    if (json.length !== count) return problem("inputs", `expected ${count} inputs, found ${json.length}`);
    return { at: (index) => ({ found: json[index], path: `inputs[${index}]` }) };
  }
  if (!(json instanceof JsonObject)) {
    return problem(
      "inputs",
      `expected an object by parameter name or an array by position, found ${describe(json)}`,
    );
  }
  const known = new Set(params.map((param) => param.name));
  const extra = json.keys.find((key) => !known.has(key));
  if (extra !== undefined) {
    const names = params.map((param) => param.name).join(", ");
    return problem(
      `inputs${member(extra)}`,
      `unknown input; the function takes ${names === "" ? "none" : names}`,
    );
  }
  return { at: (_, name) => ({ found: json.get(name), path: `inputs${member(name)}` }) };
}

/** JSON of a value of that type, or the problem that it nests more than 32 levels. */
export function valueToJson(
  value: Value,
  type: Type,
  nominals: NominalTypes = NO_NOMINALS,
): { readonly json: Json; readonly problem?: undefined } | { readonly problem: ValueProblem } {
  try {
    return { json: new Writer(nominals).write(value, type, "result", 0) };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.problem };
    throw error;
  }
}

class Refused {
  readonly problem: ValueProblem;

  constructor(path: string, message: string, tooDeep = false) {
    this.problem = { path, message, tooDeep };
  }
}

function problem(path: string, message: string): ValueProblem {
  return { path, message, tooDeep: false };
}

/** `.name`, or `["a b"]` where the key is no plain name. */
function member(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 64))}]`;
}

function describe(json: Json): string {
  if (json === null) return "null";
  if (json instanceof JsonNumber) return `the number ${json.text.slice(0, 40)}`;
  if (json instanceof JsonObject) return "an object";
  if (isArray(json)) return "an array";
  if (typeof json === "string")
    return `the string ${JSON.stringify(json.length > 40 ? `${json.slice(0, 40)}…` : json)}`;
  return typeof json === "number" ? `the number ${json}` : String(json);
}

function enter(path: string, depth: number): number {
  if (depth >= MAX_VALUE_DEPTH)
    throw new Refused(path, `the value nests more than ${MAX_VALUE_DEPTH} levels`, true);
  return depth + 1;
}

/** Options of these types write `some` out, since their content may be null itself. */
function isWrapped(content: Type): boolean {
  return content.kind === "unit" || content.kind === "option";
}

/** Items that are their own value, by the kind of the list's items. */
const PLAIN_ITEMS: Partial<Readonly<Record<Type["kind"], (json: Json) => boolean>>> = {
  int: (json) => Number.isSafeInteger(json) && !Object.is(json, -0),
  float: (json) => typeof json === "number",
  bool: (json) => typeof json === "boolean",
};

/** The state of one reading. */
class Reader {
  readonly #nominals: NominalTypes;
  readonly #exactInts: boolean;

  constructor(nominals: NominalTypes, exactInts: boolean) {
    this.#nominals = nominals;
    this.#exactInts = exactInts;
  }

  read(json: Json, type: Type, path: string, depth: number): Value {
    switch (type.kind) {
      case "unit":
        return json === null ? null : expected("null", json, path);
      case "bool":
        return typeof json === "boolean" ? json : expected("true or false", json, path);
      case "int":
        return this.#int(json, path);
      case "float":
        return readFloat(json, path);
      case "string":
        return readString(json, path);
      case "decimal":
        return readDecimal(json, path);
      case "date":
        return readDate(json, path);
      case "list":
        return this.#list(json, type, path, depth);
      case "tuple":
        return this.#tuple(json, type.items, path, enter(path, depth));
      case "map":
        return this.#map(json, type.key, type.value, path, enter(path, depth));
      case "option":
        return this.#option(json, type.item, path, depth);
      case "record":
        return this.#record(json, type.name, path, enter(path, depth));
      case "variant":
        return this.#variant(json, type.name, path, depth);
      case "function":
      case "var":
        throw new Refused(path, `a value of type ${type.text} cannot be sent`);
      default:
        throw new Error(`unreachable: ${type satisfies never}`);
    }
  }

  #list(json: Json, type: Extract<Type, { kind: "list" | "option" }>, path: string, depth: number): Value {
    const items = isArray(json) ? json : expected(`an array (${type.text})`, json, path);
    const inner = enter(path, depth);
    const isPlain = PLAIN_ITEMS[type.item.kind];
    const values: Value[] = [];
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as Json;
      // A path costs more than a plain item, so it is made for the others only.
      if (isPlain?.(item) === true) values.push(item as Value);
      else values.push(this.read(item, type.item, `${path}[${index}]`, inner));
    }
    return values;
  }

  #int(json: Json, path: string): Value {
    if (typeof json === "string") {
      return parseInt64(json) ?? expected("an int between -2^63 and 2^63 - 1, as digits", json, path);
    }
    const exact = json instanceof JsonNumber && this.#exactInts ? parseInt64(json.text) : undefined;
    if (exact !== undefined) return exact;
    const number = json instanceof JsonNumber ? Number(json.text) : json;
    if (typeof number !== "number") return expected("an int", json, path);
    if (!Number.isInteger(number)) return expected("an int without a fraction", json, path);
    if (!Number.isSafeInteger(number)) {
      throw new Refused(
        path,
        `the number ${number} is beyond 2^53 - 1, where doubles lose digits: write it as a string`,
      );
    }
    return number === 0 ? 0 : number;
  }

  #tuple(json: Json, types: readonly Type[], path: string, depth: number): readonly Value[] {
    const items = isArray(json) ? json : expected(`an array of ${types.length}`, json, path);
    if (items.length !== types.length) {
      throw new Refused(path, `expected an array of ${types.length}, found one of ${items.length}`);
    }
    return types.map((type, index) => this.read(items[index] ?? null, type, `${path}[${index}]`, depth));
  }

  #map(json: Json, key: Type, value: Type, path: string, depth: number): Value {
    const entries: [Value, Value][] = [];
    if (json instanceof JsonObject && key.kind === "string") {
      json.keys.forEach((name, index) => {
        const place = `${path}${member(name)}`;
        entries.push([readString(name, place), this.read(json.values[index] ?? null, value, place, depth)]);
      });
    } else {
      const wanted =
        key.kind === "string" ? "an object or an array of [key, value]" : "an array of [key, value]";
      const pairs = isArray(json) ? json : expected(wanted, json, path);
      const inner = enter(path, depth);
      for (const [index, pair] of pairs.entries()) {
        const place = `${path}[${index}]`;
        if (!isArray(pair) || pair.length !== 2) return expected("a pair [key, value]", pair, place);
        const [k = null, v = null] = pair;
        entries.push([this.read(k, key, `${place}[0]`, inner), this.read(v, value, `${place}[1]`, inner)]);
      }
    }
    const map = SortedMap.fromEntries(entries);
    if (map.keys.length !== entries.length) throw new Refused(path, "the map has two equal keys");
    return map;
  }

  #option(json: Json, content: Type, path: string, depth: number): Value {
    if (json === null) return null;
    if (!isWrapped(content)) return new Some(this.read(json, content, path, depth));
    const inner = json instanceof JsonObject && json.keys.length === 1 ? json.get("some") : undefined;
    if (inner === undefined) return expected('null or {"some": …}', json, path);
    return new Some(this.read(inner, content, `${path}.some`, enter(path, depth)));
  }

  #record(json: Json, name: string, path: string, depth: number): Value {
    const fields = this.#nominals.records.get(name) ?? [];
    if (!(json instanceof JsonObject)) return expected(`an object (${name})`, json, path);
    const extra = json.keys.find((key) => !fields.some((field) => field.name === key));
    if (extra !== undefined) throw new Refused(`${path}${member(extra)}`, `unknown field of ${name}`);
    return fields.map((field) => {
      const place = `${path}${member(field.name)}`;
      const found = json.get(field.name);
      if (found === undefined && field.type.kind !== "option")
        throw new Refused(place, `missing field of ${name}`);
      return this.read(found ?? null, field.type, place, depth);
    });
  }

  #variant(json: Json, name: string, path: string, depth: number): Value {
    const cases = this.#nominals.variants.get(name) ?? [];
    const isObject = json instanceof JsonObject && json.keys.length === 1;
    const written = typeof json === "string" ? json : isObject ? (json.keys[0] ?? "") : undefined;
    const index = cases.findIndex((one) => one.name === written);
    const found = cases[index];
    if (found === undefined) {
      return expected(`one of ${cases.map((one) => JSON.stringify(one.name)).join(", ")}`, json, path);
    }
    const types = found.payload;
    if (!isObject) {
      if (types.length > 0)
        throw new Refused(
          path,
          `${name}.${found.name} carries ${types.length} values; write {"${found.name}": …}`,
        );
      return new Variant(index, []);
    }
    if (types.length === 0)
      throw new Refused(path, `${name}.${found.name} carries nothing; write "${found.name}"`);
    const payload = json.values[0] ?? null;
    const place = `${path}${member(found.name)}`;
    const [first] = types;
    const inner = enter(path, depth);
    if (types.length === 1 && first !== undefined)
      return new Variant(index, [this.read(payload, first, place, inner)]);
    return new Variant(index, this.#tuple(payload, types, place, enter(path, inner)));
  }
}

function expected(what: string, json: Json, path: string): never {
  throw new Refused(path, `expected ${what}, found ${describe(json)}`);
}

const SPECIAL_FLOATS: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

function readFloat(json: Json, path: string): Value {
  if (typeof json === "number") return json;
  if (json instanceof JsonNumber) {
    const value = Number(json.text);
    return Number.isFinite(value) ? value : expected("a float within the range of doubles", json, path);
  }
  const special = typeof json === "string" ? SPECIAL_FLOATS.get(json) : undefined;
  return special ?? expected('a number, "NaN", "Infinity", "-Infinity" or "-0"', json, path);
}

function readString(json: Json, path: string): string {
  if (typeof json !== "string") return expected("a string", json, path);
  if (!json.isWellFormed())
    throw new Refused(path, "the string holds a lone surrogate, which is no Unicode character");
  if (json.length > MAX_STRING_BYTES / 3 && new TextEncoder().encode(json).length > MAX_STRING_BYTES) {
    throw new Refused(path, "the string is longer than 1 MiB");
  }
  return json;
}

function readDecimal(json: Json, path: string): Value {
  if (typeof json === "string") {
    return parseDecimal(json) ?? expected('digits such as "19.9", at most 18 after the point', json, path);
  }
  const number = json instanceof JsonNumber ? Number(json.text) : json;
  const made = typeof number === "number" ? decimalFromNumber(number) : undefined;
  return (
    made ?? expected('a decimal as a string such as "19.9", or a number of at most 15 digits', json, path)
  );
}

function readDate(json: Json, path: string): Value {
  const days = typeof json === "string" ? parseDate(json) : undefined;
  return days ?? expected('a day such as "2026-11-22"', json, path);
}

/** The state of one writing. */
class Writer {
  readonly #nominals: NominalTypes;

  constructor(nominals: NominalTypes) {
    this.#nominals = nominals;
  }

  write(value: Value, type: Type, path: string, depth: number): Json {
    switch (type.kind) {
      case "unit":
        return null;
      case "bool":
      case "string":
        return value as boolean | string;
      case "int":
        return typeof value === "bigint" ? value.toString() : (value as number);
      case "float":
        return floatToJson(value as number);
      case "decimal":
        return value instanceof DecimalNumber ? decimalText(value) : wrong(value, type);
      case "date":
        return dateText(value as number);
      case "list": {
        const inner = enter(path, depth);
        return (value as readonly Value[]).map((item) => this.write(item, type.item, path, inner));
      }
      case "tuple":
        return this.#tuple(value as readonly Value[], type.items, path, enter(path, depth));
      case "map":
        return value instanceof SortedMap
          ? this.#map(value, type, path, enter(path, depth))
          : wrong(value, type);
      case "option":
        return this.#option(value, type.item, path, depth);
      case "record": {
        const fields = this.#nominals.records.get(type.name) ?? [];
        const types = fields.map((field) => field.type);
        const names = fields.map((field) => field.name);
        return new JsonObject(names, this.#tuple(value as readonly Value[], types, path, enter(path, depth)));
      }
      case "variant":
        return value instanceof Variant ? this.#variant(value, type.name, path, depth) : wrong(value, type);
      case "function":
      case "var":
        return wrong(value, type);
      default:
        throw new Error(`unreachable: ${type satisfies never}`);
    }
  }

  #tuple(items: readonly Value[], types: readonly Type[], path: string, depth: number): readonly Json[] {
    return types.map((type, index) => this.write(items[index] ?? null, type, path, depth));
  }

  #map(map: SortedMap, type: Extract<Type, { kind: "map" }>, path: string, depth: number): Json {
    const inner = type.key.kind === "string" ? depth : enter(path, depth);
    const values = map.values.map((value) => this.write(value, type.value, path, inner));
    if (type.key.kind === "string") return new JsonObject(map.keys as readonly string[], values);
    return map.keys.map((key, index) => [this.write(key, type.key, path, inner), values[index] ?? null]);
  }

  #option(value: Value, content: Type, path: string, depth: number): Json {
    if (value === null) return null;
    if (!(value instanceof Some)) throw new Error(`an option of ${content.text} is neither none nor some`);
    if (!isWrapped(content)) return this.write(value.value, content, path, depth);
    return JsonObject.of([["some", this.write(value.value, content, path, enter(path, depth))]]);
  }

  #variant(value: Variant, name: string, path: string, depth: number): Json {
    const found = this.#nominals.variants.get(name)?.[value.caseIndex];
    if (found === undefined) throw new Error(`variant ${name} has no case ${value.caseIndex}`);
    if (found.payload.length === 0) return found.name;
    const object = enter(path, depth);
    const inner = found.payload.length === 1 ? object : enter(path, object);
    const payload = this.#tuple(value.payload, found.payload, path, inner);
    return JsonObject.of([[found.name, payload.length === 1 ? (payload[0] ?? null) : payload]]);
  }
}

function floatToJson(value: number): Json {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

function wrong(value: Value, type: Type): never {
  throw new Error(`a ${typeof value} is no value of type ${type.text}`);
}
