import { TrapSignal } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import type { FunctionValue, Value } from "#anrf/program/value.ts";
import { BOOLS } from "#anrf/std/bools.ts";
import { DERIVED_LISTS } from "#anrf/std/derived-lists.ts";
import { DERIVED_STRINGS } from "#anrf/std/derived-strings.ts";
import { FLOATS } from "#anrf/std/floats.ts";
import type { BuiltinFunction, BuiltinTable } from "#anrf/std/function.ts";
import { INTS } from "#anrf/std/ints.ts";
import { LISTS } from "#anrf/std/lists.ts";
import { MAPS } from "#anrf/std/maps.ts";
import { OPTIONS } from "#anrf/std/options.ts";
import { STRINGS } from "#anrf/std/strings.ts";
import { ERR, type Store } from "./intern.ts";
import type { HigherKernel, Kernel } from "./production.ts";

const TABLES: readonly BuiltinTable[] = [
  BOOLS,
  INTS,
  FLOATS,
  STRINGS,
  LISTS,
  MAPS,
  OPTIONS,
  DERIVED_LISTS,
  DERIVED_STRINGS,
];

/** What the catalogue's builtin of that id does, or undefined where this build does not run it. */
export function nativeOf(id: string): BuiltinFunction | undefined {
  for (const table of TABLES) if (Object.hasOwn(table, id)) return table[id];
  return undefined;
}

const COUNTED: Readonly<Record<string, (args: readonly Value[], most: number) => boolean>> = {
  "list.range": ([from, to], most) => Number(to) - Number(from) <= most,
  "list.range_step": ([from, to, step], most) => Math.abs((Number(to) - Number(from)) / Number(step)) <= most,
  "list.repeat": ([, count], most) => Number(count) <= most,
  "string.repeat": ([text, count], most) => Number(count) * String(text).length <= most,
  "string.pad_start": ([, count], most) => Number(count) <= most,
  "string.pad_end": ([, count], most) => Number(count) <= most,
  "list.combinations": ([list, size]) => (list as readonly Value[]).length <= 12 && Number(size) <= 4,
  "int.pow": ([base, power]) => Number(power) <= 64 || Math.abs(Number(base)) <= 1,
  "int.isqrt": ([n]) => Number(n) <= Number.MAX_SAFE_INTEGER,
  "float.to_fixed": ([, digits]) => Number(digits) <= 20,
  "float.round_to": ([, digits]) => Number(digits) <= 20,
};

/** False where a call asks for more items or characters than `most`: the search takes it as a trap. */
export function isModest(id: string, args: readonly Value[], most: number): boolean {
  return COUNTED[id]?.(args, most) !== false;
}

const CACHE_SIZE = 1 << 17;

/** Recent results of all slow kernels of one store, by kernel and operands. */
interface Recent {
  readonly keys: Int32Array;
  readonly results: Int32Array;
  kernels: number;
}

const RECENT = new WeakMap<Store, Recent>();

function recentOf(store: Store): Recent {
  const known = RECENT.get(store);
  if (known !== undefined) return known;
  const made = { keys: new Int32Array(CACHE_SIZE * 4), results: new Int32Array(CACHE_SIZE), kernels: 0 };
  RECENT.set(store, made);
  return made;
}

/** The kernel of a function on values: converts ids to values and back, and remembers recent results. */
export function kernelOfValues(
  store: Store,
  f: BuiltinFunction,
  arity: number,
  result: Type,
  guard?: (args: readonly Value[]) => boolean,
): Kernel {
  const recent = recentOf(store);
  const { keys, results } = recent;
  const kernel = ++recent.kernels;
  const run = (a: number, b: number, c: number): number => {
    try {
      const x = store.value(a);
      if (arity === 1) return guard?.([x]) === false ? ERR : store.of(f(x), result);
      const y = store.value(b);
      if (arity === 2) return guard?.([x, y]) === false ? ERR : store.of(f(x, y), result);
      const z = store.value(c);
      return guard?.([x, y, z]) === false ? ERR : store.of(f(x, y, z), result);
    } catch (error) {
      if (error instanceof TrapSignal) return ERR;
      throw error;
    }
  };
  return (a, b, c) => {
    let hash =
      Math.imul(a ^ Math.imul(b ^ Math.imul(c, 0x85ebca6b), 0xc2b2ae35), 0x9e3779b1) ^
      Math.imul(kernel, 0x27d4eb2f);
    hash = (hash ^ (hash >>> 15)) & (CACHE_SIZE - 1);
    const at = hash * 4;
    if (keys[at] === kernel && keys[at + 1] === a && keys[at + 2] === b && keys[at + 3] === c)
      return results[hash] as number;
    const id = run(a, b, c);
    keys[at] = kernel;
    keys[at + 1] = a;
    keys[at + 2] = b;
    keys[at + 3] = c;
    results[hash] = id;
    return id;
  };
}

/** The kernel of a builtin by way of its native function; undefined where this build does not run it. */
export function nativeKernel(store: Store, id: string, arity: number, result: Type): Kernel | undefined {
  const f = nativeOf(id);
  if (f === undefined) return undefined;
  const most = Math.max(store.limits.items, store.limits.units);
  return kernelOfValues(
    store,
    f,
    arity,
    result,
    COUNTED[id] === undefined ? undefined : (args) => isModest(id, args, most),
  );
}

/** A trap inside a lambda or a sketch. */
export const TRAP = new TrapSignal(0, "a lambda traps");

/** The kernel of a builtin with one lambda, by way of its native function. */
export function nativeHigher(
  store: Store,
  id: string,
  params: readonly Type[],
  result: Type,
): HigherKernel | undefined {
  const f = nativeOf(id);
  const lambda = params.findIndex((type) => type.kind === "function");
  const type = params[lambda];
  if (f === undefined || type === undefined || type.kind !== "function") return undefined;
  const [first, second] = type.params;
  if (first === undefined) return undefined;
  return (call, a, b, c) => {
    const g: FunctionValue = (x, y) => {
      const id = call(store.of(x as Value, first), second === undefined ? -1 : store.of(y as Value, second));
      if (id === ERR) throw TRAP;
      return store.value(id);
    };
    const args: Value[] = [];
    if (params[0] !== undefined) args.push(lambda === 0 ? g : store.value(a));
    if (params[1] !== undefined) args.push(lambda === 1 ? g : store.value(b));
    if (params[2] !== undefined) args.push(lambda === 2 ? g : store.value(c));
    try {
      return store.of(f(...args), result);
    } catch (error) {
      if (error instanceof TrapSignal) return ERR;
      throw error;
    }
  };
}
