import type { Type } from "#anrf/program/type.ts";
import type { Place, Problem } from "./problems.ts";

/** A name, or the names of the parts of a tuple; `_` is a part without name. */
export interface Binder extends Place {
  readonly names: string | readonly string[];
  readonly type?: Type;
}

/** One `let` of a block. */
export interface LetSyntax {
  readonly binder: Binder;
  readonly value: Syntax;
  readonly comment?: string;
}

/** One arm of a match. */
export interface ArmSyntax {
  readonly pattern: PatternSyntax;
  readonly body: Syntax;
  readonly comment?: string;
}

/** What an arm accepts. */
export type PatternSyntax = Place &
  (
    | { readonly kind: "wildcard" }
    | { readonly kind: "none" }
    | { readonly kind: "some"; readonly binders: readonly Binder[] }
    | { readonly kind: "case"; readonly name: string; readonly binders: readonly Binder[] }
    | { readonly kind: "literal"; readonly value: Syntax }
  );

/** What every expression knows beside its kind. */
export interface Base extends Place {
  /** Levels of the tree below and with it: never more than the parser allows. */
  readonly depth: number;
  /** Stands in parentheses of its own. */
  readonly isGrouped?: boolean;
  /** Stands behind `return`, as other languages end a branch: the remarks on it. */
  readonly returned?: readonly Problem[];
  /** The comment above it, where it ends a block. */
  readonly comment?: string;
}

/** An expression as it is written: names are not resolved, types not found. */
export type Syntax = Base &
  (
    | { readonly kind: "int"; readonly value: bigint }
    | { readonly kind: "float"; readonly value: number }
    | { readonly kind: "decimal"; readonly text: string }
    | { readonly kind: "string"; readonly text: string }
    | { readonly kind: "date"; readonly text: string }
    | { readonly kind: "bool"; readonly value: boolean }
    | { readonly kind: "unit" }
    | { readonly kind: "result" }
    | { readonly kind: "none" }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "fail"; readonly message: string }
    | { readonly kind: "hole"; readonly message: string }
    | { readonly kind: "as"; readonly open: Syntax; readonly type: Type }
    | { readonly kind: "some"; readonly value: Syntax }
    | { readonly kind: "list"; readonly items: readonly Syntax[] }
    | { readonly kind: "tuple"; readonly items: readonly Syntax[] }
    /** Key, value, key, value, … */
    | { readonly kind: "map"; readonly items: readonly Syntax[] }
    | { readonly kind: "record"; readonly name: string; readonly fields: readonly FieldSyntax[] }
    /** `Name.name(args)`: a function of a family, or an extension. */
    | {
        readonly kind: "family";
        readonly family: string;
        readonly name: string;
        readonly args: readonly Syntax[];
      }
    /** `Name.Case(args)`. */
    | {
        readonly kind: "case";
        readonly type: string;
        readonly name: string;
        readonly args: readonly Syntax[];
      }
    /** `min(a, b)` and its like. */
    | { readonly kind: "plain"; readonly name: string; readonly args: readonly Syntax[] }
    | { readonly kind: "call"; readonly callee: Syntax; readonly args: readonly Syntax[] }
    | {
        readonly kind: "method";
        readonly target: Syntax;
        readonly name: string;
        readonly args: readonly Syntax[];
        readonly at: Place;
      }
    | { readonly kind: "member"; readonly target: Syntax; readonly name: string; readonly at: Place }
    | { readonly kind: "part"; readonly target: Syntax; readonly index: number }
    | { readonly kind: "unary"; readonly op: string; readonly operand: Syntax; readonly at: Place }
    | {
        readonly kind: "binary";
        readonly op: string;
        readonly left: Syntax;
        readonly right: Syntax;
        readonly at: Place;
      }
    | { readonly kind: "lambda"; readonly params: readonly Binder[]; readonly body: Syntax }
    | {
        readonly kind: "if";
        readonly condition: Syntax;
        readonly whenTrue: Syntax;
        readonly whenFalse: Syntax;
      }
    | { readonly kind: "match"; readonly subject: Syntax; readonly arms: readonly ArmSyntax[] }
    | { readonly kind: "block"; readonly lets: readonly LetSyntax[]; readonly value: Syntax }
    | {
        readonly kind: "loop";
        readonly binder: Binder;
        readonly init: Syntax;
        readonly condition: Syntax;
        readonly invariants: readonly Syntax[];
        readonly decreases?: Syntax;
        readonly step: Syntax;
      }
  );

/** The expressions of those kinds. */
export type SyntaxOf<K extends Syntax["kind"]> = Extract<Syntax, { readonly kind: K }>;

/** One field of a record expression. */
export interface FieldSyntax extends Place {
  readonly name: string;
  readonly value: Syntax;
}

/** One requires or ensures. */
export interface ClauseSyntax {
  readonly expr: Syntax;
  readonly label: string;
  readonly comment?: string;
}

/** One example clause. */
export interface ExampleSyntax extends Place {
  readonly args: readonly Syntax[];
  readonly expected: Syntax | { readonly trap: string; readonly at: Place };
  readonly absolute?: number;
  readonly relative?: number;
}

/** A function as it is written. */
export interface FunctionSyntax extends Place {
  readonly name: string;
  readonly doc: string;
  readonly params: readonly (Binder & { readonly type: Type })[];
  readonly result: Type;
  readonly requires: readonly ClauseSyntax[];
  readonly ensures: readonly ClauseSyntax[];
  readonly decreases?: ClauseSyntax;
  readonly examples: readonly ExampleSyntax[];
  readonly body: Syntax;
  /** From its first word to the end of its clauses, and to the end of its body. */
  readonly head: Place;
  readonly whole: Place;
}

/** A record, variant or extension declaration, as `ProgramExpr` has them. */
export interface RecordSyntax extends Place {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: Type }[];
}

/** A variant declaration. */
export interface VariantSyntax extends Place {
  readonly name: string;
  readonly cases: readonly { readonly name: string; readonly payload: readonly Type[] }[];
}

/** An extension declaration. */
export interface ExtensionSyntax extends Place {
  readonly name: string;
  readonly urn: string;
  readonly version: string;
  readonly params: readonly Type[];
  readonly result: Type;
}

/** A forward header. */
export interface HeaderSyntax extends Place {
  readonly name: string;
  /** With its first word and the semicolon. */
  readonly whole: Place;
}

/** A declaration that could not be read in full; of a function the header may be known. */
export interface BrokenSyntax extends Place {
  readonly name: string;
  readonly params?: FunctionSyntax["params"];
  readonly result?: Type;
}

/** A whole text. */
export interface FileSyntax {
  readonly intent: string;
  readonly records: readonly RecordSyntax[];
  readonly variants: readonly VariantSyntax[];
  readonly extensions: readonly ExtensionSyntax[];
  readonly headers: readonly HeaderSyntax[];
  readonly functions: readonly FunctionSyntax[];
  readonly broken: readonly BrokenSyntax[];
}
