import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { HttpBinding } from "#platform/rpc/http-rules.ts";

/** A REST request, as the contract's HTTP rule says it. */
export interface RestRequest {
  readonly verb: string;
  /** With the query. */
  readonly path: string;
  readonly body: string | undefined;
}

/** Puts the fields of a message, given as its JSON, where a binding wants them: path, query or body. */
export function restRequest(binding: HttpBinding, message: JsonObject): RestRequest {
  const rest = { ...message };
  const path = binding.segments
    .map((one) => ("literal" in one ? one.literal : take(rest, one.field)))
    .join("/");
  const verb = binding.customVerb === "" ? "" : `:${binding.customVerb}`;
  if (binding.body !== "") return { verb: binding.verb, path: `/${path}${verb}`, body: JSON.stringify(rest) };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) add(query, name, value);
  const search = query.size === 0 ? "" : `?${query}`;
  return { verb: binding.verb, path: `/${path}${verb}${search}`, body: undefined };
}

function take(message: JsonObject, field: string): string {
  const name = field.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const value = message[name];
  if (value === undefined) throw new Error(`the request has no ${name} for its path`);
  delete message[name];
  return encodeURIComponent(String(value));
}

function add(query: URLSearchParams, name: string, value: JsonValue): void {
  if (Array.isArray(value)) for (const item of value) add(query, name, item);
  else if (typeof value === "object" && value !== null) {
    for (const [inner, one] of Object.entries(value)) add(query, `${name}.${inner}`, one);
  } else query.append(name, String(value));
}
