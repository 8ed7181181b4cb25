import type { Annotations, Spec } from "#gen/anrf/v1/artifact_pb.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";

/** What a view shows: a checked module, and what goes with it. */
export interface Shown {
  readonly module: Module;
  readonly annotations?: Annotations | undefined;
  readonly spec?: Spec | undefined;
}
