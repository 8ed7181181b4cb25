import { deserialize, serialize } from "node:v8";
import type { ContractMode } from "#anrf/interpret/code.ts";
import type { Limits } from "./limits.ts";

/** One run, as the sandbox gets it. */
export interface RunRequest {
  /** The .anrf file. */
  readonly artifact: Uint8Array;
  /** Its digest, by which the worker keeps what it has made of it. */
  readonly digest: string;
  /** undefined: the entry. */
  readonly function: string | undefined;
  /** An encoded google.protobuf.Value; undefined beside typed arguments. */
  readonly inputs: Uint8Array | undefined;
  /** Encoded anrf.v1.Values, one a parameter. */
  readonly args: readonly Uint8Array[];
  readonly contracts: ContractMode;
  readonly limits: Limits;
  /** Checks the inputs and stops. */
  readonly validateOnly: boolean;
}

/** One line that the engine has to say. */
export interface RunLog {
  readonly code: "CONTRACT_VIOLATED" | "TRAP" | "LIMIT_NEAR" | "DEPRECATED_BUILTIN";
  readonly message: string;
  readonly function: string;
  readonly node: number | undefined;
}

/** Why a run ended without a value. */
export interface RunTrap {
  /** Such as DIV_ZERO. */
  readonly code: string;
  readonly function: string;
  readonly node: number | undefined;
  readonly message: string;
  /** Half-open range of the intent, in code points. */
  readonly span: { readonly start: number; readonly end: number } | undefined;
}

/** What a run used. */
export interface RunUsage {
  readonly fuelUsed: number;
  readonly depthUsed: number;
  readonly memoryBytes: number;
  readonly prepareMs: number;
  readonly runMs: number;
}

/** What comes back. */
export type RunAnswer =
  | {
      readonly kind: "value";
      readonly output: Uint8Array;
      readonly logs: readonly RunLog[];
      readonly usage: RunUsage;
    }
  | {
      readonly kind: "trap";
      readonly trap: RunTrap;
      readonly logs: readonly RunLog[];
      readonly usage: RunUsage;
    }
  /** An input is wrong. */
  | { readonly kind: "input"; readonly path: string; readonly message: string; readonly tooDeep: boolean }
  /** The program cannot be run. */
  | {
      readonly kind: "program";
      readonly reason:
        | "PROGRAM_INVALID"
        | "ANRF_MINOR_UNSUPPORTED"
        | "ANRF_UNKNOWN_CONTENT"
        | "ENGINE_UNAVAILABLE";
      readonly message: string;
      readonly metadata: Readonly<Record<string, string>>;
    }
  /** The program has no such function. */
  | { readonly kind: "function"; readonly message: string }
  | { readonly kind: "valid" };

/** Structured clone on the way to the sandbox and back: both ends are of one build. */
export function encodeMessage(message: RunRequest | RunAnswer): Uint8Array {
  return serialize(message);
}

/** The request as the sandbox sees it. */
export function decodeRequest(bytes: Uint8Array): RunRequest {
  return deserialize(bytes) as RunRequest;
}

/** The answer as the service sees it. */
export function decodeAnswer(bytes: Uint8Array): RunAnswer {
  return deserialize(bytes) as RunAnswer;
}
