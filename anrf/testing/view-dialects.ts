import type { Program } from "#anrf/program/program.ts";
import { dateText, decimalText } from "#anrf/program/scalar-text.ts";
import type { Type } from "#anrf/program/type.ts";
import { type DecimalNumber, Some, type SortedMap, type Value, type Variant } from "#anrf/program/value.ts";
import { moduleNames } from "#anrf/view/code/names.ts";
import { PYTHON, python } from "#anrf/view/python.ts";
import type { Shown } from "#anrf/view/shown.ts";
import { TYPESCRIPT, typescript } from "#anrf/view/typescript.ts";

/** What a language's driver reads and writes: JSON in which every value says what it is. */
export type Coded = unknown;

/** How a view is run and compared. */
export interface Dialect {
  readonly extension: string;
  /** A program of the language that runs every job of a manifest and writes what came of it. */
  readonly driver: string;
  readonly view: (shown: Shown) => string;
  readonly encode: (value: Value, type: Type, program: Program) => Coded;
  readonly entryName: (program: Program) => string;
}

const TYPESCRIPT_DRIVER = `
import { readFileSync } from "node:fs";
const decode = (v) => Array.isArray(v) ? v.map(decode) : v === null || typeof v !== "object" ? v
  : "i" in v ? BigInt(v.i) : "f" in v ? Number(v.f) : Object.fromEntries(v.o.map(([k, x]) => [k, decode(x)]));
const encode = (v) => Array.isArray(v) ? v.map(encode) : typeof v === "bigint" ? { i: String(v) }
  : typeof v === "number" ? { f: Object.is(v, -0) ? "-0" : String(v) } : v === null || typeof v !== "object" ? v
  : { o: Object.entries(v).map(([k, x]) => [k, encode(x)]) };
const answers = [];
for (const { file, entry, inputs } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  let run;
  process.stderr.write(file + "\\n");
  try { const module = await import(file); run = module[entry]; } catch (error) { answers.push(inputs.map(() => ({ broken: String(error) }))); continue; }
  answers.push(inputs.map((args) => {
    try { return { value: encode(run(...args.map(decode))) }; }
    catch (error) { return error?.name === "Trap" ? { trap: error.code } : { broken: String(error?.stack ?? error).slice(0, 400) }; }
  }));
}
process.stdout.write(JSON.stringify(answers));
`;

const PYTHON_DRIVER = `
import json, math, struct, sys, importlib.util
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal

def decode(v, m):
    if isinstance(v, list): return [decode(x, m) for x in v]
    if not isinstance(v, dict): return v
    if "i" in v: return int(v["i"])
    if "f" in v: return math.nan if v["f"] == "nan" else struct.unpack(">d", bytes.fromhex(v["f"]))[0]
    if "d" in v: return date.fromisoformat(v["d"])
    if "m" in v: return Decimal(v["m"])
    if "t" in v: return tuple(decode(x, m) for x in v["t"])
    if "s" in v: return m.Some(decode(v["s"], m)) if hasattr(m, "Some") else ("some", decode(v["s"], m))
    if "p" in v: return {decode(k, m): decode(x, m) for k, x in v["p"]}
    return getattr(m, v["c"])(*(decode(x, m) for x in v["v"]))

def encode(v):
    if v is None or isinstance(v, (bool, str)): return v
    if isinstance(v, int): return {"i": str(v)}
    if isinstance(v, float): return {"f": "nan" if math.isnan(v) else struct.pack(">d", v).hex()}
    if isinstance(v, Decimal): return {"m": format(v, "f")}
    if isinstance(v, date): return {"d": v.isoformat()}
    if isinstance(v, list): return [encode(x) for x in v]
    if isinstance(v, tuple): return {"t": [encode(x) for x in v]}
    if isinstance(v, dict): return {"p": [[encode(k), encode(x)] for k, x in v.items()]}
    if type(v).__name__ == "Some": return {"s": encode(v.value)}
    return {"c": type(v).__name__, "v": [encode(getattr(v, f.name)) for f in fields(v)]}

answers = []
for place, job in enumerate(json.load(open(sys.argv[1]))):
    print(job["file"], file=sys.stderr)
    try:
        spec = importlib.util.spec_from_file_location(f"view_{place}", job["file"])
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    except BaseException as error:
        answers.append([{"broken": repr(error)} for _ in job["inputs"]])
        continue
    runs = []
    for args in job["inputs"]:
        try:
            runs.append({"value": encode(getattr(module, job["entry"])(*(decode(x, module) for x in args)))})
        except Exception as error:
            runs.append({"trap": error.code} if type(error).__name__ == "Trap" else {"broken": repr(error)[:300]})
    answers.append(runs)
json.dump(answers, sys.stdout, separators=(",", ":"), ensure_ascii=False)
`;

/** The TypeScript view, run by Node. */
export const TYPESCRIPT_DIALECT: Dialect = {
  extension: "ts",
  driver: TYPESCRIPT_DRIVER,
  view: typescript,
  entryName: (program) => moduleNames(program, TYPESCRIPT, "local").functions[program.entry.index] ?? "",
  encode: encodeTypescript,
};

function encodeTypescript(value: Value, type: Type, program: Program): Coded {
  const go = (part: Value | undefined, partType: Type | undefined): Coded =>
    encodeTypescript(part ?? null, partType as Type, program);
  switch (type.kind) {
    case "int":
      return { i: String(value) };
    case "float":
    case "date":
      return { f: Object.is(value, -0) ? "-0" : String(value) };
    case "decimal": {
      const { coefficient, scale } = value as DecimalNumber;
      return { i: String(coefficient * 10n ** BigInt(18 - scale)) };
    }
    case "list":
      return (value as readonly Value[]).map((item) => go(item, type.item));
    case "tuple":
      return (value as readonly Value[]).map((item, index) => go(item, type.items[index]));
    case "option":
      return value instanceof Some ? { o: [["some", go(value.value, type.item)]] } : null;
    case "map": {
      const { keys, values } = value as SortedMap;
      return keys.map((key, index) => [go(key, type.key), go(values[index], type.value)]);
    }
    case "record": {
      const names = moduleNames(program, TYPESCRIPT, "local").records.get(type.name)?.fields ?? [];
      const fields = program.nominals.records.get(type.name) ?? [];
      return {
        o: (value as readonly Value[]).map((item, index) => [names[index], go(item, fields[index]?.type)]),
      };
    }
    case "variant": {
      const { caseIndex, payload } = value as Variant;
      const names = moduleNames(program, TYPESCRIPT, "local").variants.get(type.name)?.cases ?? [];
      const types = program.nominals.variants.get(type.name)?.[caseIndex]?.payload ?? [];
      const values = payload.map((item, index) => go(item, types[index]));
      return {
        o: [
          ["order", { f: String(caseIndex) }],
          ["case", names[caseIndex]],
          ["values", values],
        ],
      };
    }
    default:
      return value;
  }
}

/** The Python view, run by CPython. */
export const PYTHON_DIALECT: Dialect = {
  extension: "py",
  driver: PYTHON_DRIVER,
  view: python,
  entryName: (program) => moduleNames(program, PYTHON, "global").functions[program.entry.index] ?? "",
  encode: encodePython,
};

function encodePython(value: Value, type: Type, program: Program): Coded {
  const go = (part: Value | undefined, partType: Type | undefined): Coded =>
    encodePython(part ?? null, partType as Type, program);
  const names = moduleNames(program, PYTHON, "global");
  switch (type.kind) {
    case "unit":
      return { t: [] };
    case "int":
      return { i: String(value) };
    case "float":
      return { f: pythonFloat(Number(value)) };
    case "date":
      return { d: dateText(Number(value)) };
    case "decimal":
      return { m: decimalText(value as DecimalNumber) };
    case "list":
      return (value as readonly Value[]).map((item) => go(item, type.item));
    case "tuple":
      return { t: (value as readonly Value[]).map((item, index) => go(item, type.items[index])) };
    case "option":
      return value instanceof Some ? { s: go(value.value, type.item) } : null;
    case "map": {
      const { keys, values } = value as SortedMap;
      return { p: keys.map((key, index) => [go(key, type.key), go(values[index], type.value)]) };
    }
    case "record": {
      const fields = program.nominals.records.get(type.name) ?? [];
      return {
        c: names.records.get(type.name)?.name,
        v: (value as readonly Value[]).map((item, index) => go(item, fields[index]?.type)),
      };
    }
    case "variant": {
      const { caseIndex, payload } = value as Variant;
      const types = program.nominals.variants.get(type.name)?.[caseIndex]?.payload ?? [];
      return {
        c: names.variants.get(type.name)?.cases[caseIndex],
        v: payload.map((item, index) => go(item, types[index])),
      };
    }
    default:
      return value;
  }
}

/** A double by its bits: both languages write them alike. */
function pythonFloat(value: number): string {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, Number.isNaN(value) ? Number.NaN : value);
  return Number.isNaN(value) ? "nan" : bytes.getBigUint64(0).toString(16).padStart(16, "0");
}
