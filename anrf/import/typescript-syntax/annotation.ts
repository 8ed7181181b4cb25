import type { Lowering } from "#anrf/import/lowering/lower.ts";
import {
  BOOLEAN,
  INTEGER,
  list,
  NONE,
  option,
  REAL,
  set,
  TEXT,
  type Ty,
  tuple,
} from "#anrf/import/lowering/types.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Source } from "#anrf/import/source/source.ts";

const NAMED: Readonly<Record<string, Ty>> = {
  int: INTEGER,
  float: REAL,
  number: REAL,
  string: TEXT,
  boolean: BOOLEAN,
  void: NONE,
};

/** The type that an annotation names. `number` has become `int` or `float` before (`typescript.ts`). */
export function annotation(low: Lowering, source: Source): Ty {
  switch (source.kind) {
    case "none":
      return NONE;
    case "name":
      return NAMED[source.name] ?? refuse("untyped", source, `the type ${source.name} is not known`);
    case "tuple":
      if (source.items.length < 2) return refuse("untyped", source, "a tuple of fewer than two parts");
      return tuple(source.items.map((one) => annotation(low, one)));
    case "index":
      return generic(low, source.target, source.index);
    case "binary":
      return either(low, source);
    default:
      return refuse("untyped", source, "a type of this form");
  }
}

function generic(low: Lowering, target: Source, index: Source): Ty {
  const name = target.kind === "name" ? target.name : "";
  const args =
    index.kind === "tuple" && ["Map", "ReadonlyMap", "Record", "Map.own"].includes(name)
      ? index.items
      : [index];
  const [first, second] = args.map((one) => annotation(low, one));
  switch (name) {
    case "Array":
    case "ReadonlyArray":
      return list(first ?? NONE, "list");
    case "Set":
    case "ReadonlySet":
      return set(first ?? NONE);
    case "Map":
    case "ReadonlyMap":
    case "Record":
      return low.dict(first ?? NONE, second ?? NONE, target, { foreign: true });
    // The type of a local: its keys are put in here.
    case "Map.own":
      return low.dict(first ?? NONE, second ?? NONE, target);
    default:
      return refuse("untyped", target, `the type ${name} is not known`);
  }
}

/** `T | null`, and `"a" | "b"`, which is a string. */
function either(low: Lowering, source: Source): Ty {
  const parts = partsOf(source).map((one) => annotation(low, one));
  const some = parts.filter((one) => one.k !== "none");
  const [first] = some;
  if (first === undefined || some.some((one) => one.k !== first.k)) {
    return refuse("untyped", source, "a value of several types");
  }
  if (some.length > 1 && !["str", "int", "float", "bool"].includes(first.k)) {
    return refuse("untyped", source, "a value of several types");
  }
  return some.length < parts.length ? option(first) : first;
}

function partsOf(source: Source): readonly Source[] {
  return source.kind === "binary" && source.op === "|"
    ? [...partsOf(source.left), ...partsOf(source.right)]
    : [source];
}
