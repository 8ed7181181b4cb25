import { type DescMethod, type DescService, getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "#gen/google/api/annotations_pb.ts";
import type { HttpRule } from "#gen/google/api/http_pb.ts";

/** One way to reach an RPC over HTTP/JSON: a `google.api.http` rule, or one of its additional bindings, compiled. */
export interface HttpBinding {
  readonly service: DescService;
  readonly method: DescMethod;
  /** GET, POST, PATCH or DELETE. */
  readonly verb: string;
  /** The template as it stands in the contract. */
  readonly template: string;
  readonly segments: readonly Segment[];
  /** What follows the last segment's colon: `cancel` in `/v1/generations/{generation_id}:cancel`. */
  readonly customVerb: string;
  /** "*": the body is the whole message; "": the rule takes no body. */
  readonly body: string;
  /** The field of the response that is the answer; "" for the whole message. */
  readonly responseBody: string;
}

/** A literal segment, or a variable that takes one whole segment. */
export type Segment = { readonly literal: string } | { readonly field: string };

/** A binding with what its variables took from the path, percent-decoded. */
export interface HttpMatch {
  readonly binding: HttpBinding;
  readonly variables: Readonly<Record<string, string>>;
}

/** All bindings of the services, in the order of the contract. Throws on a template that this reader does not know. */
export function httpBindings(services: readonly DescService[]): readonly HttpBinding[] {
  return services.flatMap((service) => service.methods.flatMap((method) => methodBindings(service, method)));
}

function methodBindings(service: DescService, method: DescMethod): HttpBinding[] {
  if (!hasOption(method, http)) return [];
  const rule = getOption(method, http);
  return [rule, ...rule.additionalBindings].map((one) => compile(service, method, one));
}

function compile(service: DescService, method: DescMethod, rule: HttpRule): HttpBinding {
  const { case: verb, value } = rule.pattern;
  if (verb === undefined || verb === "custom")
    throw new Error(`${method.name}: an HTTP rule has no plain verb`);
  const colon = value.indexOf(":", value.lastIndexOf("/"));
  const path = colon < 0 ? value : value.slice(0, colon);
  const segments = path
    .split("/")
    .slice(1)
    .map((text) => segment(text, method));
  return {
    service,
    method,
    verb: verb.toUpperCase(),
    template: value,
    segments,
    customVerb: colon < 0 ? "" : value.slice(colon + 1),
    body: rule.body,
    responseBody: rule.responseBody,
  };
}

function segment(text: string, method: DescMethod): Segment {
  if (!text.includes("{")) return { literal: text };
  const name = /^\{([a-z_]+)\}$/.exec(text)?.[1];
  if (name === undefined) throw new Error(`${method.name}: cannot read the path segment "${text}"`);
  return { field: name };
}

/**
 * Finds bindings by verb and path. A variable takes exactly one segment; a literal beats a variable; a
 * trailing slash is ignored.
 */
export class HttpRoutes {
  readonly #byShape = new Map<string, HttpBinding[]>();

  /** Routes for all bindings. Throws when two bindings would answer the same path. */
  constructor(bindings: readonly HttpBinding[]) {
    for (const binding of bindings) {
      const shape = `${binding.verb} ${binding.segments.length} ${binding.customVerb}`;
      const list = this.#byShape.get(shape) ?? [];
      if (list.some((other) => sameTemplate(other, binding)))
        throw new Error(`two rules for ${binding.verb} ${binding.template}`);
      list.push(binding);
      list.sort((a, b) => variables(a) - variables(b));
      this.#byShape.set(shape, list);
    }
  }

  /** The binding for a path without its query, or undefined. Malformed percent escapes match nothing. */
  match(verb: string, path: string): HttpMatch | undefined {
    const trimmed = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
    const colon = trimmed.indexOf(":", trimmed.lastIndexOf("/"));
    const customVerb = colon < 0 ? "" : trimmed.slice(colon + 1);
    const segments = (colon < 0 ? trimmed : trimmed.slice(0, colon)).split("/").slice(1);
    for (const binding of this.#byShape.get(`${verb} ${segments.length} ${customVerb}`) ?? []) {
      const taken = take(binding, segments);
      if (taken !== undefined) return { binding, variables: taken };
    }
    return undefined;
  }
}

function take(binding: HttpBinding, segments: readonly string[]): Record<string, string> | undefined {
  const taken: Record<string, string> = {};
  for (const [index, wanted] of binding.segments.entries()) {
    const found = segments[index] ?? "";
    if ("literal" in wanted) {
      if (wanted.literal !== found) return undefined;
      continue;
    }
    if (found === "") return undefined;
    try {
      taken[wanted.field] = decodeURIComponent(found);
    } catch {
      return undefined;
    }
  }
  return taken;
}

const variables = (binding: HttpBinding): number => binding.segments.filter((one) => "field" in one).length;

function sameTemplate(a: HttpBinding, b: HttpBinding): boolean {
  return a.segments.every((one, index) => {
    const other = b.segments[index];
    if (other === undefined) return false;
    return "literal" in one ? "literal" in other && other.literal === one.literal : "field" in other;
  });
}
