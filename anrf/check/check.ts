import { MAX_MODULE_BYTES } from "#anrf/program/artifact.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { unknownContent } from "#anrf/program/unknown.ts";
import { minReaderMinor } from "#anrf/program/version.ts";
import { isSupported } from "#anrf/std/supported.ts";
import type { ArtifactHeader } from "#gen/anrf/v1/artifact_pb.ts";
import { type Diagnostic, DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";
import { checkClauses, checkRecursion } from "./contracts.ts";
import { Findings } from "./findings.ts";
import { Inference } from "./infer.ts";
import { checkOrder } from "./order.ts";
import { checkIndices, checkScopes, checkTrees, type Trees } from "./structure.ts";
import { type TypeTable, textOf, typeTable } from "./types.ts";

/** What else is known of a module. */
export interface CheckOptions {
  /** The bytes as stored: then V18 holds them against the profile, byte by byte. */
  readonly bytes?: Uint8Array;
  /** The header of the file: then V20 computes it again. */
  readonly header?: ArtifactHeader;
  /** Which builtins the engine runs; without it those of this build. V23 asks. */
  readonly runs?: (builtin: number) => boolean;
}

/**
 * All diagnostics of a module by the rules V01 to V20, V22 and V23 (anrf.md §11), at most 200. Loops over the table,
 * linear in its size; it never throws, whatever the module holds. Rules that stand on a broken one are not asked.
 */
export function check(module: Module, options: CheckOptions = {}): readonly Diagnostic[] {
  const findings = new Findings();
  const unknown = unknownContent(module);
  if (unknown !== undefined) {
    findings.inFunction(unknown.function);
    findings.add("V19", `the module has ${unknown.what}`, unknown.node);
    return findings.all();
  }
  if (options.bytes !== undefined && options.bytes.length > MAX_MODULE_BYTES) {
    findings.add(
      "V01",
      `the module has ${options.bytes.length} bytes, at most ${MAX_MODULE_BYTES} are allowed`,
    );
  }
  const table = typeTable(module, findings);
  if (table !== undefined && checkIndices(module, findings)) {
    checkFunctions(table, findings, options.runs ?? isSupported);
  }
  checkOutside(module, options, findings);
  return findings.all();
}

/** True where a module with these diagnostics may be stored and run: errors refuse it, warnings do not. */
export function isSound(diagnostics: readonly Diagnostic[]): boolean {
  return !diagnostics.some((one) => one.severity === DiagnosticSeverity.ERROR);
}

function checkFunctions(table: TypeTable, findings: Findings, runs: (builtin: number) => boolean): void {
  const { module } = table;
  const [first] = module.functions;
  if (first === undefined) return;
  const inference = new Inference(table, findings, first, runs);
  const all: Trees[] = [];
  module.functions.forEach((def, index) => {
    findings.inFunction(index);
    const trees = checkTrees(def, findings);
    inference.check(def);
    if (trees === undefined) return;
    all.push(trees);
    checkScopes(def, trees, findings);
    checkClauses(table, def, trees, findings);
  });
  findings.inFunction(undefined);
  checkEntry(table, findings);
  checkRecursion(module, findings);
  if (all.length === module.functions.length) checkOrder(table, all, findings);
}

/** V17: parameters and result of the entry can be sent. */
function checkEntry(table: TypeTable, findings: Findings): void {
  const { module } = table;
  const entry = module.functions[module.entry];
  if (entry === undefined) return;
  findings.inFunction(module.entry);
  for (const local of entry.locals.slice(0, entry.paramCount)) {
    if (table.has.function[local.type] === 1) {
      findings.add(
        "V17",
        `the entry has a parameter of type ${textOf(table, local.type)}, which cannot be sent`,
      );
    }
  }
  if (table.has.function[entry.resultType] === 1) {
    findings.add("V17", `the entry gives ${textOf(table, entry.resultType)}, which cannot be sent`);
  }
  findings.inFunction(undefined);
}

/** V18 for the bytes, V20 for the header, V22 for the environment, which allows no extension yet. */
function checkOutside(module: Module, { bytes, header }: CheckOptions, findings: Findings): void {
  if (bytes !== undefined && isSound(findings.all()) && !sameBytes(bytes, moduleBytes(module))) {
    findings.add("V18", "the bytes of the module are not those that the profile writes for its content");
  }
  const needed = minReaderMinor(module);
  if (header !== undefined && header.minReaderMinor !== needed) {
    findings.add("V20", `the header asks for minor ${header.minReaderMinor}, the module needs ${needed}`);
  }
  for (const one of module.extensions) {
    findings.add("V22", `the extension "${one.name.slice(0, 64)}" is not on the allow list, which is empty`);
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
