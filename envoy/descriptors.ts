import {
  clone,
  create,
  fromBinary,
  getExtension,
  hasExtension,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { http } from "#gen/google/api/annotations_pb.ts";
import { HttpRuleSchema } from "#gen/google/api/http_pb.ts";
import { PUBLIC_SERVICES } from "../services/edge/public.ts";

/**
 * The descriptor set that Envoy's transcoder reads: the contract, and for each unary public RPC one more binding,
 * `POST /package.Service/Method` with the whole message as its body. That is Connect's unary JSON. An RPC that answers
 * with a file has none: it is UNIMPLEMENTED there.
 */
export function envoyDescriptors(image: Uint8Array): Uint8Array {
  const set: FileDescriptorSet = fromBinary(FileDescriptorSetSchema, image);
  const names = new Set(PUBLIC_SERVICES.map((service) => service.typeName));
  for (const file of set.file) {
    for (const service of file.service) {
      const typeName = `${file.package}.${service.name}`;
      if (!names.has(typeName)) continue;
      for (const method of service.method) {
        if (method.options === undefined || method.serverStreaming || !hasExtension(method.options, http))
          continue;
        const rule = clone(HttpRuleSchema, getExtension(method.options, http));
        // The transcoder would answer with the raw file, by whichever binding the request came.
        if (rule.responseBody !== "") continue;
        const post = `/${typeName}/${method.name}`;
        rule.additionalBindings.push(
          create(HttpRuleSchema, { pattern: { case: "post", value: post }, body: "*" }),
        );
        setExtension(method.options, http, rule);
      }
    }
  }
  return toBinary(FileDescriptorSetSchema, set);
}
