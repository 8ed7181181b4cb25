import type { Expr } from "#anrf/build/expr.ts";
import type { Bank } from "./bank.ts";
import type { Scope } from "./scope.ts";

/** The result id from the operand ids. Operands are never ERR unless the production is lazy. */
export type Kernel = (a: number, b: number, c: number) => number;

/** Calls the lambda of a higher-order term on the ids of its arguments. */
export type Call = (x: number, y: number) => number;

/** The result id from the ids of the other operands, in order, and the lambda. */
export type HigherKernel = (call: Call, a: number, b: number, c: number) => number;

/** One way to make a term of a type from smaller ones. */
export interface Production {
  /** What it is called: a builtin id, or the name of a sketch. */
  readonly name: string;
  /** Bits, at least 1. */
  readonly cost: number;
  /** Where its terms go. */
  readonly result: Bank;
  /** Where its operands come from; for the lambda, the bank of its body in the inner scope. */
  readonly args: readonly Bank[];
  /** Which operand is the lambda; −1: none. */
  readonly lambda: number;
  /** The scope of the lambda's body. */
  readonly inner: Scope | undefined;
  /** The kernel sees ERR in its operands. */
  readonly lazy: boolean;
  /** The operands may be swapped: only ordered pairs are tried. */
  readonly commutative: boolean;
  /** The meaning, without a lambda. */
  readonly kernel: Kernel;
  /** The meaning, with one. */
  readonly higher: HigherKernel | undefined;
  /** For a leaf: where its value comes from. */
  readonly leaf: Leaf | undefined;
  /** The term as an expression, from its operands' expressions; the lambda's is its whole lambda. */
  readonly build: (args: readonly Expr[]) => Expr;
}

/** A term without operands. */
export type Leaf =
  | { readonly kind: "constant"; readonly id: number }
  | { readonly kind: "binder"; readonly position: number }
  | { readonly kind: "outer"; readonly bank: Bank; readonly row: number }
  /** Of the outermost scope alone: its value in each column, and the bits of the parameters that it reads. */
  | { readonly kind: "fragment"; readonly ids: Int32Array; readonly uses: number };

/** One binding of the binders of a scope; of the outermost scope, one column. */
export interface Frame {
  /** Where in the vectors of its scope this binding stands; −1: nowhere, terms are evaluated. */
  readonly column: number;
  /** Ids of the binders. */
  readonly values: ArrayLike<number>;
  /** The binding around it. */
  readonly parent: Frame | undefined;
}
