import { getOption } from "@bufbuild/protobuf";
import { BuiltinSchema, BuiltinTier, builtin } from "#gen/anrf/v1/builtins_pb.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";

/** The minor version of the format that this code writes and the newest that it reads. */
export const SUPPORTED_MINOR = 0;

const SINCE: ReadonlyMap<number, number> = new Map(
  BuiltinSchema.values.map((value) => [
    value.number,
    value.number === 0 ? 0 : getOption(value, builtin).sinceMinor,
  ]),
);

/** The least minor version whose readers understand the module: that of the newest builtin in it. */
export function minReaderMinor(module: Module): number {
  let least = 0;
  for (const fn of module.functions) {
    for (const node of fn.nodes) {
      if (node.kind.case !== "builtinCall") continue;
      const since = SINCE.get(node.kind.value.builtin) ?? 0;
      if (since > least) least = since;
    }
  }
  return least;
}

/** What this code can do beyond the core of the language, by the names that headers use. */
export const SUPPORTED_FEATURES: ReadonlySet<string> = new Set(["HOST_MATH"]);

const HOST: ReadonlySet<number> = new Set(
  BuiltinSchema.values
    .filter((value) => value.number !== 0 && getOption(value, builtin).tier === BuiltinTier.HOST)
    .map((value) => value.number),
);

/** The features that a module needs beyond the core: HOST_MATH where it calls a builtin of the host tier. */
export function requiredFeatures(module: Module): readonly string[] {
  const needsHost = module.functions.some((fn) =>
    fn.nodes.some(({ kind }) => kind.case === "builtinCall" && HOST.has(kind.value.builtin)),
  );
  return needsHost ? ["HOST_MATH"] : [];
}

/** True for a number that the catalogue of this version has. */
export function isKnownBuiltin(number: number): boolean {
  return number !== 0 && SINCE.has(number);
}
