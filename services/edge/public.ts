import { createRegistry, type DescService } from "@bufbuild/protobuf";
import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import { file_google_rpc_error_details } from "#gen/google/rpc/error_details_pb.ts";

/** The services that the gateway offers. */
export const PUBLIC_SERVICES: readonly DescService[] = [
  IntentService,
  GenerationService,
  RegistryService,
  ViewService,
  VerificationService,
  ExecutionService,
  ModelService,
  FeedbackService,
  AuthService,
];

/** Types that JSON may name: those of the services and the details of errors. */
export const REGISTRY = createRegistry(
  ...PUBLIC_SERVICES.map((service) => service.file),
  file_google_rpc_error_details,
);
