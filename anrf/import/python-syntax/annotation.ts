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
import { moduleName } from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Source } from "#anrf/import/source/source.ts";

/** The type that an annotation names. */
export function annotation(low: Lowering, source: Source): Ty {
  switch (source.kind) {
    case "none":
      return NONE;
    case "str":
      return refuse("untyped", source, "an annotation in quotes");
    case "name":
    case "attr":
      return named(low, nameOf(low, source), source);
    case "index":
      return generic(low, nameOf(low, source.target), source.index, source);
    case "binary":
      if (source.op === "|") return either(low, [source.left, source.right], source);
      break;
    default:
      break;
  }
  return refuse("untyped", source, "an annotation that names no type");
}

function nameOf(low: Lowering, source: Source): string {
  const full = moduleName(low, source) ?? (source.kind === "name" ? source.name : "");
  return full.replace(/^(typing|collections|collections\.abc)\./, "");
}

function named(low: Lowering, name: string, at: Source): Ty {
  switch (name) {
    case "int":
      return INTEGER;
    case "float":
      return REAL;
    case "str":
      return TEXT;
    case "bool":
      return BOOLEAN;
    case "None":
      return NONE;
    case "list":
    case "List":
      return list(low.variable(low.site(at, "item")), "list");
    case "tuple":
    case "Tuple":
      return list(low.variable(low.site(at, "item")), "tuple");
    case "set":
    case "Set":
      return set(low.variable(low.site(at, "item")));
    case "dict":
    case "Dict":
      return low.dict(low.variable(low.site(at, "key")), low.variable(low.site(at, "value")), at, {
        foreign: true,
      });
    default:
      return refuse("untyped", at, `the annotation ${name} names no known type`);
  }
}

function generic(low: Lowering, name: string, index: Source, at: Source): Ty {
  const args = index.kind === "tuple" ? index.items : [index];
  const read = (one: Source | undefined): Ty =>
    one === undefined ? refuse("untyped", at, `${name} needs its types`) : annotation(low, one);
  switch (name) {
    case "list":
    case "List":
    case "Sequence":
    case "Iterable":
    case "MutableSequence":
    case "Collection":
      return list(read(args[0]), "list");
    case "deque":
    case "Deque":
      return list(read(args[0]), "deque");
    case "Iterator":
    case "Generator":
      return refuse("untyped", at, "iterators cannot be passed");
    case "set":
    case "Set":
    case "FrozenSet":
    case "frozenset":
      return set(read(args[0]));
    case "dict":
    case "Dict":
    case "Mapping":
    case "OrderedDict":
    case "DefaultDict":
    case "defaultdict":
      return low.dict(read(args[0]), read(args[1]), at, { foreign: true });
    case "Counter":
      return low.dict(read(args[0]), INTEGER, at, { foreign: true });
    case "tuple":
    case "Tuple":
      if (args.length === 2 && args[1]?.kind === "name" && args[1].name === "...")
        return list(read(args[0]), "tuple");
      if (args.length === 1) return list(read(args[0]), "tuple");
      return tuple(args.map(read));
    case "Optional":
      return option(read(args[0]));
    case "Union":
      return either(low, args, at);
    default:
      return refuse("untyped", at, `the annotation ${name} names no known type`);
  }
}

/** Union[T, None] and T | None. */
function either(low: Lowering, parts: readonly Source[], at: Source): Ty {
  const types = parts.map((one) => annotation(low, one));
  const some = types.filter((one) => one.k !== "none");
  const [only] = some;
  if (only === undefined || some.length > 1) {
    const isNumber =
      some.length === 2 && some.some((one) => one.k === "int") && some.some((one) => one.k === "float");
    if (isNumber && types.length === 2) return { k: "number" };
    return refuse("untyped", at, "a value of several types");
  }
  return types.length > some.length ? option(only) : only;
}
