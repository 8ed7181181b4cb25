import type { Json } from "./any.ts";
import type { EnvoySettings } from "./settings.ts";

const MIB = 1024 * 1024;

/** How the JSON transcoder is set; a route may stream JSON lines, or take large bodies. */
export function transcoder(
  settings: EnvoySettings,
  services: readonly string[],
  options: { readonly lines?: boolean; readonly largeBodies?: boolean } = {},
): Json {
  return {
    proto_descriptor: settings.descriptorsPath,
    services: [...services],
    convert_grpc_status: true,
    case_insensitive_enum_parsing: true,
    print_options: {
      always_print_primitive_fields: true,
      ...(options.lines === true ? { stream_newline_delimited: true } : { stream_sse_style_delimited: true }),
    },
    request_validation_options: {
      reject_unknown_method: true,
      reject_unknown_query_parameters: true,
      reject_binding_body_field_collisions: true,
    },
    max_request_body_size: options.largeBodies === true ? 8 * MIB : MIB,
    max_response_body_size: 16 * MIB,
  };
}
