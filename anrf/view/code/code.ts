import type { Type } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import type { Builtin } from "#anrf/std/catalogue.ts";

/** A name that code binds: one, or one for each part of a tuple that is taken apart where it is bound. */
export type Bound = string | readonly string[];

/** A parameter of a function. */
export interface Param {
  readonly name: Bound;
  readonly type: Type;
}

/** An expression of a programming language: nothing in it needs a statement, and order of evaluation is left to right. */
export type Code = { readonly type: Type } & (
  | { readonly kind: "literal"; readonly value: Value }
  | { readonly kind: "name"; readonly name: string }
  /** A local whose parts were given names, as a whole. */
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "field"; readonly target: Code; readonly index: number }
  | { readonly kind: "builtin"; readonly builtin: Builtin; readonly args: readonly Code[] }
  | { readonly kind: "lambda"; readonly params: readonly Param[]; readonly body: Code }
  /** A lambda that needs statements; only where the language has such. */
  | { readonly kind: "block"; readonly params: readonly Param[]; readonly steps: readonly Step[] }
  | { readonly kind: "call"; readonly callee: Code | string; readonly args: readonly Code[] }
  | { readonly kind: "list" | "map" | "tuple" | "record"; readonly items: readonly Code[] }
  | { readonly kind: "variant"; readonly caseIndex: number; readonly items: readonly Code[] }
  | { readonly kind: "option"; readonly some: Code | undefined }
  | { readonly kind: "if"; readonly condition: Code; readonly whenTrue: Code; readonly whenFalse: Code }
  /** Ends the run: FAIL, HOLE, or EXTENSION for what the module cannot do by itself. */
  | { readonly kind: "trap"; readonly code: string; readonly message: string }
);

/** What an arm accepts. */
export type Accepts =
  | { readonly kind: "case"; readonly caseIndex: number }
  | { readonly kind: "some" | "none" | "rest" }
  | { readonly kind: "literal"; readonly value: Value };

/** One arm of a choice by pattern; a binder of an option or case has its name, undefined where it is not used. */
export interface Arm {
  readonly accepts: Accepts;
  readonly binders: readonly (Param | undefined)[];
  readonly steps: readonly Step[];
}

/** A promise that is evaluated where it stands; a trap inside it counts as false. */
export interface Promised {
  readonly what: string;
  readonly holds: Code;
}

/** A statement. */
export type Step =
  | { readonly kind: "let"; readonly name: Bound; readonly value: Code; readonly comment: string }
  /** A name that a later step sets once. */
  | { readonly kind: "declare"; readonly name: string; readonly type: Type; readonly comment: string }
  | { readonly kind: "set"; readonly name: string; readonly value: Code }
  | { readonly kind: "return"; readonly value: Code; readonly comment: string }
  | {
      readonly kind: "if";
      readonly arms: readonly { readonly condition: Code; readonly steps: readonly Step[] }[];
      readonly otherwise: readonly Step[];
    }
  | { readonly kind: "match"; readonly subject: Code; readonly arms: readonly Arm[] }
  | {
      readonly kind: "function";
      readonly name: string;
      readonly params: readonly Param[];
      readonly result: Type;
      readonly steps: readonly Step[];
    }
  /** `state` starts as `init` and is set by `body` as long as `condition` holds. */
  | {
      readonly kind: "loop";
      readonly state: Bound;
      readonly type: Type;
      readonly init: Code;
      /** Helpers of condition and promises, which see the state. */
      readonly before: readonly Step[];
      readonly condition: Code;
      readonly invariants: readonly Promised[];
      readonly measure: { readonly name: string; readonly value: Code } | undefined;
      readonly body: readonly Step[];
      /** What the body ends with: the next state. */
      readonly next: Code;
      readonly comment: string;
    }
  | { readonly kind: "promise"; readonly promised: Promised };

/** One function of the module. */
export interface CodeFunction {
  readonly name: string;
  readonly params: readonly Param[];
  readonly result: Type;
  readonly isEntry: boolean;
  readonly isRecursive: boolean;
  readonly doc: readonly string[];
  readonly requires: readonly Step[];
  /** Of calls of itself; the name is that of the function in the language. */
  readonly measure: { readonly before: readonly Step[]; readonly value: Code } | undefined;
  readonly body: readonly Step[];
  /** Asked of the result, which is called `resultName`; where there are any, the body sets that name. */
  readonly ensures: readonly Step[];
  readonly resultName: string;
  /** Functions taken out of this one because they stand too deep in it. */
  readonly lifted: readonly Extract<Step, { kind: "function" }>[];
}

/** What the lowering has to know of a language. */
export interface Language {
  /** Words and names that a program may not use for its own. */
  readonly reserved: ReadonlySet<string>;
  /** Words that may not name a field or a case. */
  readonly members: ReadonlySet<string>;
  /** Whether a lambda can hold statements. */
  readonly hasBlockLambdas: boolean;
  /** Whether a parameter can be taken apart where it is bound. */
  readonly hasPatternParams: boolean;
}
