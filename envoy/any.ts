/** A piece of Envoy configuration. */
export type Json = { readonly [key: string]: unknown };

/** A `google.protobuf.Any`: the configuration with the type that Envoy reads it as. */
export function any(type: string, config: Json = {}): Json {
  return { "@type": `type.googleapis.com/envoy.${type}`, ...config };
}

/** A filter of the HTTP connection manager. */
export function httpFilter(name: string, type: string, config: Json = {}): Json {
  return { name: `envoy.filters.http.${name}`, typed_config: any(`extensions.filters.http.${type}`, config) };
}

/** A duration as protobuf's JSON writes it. */
export function seconds(value: number): string {
  return `${value}s`;
}
