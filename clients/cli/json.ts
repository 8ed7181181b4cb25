import {
  createRegistry,
  type DescMessage,
  type JsonValue,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import { file_anrf_auth_v1_auth_service } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { file_anrf_execution_v1_execution_service } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { file_anrf_feedback_v1_feedback_service } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { file_anrf_generation_v1_generation_service } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { file_anrf_intent_v1_intent_service } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { file_anrf_models_v1_models_service } from "#gen/anrf/models/v1/models_service_pb.ts";
import { file_anrf_registry_v1_registry_service } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { file_anrf_verification_v1_verification_service } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { file_anrf_view_v1_view_service } from "#gen/anrf/view/v1/view_service_pb.ts";
import { file_google_rpc_error_details } from "#gen/google/rpc/error_details_pb.ts";

/** Types that JSON may name: those of the services and the details of errors. */
export const REGISTRY = createRegistry(
  file_anrf_auth_v1_auth_service,
  file_anrf_execution_v1_execution_service,
  file_anrf_feedback_v1_feedback_service,
  file_anrf_generation_v1_generation_service,
  file_anrf_intent_v1_intent_service,
  file_anrf_models_v1_models_service,
  file_anrf_registry_v1_registry_service,
  file_anrf_verification_v1_verification_service,
  file_anrf_view_v1_view_service,
  file_google_rpc_error_details,
);

/** A message as REST writes it: zeros and empty texts are printed, what is unset is not. */
export function jsonOf<D extends DescMessage>(schema: D, message: MessageShape<D>): JsonValue {
  return toJson(schema, message, { registry: REGISTRY, alwaysEmitImplicit: true });
}
