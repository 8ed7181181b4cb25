import { hasClass, type Type } from "#anrf/program/type.ts";
import { compareValues } from "#anrf/program/value.ts";
import { ERR, FALSE, INT_LEAST, INT_ZERO, NONE, type Store, TRUE } from "./intern.ts";
import { nativeHigher, nativeKernel } from "./natives.ts";
import type { HigherKernel, Kernel } from "./production.ts";

/** The kernel of a builtin without lambdas at these types, or undefined where this build does not run it. */
export function kernelOf(
  store: Store,
  id: string,
  params: readonly Type[],
  result: Type,
): Kernel | undefined {
  const slow = nativeKernel(store, id, params.length, result);
  if (slow === undefined) return undefined;
  const first = params[0];
  if (first === undefined) return slow;
  return (
    lazyKernel(store, id) ??
    intKernel(id, first, slow) ??
    orderKernel(store, id, first) ??
    listKernel(store, id, slow) ??
    slow
  );
}

/** Builtins whose kernels see ERR, since an operand may go unevaluated. */
export const LAZY: ReadonlySet<string> = new Set(["bool.and", "bool.or", "option.get_or", "option.or_else"]);

function lazyKernel(store: Store, id: string): Kernel | undefined {
  switch (id) {
    case "bool.and":
      return (a, b) => (a === ERR || a === FALSE ? a : b);
    case "bool.or":
      return (a, b) => (a === ERR || a === TRUE ? a : b);
    case "option.get_or":
      return (a, b) => (a === ERR ? ERR : a === NONE ? b : (store.items(a)[0] as number));
    case "option.or_else":
      return (a, b) => (a === NONE ? b : a);
    default:
      return undefined;
  }
}

/** Fast for small ints, slow for the rest. Both operands small keep sums inside 30 bits and products inside 2^56. */
function intKernel(id: string, first: Type, slow: Kernel): Kernel | undefined {
  if (first.kind !== "int") return undefined;
  const small = (value: number, a: number, b: number): number => {
    const id = value + INT_ZERO;
    return id >= INT_LEAST && id < 0x3fffffff ? id : slow(a, b, -1);
  };
  switch (id) {
    case "int.add":
      return (a, b) =>
        a >= INT_LEAST && b >= INT_LEAST ? small(a + b - 2 * INT_ZERO, a, b) : slow(a, b, -1);
    case "int.sub":
      return (a, b) => (a >= INT_LEAST && b >= INT_LEAST ? small(a - b, a, b) : slow(a, b, -1));
    case "int.mul":
      return (a, b) =>
        a >= INT_LEAST && b >= INT_LEAST ? small((a - INT_ZERO) * (b - INT_ZERO), a, b) : slow(a, b, -1);
    case "int.div_floor":
      return (a, b) => {
        if (a < INT_LEAST || b < INT_LEAST) return slow(a, b, -1);
        return b === INT_ZERO ? ERR : small(Math.floor((a - INT_ZERO) / (b - INT_ZERO)), a, b);
      };
    case "int.mod_floor":
      return (a, b) => {
        if (a < INT_LEAST || b < INT_LEAST) return slow(a, b, -1);
        if (b === INT_ZERO) return ERR;
        const divisor = b - INT_ZERO;
        const rest = (a - INT_ZERO) % divisor;
        return INT_ZERO + (rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest);
      };
    case "int.neg":
      return (a) => (a >= INT_LEAST ? 2 * INT_ZERO - a : slow(a, -1, -1));
    case "int.abs":
      return (a) => (a >= INT_LEAST ? (a < INT_ZERO ? 2 * INT_ZERO - a : a) : slow(a, -1, -1));
    default:
      return undefined;
  }
}

/** Equality is equality of ids, save for floats; small ints compare by their ids. */
function orderKernel(store: Store, id: string, first: Type): Kernel | undefined {
  const plain = hasClass(first, "key");
  const isFloat = first.kind === "float";
  const order = (a: number, b: number): number =>
    a >= INT_LEAST && b >= INT_LEAST ? a - b : compareValues(store.value(a), store.value(b));
  switch (id) {
    case "eq":
      return plain ? (a, b) => (a === b ? TRUE : FALSE) : undefined;
    case "ne":
      return plain ? (a, b) => (a === b ? FALSE : TRUE) : undefined;
    case "lt":
      return isFloat ? undefined : (a, b) => (order(a, b) < 0 ? TRUE : FALSE);
    case "le":
      return isFloat ? undefined : (a, b) => (order(a, b) <= 0 ? TRUE : FALSE);
    case "gt":
      return isFloat ? undefined : (a, b) => (order(a, b) > 0 ? TRUE : FALSE);
    case "ge":
      return isFloat ? undefined : (a, b) => (order(a, b) >= 0 ? TRUE : FALSE);
    case "min":
      return (a, b) => (order(b, a) < 0 ? b : a);
    case "max":
      return (a, b) => (order(b, a) > 0 ? b : a);
    case "bool.not":
      return (a) => (a === TRUE ? FALSE : TRUE);
    default:
      return undefined;
  }
}

/** Lists on their item ids, without making values. */
function listKernel(store: Store, id: string, slow: Kernel): Kernel | undefined {
  const place = (id: number): number => (id >= INT_LEAST ? id - INT_ZERO : Number(store.value(id)));
  switch (id) {
    case "list.length":
      return (a) => INT_ZERO + store.items(a).length;
    case "list.is_empty":
      return (a) => (store.items(a).length === 0 ? TRUE : FALSE);
    case "list.get":
      return (a, b) => {
        const items = store.items(a);
        const at = place(b);
        return at >= 0 && at < items.length ? (items[at] as number) : ERR;
      };
    case "list.reverse":
      return (a) => store.list(store.items(a).toReversed());
    case "list.take":
      return (a, b) => {
        const items = store.items(a);
        const count = place(b);
        return count >= items.length ? a : store.list(items.subarray(0, Math.max(0, count)));
      };
    case "list.drop":
      return (a, b) => {
        const items = store.items(a);
        const count = place(b);
        return count <= 0 ? a : store.list(items.subarray(Math.min(count, items.length)));
      };
    case "list.concat":
      return (a, b) => {
        const x = store.items(a);
        const y = store.items(b);
        if (y.length === 0) return a;
        if (x.length === 0) return b;
        const both = new Int32Array(x.length + y.length);
        both.set(x);
        both.set(y, x.length);
        return store.list(both);
      };
    case "list.append":
      return (a, b) => {
        const x = store.items(a);
        const both = new Int32Array(x.length + 1);
        both.set(x);
        both[x.length] = b;
        return store.list(both);
      };
    case "list.prepend":
      return (a, b) => {
        const x = store.items(b);
        const both = new Int32Array(x.length + 1);
        both.set(x, 1);
        both[0] = a;
        return store.list(both);
      };
    case "string.length":
      return slow;
    default:
      return undefined;
  }
}

/** The kernel of a builtin with one lambda, or undefined where this build does not run it. */
export function higherOf(
  store: Store,
  id: string,
  params: readonly Type[],
  result: Type,
): HigherKernel | undefined {
  return fastHigher(store, id) ?? nativeHigher(store, id, params, result);
}

function fastHigher(store: Store, id: string): HigherKernel | undefined {
  switch (id) {
    case "list.map":
      return (call, a) => {
        const items = store.items(a);
        const results = new Int32Array(items.length);
        for (let i = 0; i < items.length; i++) {
          const result = call(items[i] as number, -1);
          if (result === ERR) return ERR;
          results[i] = result;
        }
        return store.list(results);
      };
    case "list.map_indexed":
      return (call, a) => {
        const items = store.items(a);
        const results = new Int32Array(items.length);
        for (let i = 0; i < items.length; i++) {
          const result = call(INT_ZERO + i, items[i] as number);
          if (result === ERR) return ERR;
          results[i] = result;
        }
        return store.list(results);
      };
    case "list.filter":
    case "list.filter_indexed":
      return filterKernel(store, id === "list.filter_indexed");
    case "list.fold":
      return (call, a, b) => {
        let state = b;
        for (const item of store.items(a)) {
          state = call(state, item);
          if (state === ERR) return ERR;
        }
        return state;
      };
    case "list.count":
      return (call, a) => {
        let count = 0;
        for (const item of store.items(a)) {
          const result = call(item, -1);
          if (result === ERR) return ERR;
          if (result === TRUE) count++;
        }
        return INT_ZERO + count;
      };
    case "list.any":
    case "list.all":
      return anyKernel(store, id === "list.any" ? TRUE : FALSE);
    default:
      return undefined;
  }
}

function filterKernel(store: Store, indexed: boolean): HigherKernel {
  return (call, a) => {
    const items = store.items(a);
    const kept: number[] = [];
    for (let i = 0; i < items.length; i++) {
      const item = items[i] as number;
      const result = indexed ? call(INT_ZERO + i, item) : call(item, -1);
      if (result === ERR) return ERR;
      if (result === TRUE) kept.push(item);
    }
    return kept.length === items.length ? a : store.list(kept);
  };
}

function anyKernel(store: Store, decides: number): HigherKernel {
  return (call, a) => {
    for (const item of store.items(a)) {
      const result = call(item, -1);
      if (result === ERR) return ERR;
      if (result === decides) return decides;
    }
    return decides === TRUE ? FALSE : TRUE;
  };
}
