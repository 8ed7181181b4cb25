import { create, toJson } from "@bufbuild/protobuf";
import { AnnotationsSchema, SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";
import { plainJson } from "./escape.ts";
import type { Shown } from "./shown.ts";

/** ProtoJSON of module, spec and annotations, indented by two blanks. */
export function json({ module, spec, annotations }: Shown): string {
  const whole = {
    module: toJson(ModuleSchema, module),
    spec: toJson(SpecSchema, spec ?? create(SpecSchema)),
    annotations: toJson(AnnotationsSchema, annotations ?? create(AnnotationsSchema)),
  };
  return `${plainJson(JSON.stringify(whole, undefined, 2))}\n`;
}
