/**
 * The source tree: an imperative program as a front end reads it, before types are found. It knows no language: what
 * a call, method or operator means is asked of the front end's meaning (`lower.ts`).
 */

/** Where something stands in the source; line and column count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What every node has: a place, and a number of its own that names it across passes. */
export interface Site extends Place {
  readonly id: number;
}

/** One clause of a comprehension. */
export type Clause =
  | { readonly kind: "for"; readonly target: Source; readonly iter: Source }
  | { readonly kind: "if"; readonly test: Source };

/** One part of a formatted text. */
export type FormatPart =
  | string
  | { readonly value: Source; readonly conversion: string; readonly spec: readonly FormatPart[] };

/** An expression. */
export type Source = Site &
  (
    | { readonly kind: "int"; readonly value: bigint }
    | { readonly kind: "float"; readonly value: number }
    | { readonly kind: "str"; readonly value: string }
    | { readonly kind: "bool"; readonly value: boolean }
    | { readonly kind: "none" }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "list"; readonly items: readonly Source[] }
    | { readonly kind: "tuple"; readonly items: readonly Source[] }
    | { readonly kind: "set"; readonly items: readonly Source[] }
    | { readonly kind: "dict"; readonly items: readonly { readonly key: Source; readonly value: Source }[] }
    | { readonly kind: "star"; readonly value: Source }
    | { readonly kind: "unary"; readonly op: string; readonly operand: Source }
    | { readonly kind: "binary"; readonly op: string; readonly left: Source; readonly right: Source }
    /** a < b <= c: each operand is evaluated once. */
    | {
        readonly kind: "compare";
        readonly first: Source;
        readonly rest: readonly { readonly op: string; readonly right: Source }[];
      }
    | { readonly kind: "logic"; readonly op: "and" | "or"; readonly left: Source; readonly right: Source }
    | { readonly kind: "if"; readonly test: Source; readonly yes: Source; readonly other: Source }
    | {
        readonly kind: "call";
        readonly callee: Source;
        readonly args: readonly Source[];
        readonly named: readonly { readonly name: string; readonly value: Source }[];
      }
    | { readonly kind: "attr"; readonly target: Source; readonly name: string }
    | { readonly kind: "index"; readonly target: Source; readonly index: Source }
    | {
        readonly kind: "slice";
        readonly target: Source;
        readonly from?: Source;
        readonly to?: Source;
        readonly step?: Source;
      }
    | { readonly kind: "lambda"; readonly params: readonly Param[]; readonly body: Source }
    | {
        readonly kind: "comp";
        readonly shape: "list" | "set" | "dict" | "gen";
        readonly key?: Source;
        readonly value: Source;
        readonly clauses: readonly Clause[];
      }
    | { readonly kind: "format"; readonly parts: readonly FormatPart[] }
    | { readonly kind: "walrus"; readonly name: string; readonly value: Source }
  );

/** The expressions of those kinds. */
export type SourceOf<K extends Source["kind"]> = Extract<Source, { readonly kind: K }>;

/** One parameter. */
export interface Param extends Place {
  readonly name: string;
  readonly annotation?: Source;
  readonly fallback?: Source;
}

/** A handler of a try. */
export interface Handler extends Place {
  /** Names of the exceptions; empty for all. */
  readonly names: readonly string[];
  readonly bound?: string;
  readonly body: readonly Statement[];
}

/** A statement. */
export type Statement = Site &
  (
    | {
        readonly kind: "assign";
        readonly targets: readonly Source[];
        readonly value: Source;
        readonly annotation?: Source;
      }
    | { readonly kind: "declare"; readonly name: string; readonly annotation: Source }
    | {
        readonly kind: "augment";
        readonly target: Source;
        readonly op: string;
        readonly value: Source;
        /** `x++`: unlike `x += 1` it takes numbers only. */
        readonly isStep?: boolean;
      }
    | { readonly kind: "expr"; readonly value: Source }
    | {
        readonly kind: "if";
        readonly test: Source;
        readonly yes: readonly Statement[];
        readonly other: readonly Statement[];
      }
    | {
        readonly kind: "while";
        readonly test: Source;
        readonly body: readonly Statement[];
        readonly other: readonly Statement[];
      }
    | {
        readonly kind: "for";
        readonly target: Source;
        readonly iter: Source;
        readonly body: readonly Statement[];
        readonly other: readonly Statement[];
      }
    | { readonly kind: "break" }
    | { readonly kind: "continue" }
    | { readonly kind: "pass" }
    | { readonly kind: "return"; readonly value?: Source }
    | { readonly kind: "raise"; readonly message: string }
    | { readonly kind: "assert"; readonly test: Source }
    | { readonly kind: "def"; readonly fn: FunctionSource }
    | { readonly kind: "del"; readonly targets: readonly Source[] }
    | { readonly kind: "outer"; readonly names: readonly string[] }
    | {
        readonly kind: "try";
        readonly body: readonly Statement[];
        readonly handlers: readonly Handler[];
        readonly other: readonly Statement[];
      }
  );

/** The statements of those kinds. */
export type StatementOf<K extends Statement["kind"]> = Extract<Statement, { readonly kind: K }>;

/** A function as it is written. */
export interface FunctionSource extends Site {
  readonly name: string;
  readonly doc: string;
  readonly params: readonly Param[];
  readonly returns?: Source;
  readonly body: readonly Statement[];
}

/** A file: its functions, its constants in order, and what its imports name. */
export interface ModuleSource {
  readonly functions: readonly FunctionSource[];
  readonly constants: readonly StatementOf<"assign">[];
  /** Local name to full name: `C` to `collections.Counter`. */
  readonly imports: ReadonlyMap<string, string>;
}
