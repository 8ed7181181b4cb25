import { clone, create } from "@bufbuild/protobuf";
import { type ArtifactParts, makeArtifact } from "#anrf/program/artifact.ts";
import { valueToProto } from "#anrf/program/value-proto.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import type { Constraint, Hint, StructuredIntent } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import {
  type Annotations,
  AnnotationsSchema,
  type Artifact,
  ClauseKind,
  ExampleSchema,
  Origin,
  type Spec,
  SpecConstraintSchema,
  SpecSchema,
} from "#gen/anrf/v1/artifact_pb.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { Clause } from "./clauses.ts";
import type { Judged } from "./judge.ts";
import type { SynthTask, TaskExample } from "./task.ts";

/** What a task came from, as the file of its program says it. */
export interface Source {
  readonly intent: StructuredIntent;
  readonly constraints: readonly Constraint[];
  /** UUID of the analysis; "" without one. */
  readonly analysisId: string;
  /** The words as they were sent; "" if only the intent is known: then no span means anything. */
  readonly text: string;
}

/** Which program writes the files. */
export const PRODUCER: Pick<ArtifactParts, "producer" | "producerVersion"> = {
  producer: "anrf-generation",
  producerVersion: "1",
};

/** The file of a program without evidence: enough to verify it. */
export function fileOf(judged: Judged, spec: Spec, source: Source): Artifact {
  const { module } = judged.built;
  return makeArtifact({ module, spec, annotations: annotationsOf(judged, source), ...PRODUCER });
}

/** What was asked for, with the clauses that every program of the task carries. */
export function specOf(task: SynthTask, source: Source, carried: readonly Clause[]): Spec {
  const { intent, constraints, analysisId, text } = source;
  const hasSpans = text !== "";
  return create(SpecSchema, {
    intentId: analysisId,
    intentText: hasSpans ? text : task.summary,
    languageTag: intent.languageTag,
    constraints: constraints.map((one) =>
      create(SpecConstraintSchema, {
        text: one.text,
        ...(hasSpans && one.span !== undefined ? { span: { ...one.span } } : {}),
        clauses: linksOf(one, carried),
      }),
    ),
    examples: task.examples.flatMap((one) => exampleOf(one, task)),
  });
}

function linksOf(constraint: Constraint, carried: readonly Clause[]) {
  return (["requires", "ensures"] as const).flatMap((kind) =>
    carried
      .filter((clause) => clause.kind === kind)
      .flatMap((clause, index) =>
        clause.label === constraint.text && constraint.clauses.includes(clause.text)
          ? [{ function: 0, kind: kind === "requires" ? ClauseKind.REQUIRES : ClauseKind.ENSURES, index }]
          : [],
      ),
  );
}

/** `ANY` has no place in a file, since a file names one trap. */
function exampleOf({ args, expected, tolerance }: TaskExample, task: SynthTask) {
  const made = create(ExampleSchema, {
    args: task.params.map(({ type }, index) => valueToProto(args[index] ?? null, type)),
    origin: Origin.USER,
    ...(tolerance > 0 ? { absTolerance: tolerance } : {}),
  });
  if ("value" in expected)
    made.expected = { case: "result", value: valueToProto(expected.value, task.result) };
  else {
    const code = Object.entries(TrapCode).find(([name]) => name === expected.trap)?.[1];
    if (code === undefined) return [];
    made.expected = { case: "trap", value: code };
  }
  return [made];
}

/** Names and docs of the build, and for each builtin that words suggested, the span of those words. */
export function annotationsOf({ built }: Judged, { intent, text }: Source): Annotations {
  const annotations = clone(AnnotationsSchema, built.annotations);
  const spanned = new Map<string, Hint["span"]>();
  for (const hint of intent.goal?.hints ?? [])
    if (hint.span !== undefined) spanned.set(hint.builtin, hint.span);
  built.module.functions.forEach(({ nodes }, index) => {
    const notes = annotations.functions[index];
    if (notes === undefined) return;
    notes.nodeOrigin = nodes.map(() => Origin.SYNTHESIS);
    if (text === "") return;
    notes.nodeSpan = nodes.map(({ kind }) => {
      const id = kind.case === "builtinCall" ? builtinByNumber(kind.value.builtin)?.id : undefined;
      const span = id === undefined ? undefined : spanned.get(id);
      return span === undefined ? 0 : placeOf(annotations, span);
    });
  });
  return annotations;
}

/** Index + 1 of a span, which is added once. */
function placeOf({ spans }: Annotations, { start, end, $typeName }: NonNullable<Hint["span"]>): number {
  const known = spans.findIndex((one) => one.start === start && one.end === end);
  return known >= 0 ? known + 1 : spans.push({ $typeName, start, end });
}
