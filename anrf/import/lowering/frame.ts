import type { FunctionSource, Param, Place, Source } from "#anrf/import/source/source.ts";
import type { Ty } from "./types.ts";
import type { Slot, Val } from "./value.ts";

/** A function of the source as a value: it is applied while the program is imported. */
export type FunctionValue =
  | { readonly kind: "source"; readonly fn: FunctionSource; readonly home: Frame | undefined }
  | {
      readonly kind: "lambda";
      readonly params: readonly Param[];
      readonly body: Source;
      readonly home: Frame;
    }
  /** `str`, `operator.add`, `math.floor`: what the front end knows by name. */
  | { readonly kind: "known"; readonly name: string }
  /** `d.get`, `s.upper`. */
  | { readonly kind: "method"; readonly target: Val; readonly name: string }
  /** Made by the front end out of another one. */
  | {
      readonly kind: "wrapped";
      readonly apply: (value: Val, where: { readonly at: Place; readonly site: string }) => Val;
    }
  | { readonly kind: "partial"; readonly fn: FunctionValue; readonly args: readonly Val[] };

/** What a name stands for. */
export interface Entry {
  readonly val: Val;
  /** The name may have no value here: `val` is an option. */
  readonly maybe?: boolean;
}

/** One `let` of a block. */
export interface LetItem {
  readonly slot: Slot;
  readonly value: Val;
}

/** A function while it is imported. */
export interface Frame {
  /** Names this instance across passes. */
  readonly key: string;
  readonly fn: FunctionSource;
  /** The function around it, for names that are found there. */
  readonly home: Frame | undefined;
  /** Nested functions by name. */
  readonly nested: Map<string, FunctionSource>;
  /** What each name stands for at this point. */
  env: Map<string, Entry>;
  /** What names stand for in the blocks around the one that is being made. */
  readonly around: Map<string, Entry>[];
  /** The lets of the block that is being made. */
  lets: LetItem[];
  /** Names that are read after the statement that is being imported, or in it. */
  live: ReadonlySet<string>;
  /** The declared result; undefined where it is found. */
  readonly declared: Ty | undefined;
  /** Parameters and outer names whose objects this function changes for its caller, in order. */
  readonly outs: readonly string[];
  /** Depth of lambdas: changes of outer names cannot leave one. */
  depth: number;
}
